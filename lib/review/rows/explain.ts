import { rowColumn, stateColumn } from "../../compile/above-columns.ts";
import {
  askedFrom,
  type LookMask,
  type PinnedLook,
  type PinnedRows,
  referencesAsJson,
} from "../../compile/pin/look.ts";
import { sourceKeyAsJson } from "../../compile/shown/key.ts";
import { type Database, onlyReading } from "../../data/database.ts";
import { isInt64 } from "../../data/exact.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { bigint, raw, type Sql, type SqlValue, sql, uuid } from "../../data/sql.ts";
import { reasonOfEngine } from "../../define/reasons.ts";
import { HIDDEN, initials, maskEmail, maskPhone, yearOf } from "../../evidence/masking.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import { shapeOf, wordOrShape } from "../shape.ts";
import { rowsNumbered } from "./numbered.ts";

/** One rule of the definition as it stands on one row. */
export interface Reason {
  /** `validation`, a decision's column in words, or `plan`. */
  readonly about: string;
  readonly rule: string;
  readonly outcome: string;
  readonly holds: boolean;
  /** The first of its kind that holds, and so the one that decided; validation rules all count. */
  readonly decides: boolean;
  /** What the rule looked at, masked (D20). */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Columns of staged rows that the engine fills with words of its own, among those that rules look at. */
const engineWords: ReadonlySet<string> = new Set([
  ...["there_is", "validation_status", "import_state"],
  ...["duplicate_confidence", "high_hits", "source_duplicate_confidence"],
]);

/**
 * What rules of a kind of things look at of which the engine itself says what it is, in its own words: a row that is
 * referred to, one that is there, duplicates. Anything else is the row's own, whatever word it is.
 */
export const saidByEngine = ({ parts }: PinnedLook, kind: string | null): ReadonlySet<string> =>
  new Set(
    parts
      .filter(({ part }) => part === kind)
      .flatMap(({ rules, fields }) => {
        const own = new Set(fields.map(({ value }) => value));
        return rules
          .flatMap(({ looks }) => looks)
          .filter(([, column]) => !own.has(column))
          .filter(([name, column]) => engineWords.has(column) || column === stateColumn(name))
          .map(([name]) => name);
      }),
  );

/** A staged row with every rule's verdict; nothing here is personal data in the clear. */
export interface Explanation {
  /** The kind of things that it is of, where a migration has several: one table may be read for several. */
  readonly part: string | null;
  readonly row: Readonly<Record<string, unknown>>;
  /** The columns that keep what is decided about such a row, in order. */
  readonly decisions: readonly string[];
  readonly references: Readonly<Record<string, unknown>>;
  readonly reasons: readonly Reason[];
  /** Which rows of the run it refers to, by the references' names: their staged ids. */
  readonly above: Readonly<Record<string, number>>;
  /** What could not be read, by the source's column: its shape only, as in `99/99/9999`. */
  readonly unreadable: Readonly<Record<string, string>>;
  /** What damaged letters may have been, by the source's column, masked like what they would become. */
  readonly proposals: Readonly<Record<string, string>>;
}

/**
 * Which row is meant: its staged id, or its number among its kind of things, or its legacy table and id. By a key with an
 * `@` in it no row is named: whoever thinks of an address would learn whether it is one, and whose row has it (D20).
 */
export type RowRef =
  | { readonly id: number }
  | { readonly table: string; readonly legacyId: string };

/**
 * Evaluates every rule that a run is pinned to on one row, in one statement; undefined: no such row. A number that is no
 * row's id is one among those of a kind. Errors: `RowAmbiguous` where a legacy row was read for several kinds of things,
 * and each has a row of it, or where several have a row of that number.
 */
export async function explain(
  db: Database,
  run: Run,
  ref: RowRef,
  known?: PinnedLook,
): Promise<Explanation | undefined> {
  if ("legacyId" in ref && mayBeAddress(ref.legacyId)) return undefined;
  const look = known ?? (await lookOf(db, run));
  const all: Explanation[] = [];
  for (const part of look.parts) {
    if ("table" in ref && !mayHave(part, ref)) continue;
    const found = await explainPart(db, run, part, ref);
    if (found !== undefined && "id" in ref) return found;
    if (found !== undefined) all.push(found);
  }
  if ("id" in ref) {
    const [id, ...others] = await rowsNumbered(db, run, look, ref.id);
    if (id === undefined || others.length === 0)
      return id === undefined || id === ref.id ? undefined : explain(db, run, { id }, look);
    throw new Refusal(
      "RowAmbiguous",
      `${others.length + 1} rows of ${run.reference} have that number, one of each kind of things: ${[id, ...others].join(", ")}. Nothing was written. Name the one that is meant by its id.`,
    );
  }
  if (all.length < 2) return all[0];
  const each = all.map(({ part, row }) => `${row.id} (${part})`).join(", ");
  throw new Refusal(
    "RowAmbiguous",
    `That legacy row is ${all.length} rows of ${run.reference}, one of each kind of things that was read from it: ${each}. Nothing was written. Name the one that is meant by its id.`,
  );
}

async function explainPart(
  db: Database,
  run: Run,
  look: PinnedRows,
  ref: RowRef,
): Promise<Explanation | undefined> {
  const verdicts = look.rules.map(({ sql }) => sql).join(",\n           ");
  // Conditions are the run's own: whoever runs them writes nothing by them.
  const [found] = await onlyReading(db, (transaction) =>
    rowsWhole<{
      row: Record<string, unknown>;
      references: Record<string, unknown>;
      verdicts: boolean[];
      payload: Record<string, string | null> | null;
    }>(
      transaction,
      sql`
    select to_jsonb(s.*) - 'raw_payload' || jsonb_build_object('legacy_id', ${raw(sourceKeyAsJson("s"))}) as row, s.raw_payload as payload,
           ${raw(referencesAsJson(look))} as references,
           to_jsonb(array[${raw(verdicts)}]::boolean[]) as verdicts
      from ${raw(askedFrom(look))}
     where s.run_id = ${uuid(run.id)} and ${which(look, ref)}`,
    ),
  );
  if (found === undefined) return undefined;
  const row = masked(look, found.row);
  const decided = new Set<string>();
  const reasons = look.rules.map(({ about, rule, outcome, looks }, index): Reason => {
    const holds = found.verdicts[index] === true;
    const decides = holds && (about === "validation" || !decided.has(about));
    if (holds) decided.add(about);
    const input = Object.fromEntries(
      looks.map(([name, column]) => [name, row[column] ?? found.references[name] ?? null]),
    );
    return { about, rule, outcome, holds, decides, input };
  });
  return {
    part: look.part,
    row,
    decisions: look.decisions,
    references: found.references,
    reasons: asPlanned(reasons, found.row),
    above: rowsAbove(look, found.row),
    unreadable: unreadable(look, found.row.findings, found.payload ?? {}),
    proposals: proposals(look, found.row.proposals),
  };
}

/**
 * Where the engine by itself gave a row its reason, that decided, and no line of the plan did, whichever holds; and what a
 * line commits may bring up to date what is there.
 */
function asPlanned(reasons: readonly Reason[], row: Record<string, unknown>): readonly Reason[] {
  const { planned, planned_action: action, planned_reason: reason } = row;
  const plan = (lines: (lines: readonly Reason[]) => readonly Reason[]): readonly Reason[] => [
    ...reasons.filter(({ about }) => about !== "plan"),
    ...lines(reasons.filter(({ about }) => about === "plan")),
  ];
  if (planned === "update")
    return plan((lines) =>
      lines.map((line) => (line.decides ? { ...line, outcome: `update (${action})` } : line)),
    );
  if (typeof reason !== "string") return reasons;
  const own = reasonOfEngine(reason);
  const outcome = `${planned} (${reason})`;
  if (
    own === undefined ||
    reasons.some((each) => each.about === "plan" && each.decides && each.outcome === outcome)
  )
    return reasons;
  const engine = { rule: own.says, outcome, holds: true, decides: true, input: {} };
  return plan((lines) => [
    { about: "plan", ...engine },
    ...lines.map((line) => ({ ...line, decides: false })),
  ]);
}

/** The rows above that rules ask about, where one is named. */
function rowsAbove(look: PinnedRows, row: Record<string, unknown>): Record<string, number> {
  const asked = look.rules.flatMap(({ looks }) => looks);
  return Object.fromEntries(
    asked.flatMap(([name, column]) => {
      const id = column === stateColumn(name) ? row[rowColumn(name)] : undefined;
      return typeof id === "number" ? [[name, id]] : [];
    }),
  );
}

/** Faults after which a value is not, or not all, in the staged row. */
const UNREAD = /_(?:invalid|partly_read|malformed|impossible|unreadable|unlisted)$/;

/** The shape of each value that could not be read: which signs and how many, and none of what they say. */
function unreadable(
  look: PinnedRows,
  findings: unknown,
  payload: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const faults = (Array.isArray(findings) ? findings : []).filter((each) => UNREAD.test(each));
  const found: Record<string, string> = {};
  for (const [from, of] of look.unreadable) {
    const value = payload[from];
    if (!value || !faults.some((fault) => of.some((each) => fault.startsWith(`${each}_`))))
      continue;
    found[from] = shapeOf(value);
  }
  return found;
}

/** Proposals as a list page may show them: a name's by its initials, another text's not at all. */
function proposals({ nameParts }: PinnedRows, found: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries((found ?? {}) as Record<string, string>).map(([column, text]) => [
      column,
      nameParts.includes(column) ? initials(text) : HIDDEN,
    ]),
  );
}

