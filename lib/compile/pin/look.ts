import { identifier, literal } from "../../data/sql.ts";
import type { Condition, Field, MainKind, Migration } from "../../define/definition.ts";
import { columnsRead } from "../../define/fields.ts";
import { isUpdated } from "../../define/identity.ts";
import { decisionColumns, lookedAt } from "../../define/looked-at.ts";
import {
  engineReasons,
  noRoomSays,
  type ReasonSaid,
  reasonsOfCopies,
  reasonsThere,
} from "../../define/reasons.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { stateColumn } from "../above-columns.ts";
import { fieldsOf, importedColumn, mainField, nameForms, valueColumn } from "../columns.ts";
import { compileCondition, referenceAlias } from "../condition.ts";
import { legacyIdType, planOf } from "../keys.ts";
import { pinChoices } from "../references/choices.ts";
import { stagingTable } from "../rows.ts";
import { changeMasks } from "../shown/export.ts";
import { type LookMask, masksOf } from "../shown/masks.ts";
import { type PinnedReference, pinReferences } from "../shown/references.ts";
import { commonOf, type PinnedCommon } from "./common.ts";
import { inWords } from "./condition-words.ts";
import { ofField } from "./used-columns.ts";
import { type PinnedAction, pinWrites } from "./writes.ts";

export type { LookMask } from "../shown/masks.ts";

/** A rule of a definition, as it stands on one row. */
interface PinnedRule {
  /** `validation`, a decision's column in words, or `plan`. */
  readonly about: string;
  readonly rule: string;
  readonly outcome: string;
  /** A condition over {@link askedFrom}; run only in a transaction that may not write. */
  readonly sql: string;
  /** What it looks at, with the staged column that it stands in. */
  readonly looks: readonly (readonly [name: string, column: string])[];
}

/** What of a kind is shown of a row: the value, and what the legacy system had. */
export interface PinnedField {
  readonly value: string;
  readonly raw: string;
  /** The column of what the import made of it, where the value is that or nothing: an address that too many share. */
  readonly imported?: string;
  /** Of a phone: whose numbers are meant where nothing says it (D3). */
  readonly region?: string;
}

/**
 * What people ask about a run's rows: why one was judged so, which were sampled, what is mapped to what, a list
 * of them. It rests on this, in words of no migration, whatever became of the definition or of this program.
 */
export interface PinnedLook {
  readonly format: 1;
  readonly title: string;
  /** What pages show instead of its sentences and names, by language. */
  readonly translations?: WholeMigration["translations"];
  /** Its kinds of things, in their order. */
  readonly parts: readonly PinnedRows[];
}

/** What is asked about the rows of one kind of things. */
export interface PinnedRows {
  /** The legacy tables whose rows are staged. */
  readonly sources: readonly string[];
  /** The view of staged rows, in the schema `wavegate`. */
  readonly rows: string;
  /** Whether legacy ids are texts; else they are integers. */
  readonly textIds: boolean;
  readonly masks: readonly (readonly [column: string, mask: LookMask])[];
  /** By source column: the findings that say that its value could not be read. */
  readonly unreadable: readonly (readonly [column: string, faults: readonly string[]])[];
  /** Source columns that are a part of a name. */
  readonly nameParts: readonly string[];
  /** The staged column with a folded name, its words sorted; null where nobody has a name. */
  readonly nameKey: string | null;
  readonly main: Readonly<Partial<Record<MainKind, PinnedField>>>;
  /** Other fields, with the column of their value. */
  readonly further: readonly (readonly [name: string, column: string])[];
  /** Columns that the definition decides, in the order in which they are made. */
  readonly decisions: readonly string[];
  readonly rules: readonly PinnedRule[];
  /** Columns of a row that is there which would be written: how each is masked, where not hidden. */
  readonly changes?: readonly (readonly [
    column: string,
    mask: "initials" | "phone" | "email" | "year",
  ])[];
  /** What each action writes; runs that are older have none. */
  readonly writes?: Readonly<Record<string, PinnedAction>>;
  readonly references: readonly PinnedReference[];
  /** What mappings are weighed by: the weightiest first. */
  readonly weights: readonly { readonly id: string; readonly says: string; readonly sql: string }[];
  /** Samples that were asked for. */
  readonly samples: readonly {
    readonly id: string;
    readonly says: string;
    readonly rows: number;
  }[];
  /** Classifications of each focus. */
  readonly focus: Readonly<Record<string, readonly string[]>>;
  /** Why rows are not written, in the definition's words. */
  readonly reasons: Readonly<Record<string, ReasonSaid>>;
  /** Its name, of a migration of several kinds of things. */
  readonly part: string | null;
  /** Every field: the source's columns that it is made of, and the staged column of its value. */
  readonly fields: readonly {
    readonly name: string;
    readonly was: readonly string[];
    readonly value: string;
  }[];
  /** What rows may be classified as. */
  readonly classifications: readonly string[];
  /** By reason of a hold. */
  readonly common: Readonly<Record<string, readonly PinnedCommon[]>>;
}

