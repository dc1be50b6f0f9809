import { canonicalJson } from "../../data/runs.ts";
import type { Effect, InsertAction, Referrer } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { keptOf } from "../../define/kept-columns.ts";
import { partsOf, sharedOf, type WholeMigration } from "../../define/several.ts";
import { givenKey } from "../../define/target-key.ts";
import { hasDefault } from "../../define/value.ts";
import { levelColumn, namesItself } from "../above-columns.ts";
import { linkColumns } from "../columns.ts";
import { type PinnedReferrer, writtenAbove } from "../references/above.ts";
import { pinChosen } from "../references/choices.ts";
import { type StagedFrom, stagedFrom } from "../rows.ts";
import { type PinnedExport, type PinnedMapping, pinExport, pinMappings } from "../shown/export.ts";
import type { WrittenJson } from "../target/json-columns.ts";
import { keyColumnsOf, type PinnedKey, pinnedKey } from "../target-key.ts";
import { type PinnedLook, pinLook } from "./look.ts";
import { personalColumns } from "./personal.ts";
import { type PinnedCheck, type PinnedItem, pinChecks, pinItems } from "./proof.ts";

/** A platform table that waves create rows in. */
export interface PinnedTarget {
  readonly table: string;
  /** The first column of its key. */
  readonly id: string;
  /** The key, where it is not one integer that the platform draws. */
  readonly key?: PinnedKey;
  /** The columns a wave gives a value, the key first. */
  readonly written: readonly string[];
  /**
   * Columns that name rows above, whose keys may be others the next time, or that the platform's default may fill: two rounds
   * of a wave do not compare them.
   */
  readonly redrawn?: readonly string[];
  /** Columns that waves change of rows that were there; none where they change no row. */
  readonly updated?: readonly string[];
  /** Whether it is an ordinary table at this moment, whose rows say what wrote them; no part of a stored pin. */
  readonly ordinary?: boolean;
  /** Columns that the platform keeps by itself, as the definition says: what they hold is compared by nobody. */
  readonly kept?: readonly string[];
  /**
   * The columns that the platform makes by itself at this moment, and those that it keeps, as they are called now: no wave
   * wrote them; no part of a stored pin either.
   */
  readonly made?: readonly string[];
  /** The columns of JSON at this moment, as they are called now; no part of a stored pin either. */
  readonly json?: readonly WrittenJson[];
}

/** One kind of things: where its rows are staged, and what exports show of them. */
export interface PinnedEntity {
  /** Its name, of a migration of several; null where there is but one. */
  readonly name: string | null;
  /** Staging tables, all in the schema `wavegate`, and the columns that keep ids of the platform. */
  readonly staging: StagedFrom & {
    /** The view of them all. */
    readonly rows: string;
    readonly ids: readonly string[];
    /** The column of decisions by which rows stand above others of their kind, where it refers to itself. */
    readonly level?: string;
  };
  readonly exported: PinnedExport;
}

/**
 * What a run needs of its definition once it is reviewed, in words of no migration: looking, verifying,
 * taking back and exporting rest on it, whatever has become of the definition or of this program since
 * (D35). It is stored with the run; `format` says how to read it. Names are quoted where they are used;
 * its SQL (`checks`, the expressions of staged columns) is run by the stages' role alone, which wrote it.
 */
export interface Pin {
  readonly format: 3;
  /** In the order in which waves write into them; they are taken back in the reverse. */
  readonly targets: readonly PinnedTarget[];
  readonly guarded: readonly string[];
  /** Every platform table that is read or written: hidden rows in one of them would make duplicates. */
  readonly read: readonly string[];
  readonly refersTo: readonly Referrer[];
  /** What rows that waves write refer to among those that they write before: taken back together. */
  readonly refersAbove?: readonly PinnedReferrer[];
  readonly effects: Readonly<Record<string, Effect>>;
  /** In their order. */
  readonly entities: readonly PinnedEntity[];
  readonly mappings: readonly PinnedMapping[];
  readonly checks: readonly PinnedCheck[];
  /** Columns that hold personal data, in staging and in the source. */
  readonly personal: readonly string[];
  /** The go/no-go list. */
  readonly items: readonly PinnedItem[];
}

/**
 * Compiles the pin of a definition. Two definitions of one digest have one pin: the order of keys, which
 * a database does not keep, is taken away before.
 */
export function compilePin(definition: WholeMigration): Pin {
  const whole: WholeMigration = JSON.parse(canonicalJson(definition));
  const parts = partsOf(whole);
  const { guarded, reads, references, effects = {}, refersTo = [] } = whole;
  const actions = parts.flatMap(({ entity }) =>
    Object.values(entity.actions).map((action) => ({ ...action, updates: updatesOf(entity) })),
  );
  const targets = new Map<string, PinnedTarget>();
  for (const { into, id, values, updates } of actions) {
    const columns = keyColumnsOf(id);
    const before = targets.get(into);
    const key = pinnedKey(id);
    const updated = Object.keys(updates);
    const all = (some: readonly string[], more: readonly string[] = []) => [
      ...new Set([...more, ...some]),
    ];
    targets.set(into, {
      table: into,
      id: columns[0] as string,
      ...(key === undefined
        ? {}
        : { key: { ...key, drawn: key.drawn || before?.key?.drawn === true } }),
      written: all([...Object.keys(values), ...updated], before?.written ?? columns),
      ...listed(
        "redrawn",
        all(redrawn({ ...values, ...updates, ...givenKey(id) }), before?.redrawn),
      ),
      ...listed("updated", all(updated, before?.updated).sort()),
      ...listed("kept", keptOf(effects, into)),
    });
  }
  return {
    format: 3,
    targets: [...targets.values()],
    guarded,
    read: [
      ...new Set([
        ...targets.keys(),
        ...guarded,
        ...reads,
        ...parts.flatMap(({ entity }) => entity.match.against.map(({ table }) => table)),
        ...Object.values(references).map(({ platform }) => platform.table),
      ]),
    ],
    refersTo,
    refersAbove: parts.flatMap(writtenAbove),
    effects,
    entities: parts.map((part) => ({
      name: part.part ?? null,
      staging: {
        rows: part.entity.staging.table,
        ...stagedFrom(part),
        ids: linkColumns(part),
        ...(namesItself(part) ? { level: levelColumn } : {}),
      },
      exported: pinExport(part),
    })),
    mappings: [...pinMappings(sharedOf(whole)), ...pinChosen(whole)],
    checks: pinChecks(whole),
    items: pinItems(whole),
    personal: [...new Set(parts.flatMap(personalColumns))],
  };
}

const redrawn = (values: InsertAction["values"]): readonly string[] =>
  Object.entries(values).flatMap(([column, value]) =>
    "of" in value || hasDefault(value) ? [column] : [],
  );

/** What a target has some columns as, if there are any. */
const listed = (
  as: "redrawn" | "updated" | "kept",
  columns: readonly string[],
): Partial<PinnedTarget> => (columns.length === 0 ? {} : { [as]: columns });

/** What is stored with a run: its pin, and what people's questions about its rows rest on, which is read apart. */
export const storedPin = (definition: WholeMigration): Pin & { readonly look: PinnedLook } => ({
  ...compilePin(definition),
  look: pinLook(definition),
});

/** Tables whose touches are told by the name the definition gives them. */
export const watched = ({ targets, guarded }: Pin): string[] => [
  ...new Set([...targets.map(({ table }) => table), ...guarded]),
];