/** What is no id of the legacy system's type names no row. */
const mayHave = (
  { sources, textIds }: PinnedRows,
  { table, legacyId: id }: Extract<RowRef, { table: string }>,
): boolean => sources.includes(table) && (textIds || isInt64(id));

const which = (look: PinnedRows, ref: RowRef): Sql =>
  "id" in ref
    ? sql`s.id = ${ref.id}`
    : sql`s.source_table = ${ref.table} and s.legacy_id = ${legacyId(look, ref.legacyId)}`;

const legacyId = ({ textIds }: PinnedRows, text: string): SqlValue =>
  textIds ? sql`${text}` : bigint(text);

/** The row's columns as a list page may show them: by the kind of field each was made from (D20). */
function masked(look: PinnedRows, row: Record<string, unknown>): Record<string, unknown> {
  const { masks, main } = look;
  const shown = { ...row };
  if ("there_changes" in shown) shown.there_changes = changesShown(look, row.there_changes);
  const name = main.name === undefined ? null : (row[main.name.value] as string | null);
  // Pins of before statuses had a mask of their own know the column of the one that is meant.
  const statuses = main.status === undefined ? [] : [main.status.raw, main.status.value];
  const words = masks.filter(([, mask]) => mask === "word").map(([column]) => column);
  for (const column of new Set([...statuses, ...words])) {
    const value = row[column];
    if (typeof value === "string") shown[column] = wordOrShape(value, name);
  }
  for (const [column, mask] of masks) {
    const value = shown[column];
    if (mask === "word") continue;
    if (mask === "left_out") delete shown[column];
    else if (mask !== "hidden" && typeof value === "string") shown[column] = shownBy[mask](value);
    else if (value !== null && value !== undefined) shown[column] = HIDDEN;
  }
  const fields = new Set([...masks.map(([column]) => column), ...statuses, "legacy_id"]);
  for (const [column, value] of Object.entries(shown))
    if (!fields.has(column) && mayBeAddress(value)) shown[column] = HIDDEN;
  if (Array.isArray(row.duplicate_evidence)) {
    shown.duplicate_evidence = row.duplicate_evidence.map((hint) =>
      mayBeAddress(hint.id) ? { ...hint, id: HIDDEN } : hint,
    );
  }
  // Which columns have one; what they say is for those who may see the row whole.
  shown.proposals = Object.keys((row.proposals as object | undefined) ?? {});
  return shown;
}

/** Of a key of the platform's, where nothing says what it is (D20). */
const mayBeAddress = (value: unknown): boolean => typeof value === "string" && value.includes("@");

/** What would be changed of a row that is there, masked: by column what it holds, and what would be written (B2). */
function changesShown({ changes = [] }: PinnedRows, found: unknown): unknown {
  if (found === null || found === undefined) return null;
  const masks = new Map(changes);
  return Object.fromEntries(
    Object.entries(found as Record<string, readonly (string | false | null)[]>).map(
      ([column, sides]) => [
        column,
        sides.map((value) => {
          if (value === null || value === false) return value;
          const mask = masks.get(column);
          return mask === undefined ? HIDDEN : shownBy[mask](value);
        }),
      ],
    ),
  );
}

const shownBy: Readonly<
  Record<Exclude<LookMask, "hidden" | "left_out" | "word">, (value: string) => string>
> = { initials, phone: maskPhone, email: maskEmail, year: yearOf };