/** What questions about rows rest on, of a definition. */
export const pinLook = (definition: WholeMigration): PinnedLook => ({
  format: 1,
  title: definition.title,
  ...(definition.translations === undefined ? {} : { translations: definition.translations }),
  parts: partsOf(definition).map(pinRows),
});

function pinRows(migration: Migration): PinnedRows {
  const { entity } = migration;
  const shown = new Set(Object.values(entity.main ?? {}));
  const named = mainField(migration, "name");
  const masks = masksOf(migration);
  return {
    sources: entity.from,
    rows: entity.staging.table,
    textIds: legacyIdType(migration) === "text",
    masks,
    unreadable: Object.entries(entity.fields).flatMap(([name, field]) => unreadableOf(name, field)),
    nameParts: fieldsOf(migration, "name").flatMap(([, { parts }]) => parts),
    nameKey: named === undefined ? null : nameForms(migration, named).key,
    main: mainsOf(migration),
    further: Object.entries(entity.fields)
      .filter(([name, { kind }]) => !shown.has(name) && kind !== "reference")
      .map(([name]) => [name, valueColumn(migration, name)] as const),
    decisions: decisionColumns(migration),
    rules: rulesOf(migration),
    ...(isUpdated(entity) ? { changes: changeMasks(migration) } : {}),
    writes: pinWrites(migration, masks),
    references: [...pinReferences(migration), ...pinChoices(migration)],
    weights: (migration.report.mappings ?? []).map(({ id, says, when }) => ({
      id,
      says,
      sql: compileCondition(when, migration),
    })),
    samples: migration.samples.map(({ id, says, rows }) => ({ id, says, rows })),
    focus: migration.focus.modes,
    reasons: reasonsOf(migration),
    ...pinShown(migration),
  };
}

/** The columns of which a field tells that they could not be read, each with what its findings begin with. */
function unreadableOf(name: string, field: Field): [column: string, faults: string[]][] {
  if (field.kind === "range") return field.parts.map((column) => [column, [name, field.kind]]);
  if ("parts" in field) return [];
  // Of references each tells of its own; the kind's finding is all of theirs.
  const faults = field.kind === "reference" ? [name] : [name, field.kind];
  return columnsRead(field).map((column) => [column, faults]);
}

/** What pages show of rows besides. */
export type PinnedShown = Pick<PinnedRows, "part" | "fields" | "classifications" | "common">;

function pinShown(migration: Migration): PinnedShown {
  const { fields, decide } = migration.entity;
  return {
    part: migration.part ?? null,
    fields: Object.entries(fields).map(([name, field]) => ({
      name,
      was: ofField(field),
      value: valueColumn(migration, name),
    })),
    classifications: [...new Set((decide.classification ?? []).map(({ is }) => is))],
    common: Object.fromEntries(
      planOf(migration).flatMap((line) =>
        "hold" in line ? [[line.hold, commonOf(migration, line)] as const] : [],
      ),
    ),
  };
}

function mainsOf(migration: Migration): PinnedRows["main"] {
  const kinds: readonly MainKind[] = ["name", "phone", "email", "birth_date", "status"];
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const name = mainField(migration, kind);
      if (name === undefined) return [];
      const raw = kind === "phone" || kind === "email" ? `${name}_raw` : name;
      const field = migration.entity.fields[name];
      const region = field?.kind === "phone" ? { region: field.region } : {};
      const value = valueColumn(migration, name);
      const made = importedColumn(migration, name);
      const imported = made === value ? {} : { imported: made };
      return [[kind, { value, raw, ...imported, ...region }]];
    }),
  );
}

function rulesOf(migration: Migration): PinnedRule[] {
  const { entity } = migration;
  const rule = (about: string, says: string, outcome: string, when: Condition): PinnedRule => ({
    about,
    rule: says,
    outcome,
    sql: compileCondition(when, migration),
    looks: [...new Set(lookedAt(when))].map((name) => [name, standsAt(migration, name)]),
  });
  return [
    ...entity.validate.map(({ id, says, when, verdict }) =>
      rule("validation", `${id}: ${says}`, verdict, when),
    ),
    ...decisionColumns(migration).flatMap((column) =>
      (entity.decide[column] ?? []).map(({ is, when }) =>
        rule(column.replaceAll("_", " "), inWords(when, entity.fields), is, when),
      ),
    ),
    ...planOf(migration).map((line) => rule("plan", line.says, outcomeOf(line), line.when)),
  ];
}

function outcomeOf(line: ReturnType<typeof planOf>[number]): string {
  if ("hold" in line) return `hold (${line.hold})`;
  if ("fail" in line) return `fail (${line.fail})`;
  if ("conflict" in line) return `conflict (${line.conflict})`;
  if ("skip" in line) return `skip (${line.skip})`;
  return "link" in line ? "link" : `commit (${line.commit})`;
}

function reasonsOf(migration: Migration): PinnedRows["reasons"] {
  const reasons = new Map<string, ReasonSaid>();
  const note = (name: string, said: ReasonSaid) => {
    if (!reasons.has(name)) reasons.set(name, said);
  };
  for (const line of planOf(migration)) {
    const { says } = line;
    if ("hold" in line) note(line.hold, { says, does: "held" });
    if ("conflict" in line) note(line.conflict, { says, does: "conflict" });
    if ("skip" in line) note(line.skip, { says, does: "skipped" });
    if ("fail" in line) note(line.fail, { says, does: "failed" });
  }
  // No line of the plan: what stands on the platform is held against what an update would make of it (verdict.ts),
  // and a wave holds what cannot be copied.
  const { is, room, actions } = migration.entity;
  const copies = Object.values(actions).some(({ copies: copied }) => copied !== undefined);
  for (const name of [
    ...(is === undefined ? [] : reasonsThere),
    ...(copies ? reasonsOfCopies : []),
  ])
    note(name, engineReasons[name]);
  if (room !== undefined) note(room.hold, { says: noRoomSays(room), does: "held" });
  return Object.fromEntries(reasons);
}

/** FROM clause of what is asked about a row: the staged row `s`, and an alias for each reference. */
export const askedFrom = ({ rows, references }: Pick<PinnedRows, "rows" | "references">): string =>
  [
    `${stagingTable(rows)} s`,
    ...references.map(({ name, column, staging }) => {
      const alias = referenceAlias(name);
      return `left join ${stagingTable(staging.table)} ${alias}
    on ${alias}.run_id = s.run_id and ${alias}.${identifier(staging.id)} = s.${identifier(column)}`;
    }),
  ].join("\n  ");

/** The row's references as JSON, each under its name. */
export const referencesAsJson = ({ references }: Pick<PinnedRows, "references">): string =>
  `(${[
    "'{}'::jsonb",
    ...references.map(
      ({ name }) =>
        `jsonb_build_object(${literal(name)}, to_jsonb(${referenceAlias(name)}.*) - 'run_id')`,
    ),
  ].join(" || ")})`;

/** The staged column of what a rule looks at: of a reference to a kind above, what that row is. */
const standsAt = (migration: Migration, name: string): string =>
  Object.hasOwn(migration.entity.refs ?? {}, name)
    ? stateColumn(name)
    : valueColumn(migration, name);
