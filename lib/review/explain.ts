import { fieldColumns, valueColumn } from "../compile/columns.ts";
import { compileCondition, referenceAlias, stagedFrom } from "../compile/condition.ts";
import { legacyIdType, planOf } from "../compile/keys.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { bigint, raw, type Sql, type SqlValue, sql, uuid } from "../data/sql.ts";
import type { Condition, Migration } from "../define/definition.ts";
import { decisionColumns, lookedAt } from "../define/looked-at.ts";
import { partsOf } from "../define/several.ts";
import { HIDDEN, initials, maskEmail, maskPhone, yearOf } from "../evidence/masking.ts";

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

/** A staged row with every rule's verdict; nothing here is personal data in the clear. */
export interface Explanation {
  readonly row: Readonly<Record<string, unknown>>;
  /** The columns that keep what is decided about such a row, in order. */
  readonly decisions: readonly string[];
  readonly references: Readonly<Record<string, unknown>>;
  readonly reasons: readonly Reason[];
  /** What could not be read, by the source's column: its shape only, as in `99/99/9999`. */
  readonly unreadable: Readonly<Record<string, string>>;
  /** What damaged letters may have been, by the source's column, masked like what they would become. */
  readonly proposals: Readonly<Record<string, string>>;
}

/** Which row is meant: its staged id, or its legacy table and id. */
export type RowRef =
  | { readonly id: number }
  | { readonly table: string; readonly legacyId: string };

interface Rule {
  readonly about: Reason["about"];
  readonly rule: string;
  readonly outcome: string;
  readonly when: Condition;
}

/** Evaluates every rule of the run's definition on one row, in one statement; undefined: no such row. */
export async function explain(
  db: Database,
  run: Run,
  ref: RowRef,
): Promise<Explanation | undefined> {
  for (const part of partsOf(run.definition)) {
    if ("table" in ref && !part.entity.from.includes(ref.table)) continue;
    const found = await explainPart(db, part, run, ref);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function explainPart(
  db: Database,
  migration: Migration,
  run: Run,
  ref: RowRef,
): Promise<Explanation | undefined> {
  const rules = rulesOf(migration);
  const verdicts = rules.map((rule) => predicate(rule, migration)).join(",\n           ");
  const [found] = await db.rows<{
    row: Record<string, unknown>;
    references: Record<string, unknown>;
    verdicts: boolean[];
    payload: Record<string, string | null> | null;
  }>(sql`
    select to_jsonb(s) - 'raw_payload' as row, s.raw_payload as payload,
           ${raw(referencesOf(migration))} as references,
           to_jsonb(array[${raw(verdicts)}]::boolean[]) as verdicts
      from ${raw(stagedFrom(migration))}
     where s.run_id = ${uuid(run.id)} and ${which(migration, ref)}`);
  if (found === undefined) return undefined;
  const row = masked(migration, found.row);
  const decided = new Set<string>();
  const reasons = rules.map(({ about, rule, outcome, when }, index): Reason => {
    const holds = found.verdicts[index] === true;
    const decides = holds && (about === "validation" || !decided.has(about));
    if (holds) decided.add(about);
    const names = [...new Set(lookedAt(when))];
    const input = Object.fromEntries(
      names.map((name) => [
        name,
        row[valueColumn(migration, name)] ?? found.references[name] ?? null,
      ]),
    );
    return { about, rule, outcome, holds, decides, input };
  });
  return {
    row,
    decisions: decisionColumns(migration),
    references: found.references,
    reasons,
    unreadable: unreadable(migration, found.row.findings, found.payload ?? {}),
    proposals: proposals(migration, found.row.proposals),
  };
}

/** Faults after which a value is not, or not all, in the staged row. */
const UNREAD = /_(?:invalid|partly_read|malformed|impossible|unreadable|unlisted)$/;

/** The shape of each value that could not be read: which signs and how many, and none of what they say. */
function unreadable(
  migration: Migration,
  findings: unknown,
  payload: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const faults = (Array.isArray(findings) ? findings : []).filter((each) => UNREAD.test(each));
  const found: Record<string, string> = {};
  for (const [name, field] of Object.entries(migration.entity.fields)) {
    if (field.kind === "name") continue;
    // Of references each tells of its own; the kind's finding is all of theirs.
    const of = field.kind === "reference" ? [name] : [name, field.kind];
    const value = payload[field.from];
    if (!value || !faults.some((fault) => of.some((each) => fault.startsWith(`${each}_`))))
      continue;
    found[field.from] = shape(value);
  }
  return found;
}

const longestShape = 60;

const shape = (value: string): string => {
  const line = value
    .replace(/[\p{L}\p{M}]/gu, "a")
    .replace(/\p{N}/gu, "9")
    .replace(/[^ -~]/gu, "·");
  return line.length > longestShape ? `${line.slice(0, longestShape - 1)}…` : line;
};

/** Proposals as a list page may show them: a name's by its initials, another text's not at all. */
function proposals({ entity }: Migration, found: unknown): Record<string, string> {
  const names = new Set(
    Object.values(entity.fields).flatMap((field) => (field.kind === "name" ? field.parts : [])),
  );
  return Object.fromEntries(
    Object.entries((found ?? {}) as Record<string, string>).map(([column, text]) => [
      column,
      names.has(column) ? initials(text) : HIDDEN,
    ]),
  );
}

const which = (migration: Migration, ref: RowRef): Sql =>
  "id" in ref
    ? sql`s.id = ${ref.id}`
    : sql`s.source_table = ${ref.table} and s.legacy_id = ${legacyId(migration, ref.legacyId)}`;

const legacyId = (migration: Migration, text: string): SqlValue =>
  legacyIdType(migration) === "bigint" ? bigint(text) : sql`${text}`;

function rulesOf(migration: Migration): Rule[] {
  const { entity } = migration;
  return [
    ...entity.validate.map(({ id, says, when, verdict }) => ({
      about: "validation",
      rule: `${id}: ${says}`,
      outcome: verdict,
      when,
    })),
    ...decisionColumns(migration).flatMap((column) =>
      (entity.decide[column] ?? []).map(({ is, when }) => ({
        about: column.replaceAll("_", " "),
        rule: inWords(when, entity.fields),
        outcome: is,
        when,
      })),
    ),
    ...planOf(migration).map((line) => ({
      about: "plan",
      rule: line.says,
      outcome:
        "hold" in line
          ? `hold (${line.hold})`
          : "fail" in line
            ? `fail (${line.fail})`
            : "skip" in line
              ? `skip (${line.skip})`
              : "link" in line
                ? "link"
                : `commit (${line.commit})`,
      when: line.when,
    })),
  ];
}

const predicate = ({ when }: Rule, migration: Migration): string =>
  compileCondition(when, migration);

function referencesOf(migration: Migration): string {
  const each = Object.keys(migration.references).map(
    (name) => `'${name.replaceAll("'", "''")}', to_jsonb(${referenceAlias(name)}) - 'run_id'`,
  );
  return `jsonb_build_object(${each.join(", ")})`;
}

/** A condition as people read it. */
function inWords(condition: Condition, fields: Migration["entity"]["fields"]): string {
  const each = (conditions: readonly Condition[]) =>
    conditions.map((inner) => inWords(inner, fields));
  if ("all" in condition)
    return condition.all.length === 0 ? "everything else" : each(condition.all).join(" and ");
  if ("any" in condition) return `(${each(condition.any).join(" or ")})`;
  if ("not" in condition) return `not ${inWords(condition.not, fields)}`;
  if ("missing" in condition) return `no ${condition.missing}`;
  if ("present" in condition) return `some ${condition.present}`;
  if ("noted" in condition) return condition.noted.replaceAll("_", " ");
  const name = "field" in condition ? condition.field : condition.reference;
  const statuses = Object.values(fields).filter(({ kind }) => kind === "status").length;
  const called = fields[name]?.kind === "status" && statuses === 1 ? "status" : name;
  return `${called} is ${condition.is.map((word) => `“${word}”`).join(", ")}`;
}

/** The row's columns as a list page may show them: by the kind of field each was made from (D20). */
function masked(migration: Migration, row: Record<string, unknown>): Record<string, unknown> {
  const shown = { ...row };
  const mask = (column: string, by: (value: string) => string) => {
    if (typeof shown[column] === "string") shown[column] = by(shown[column]);
  };
  const hide = (column: string) => {
    if (shown[column] !== null && shown[column] !== undefined) shown[column] = HIDDEN;
  };
  for (const [name, field] of Object.entries(migration.entity.fields)) {
    const { kind } = field;
    if (kind === "name") {
      mask(name, initials);
      for (const { name: key } of fieldColumns(migration, name, field).slice(1))
        mask(key, () => HIDDEN);
    }
    if (kind === "phone") {
      mask(`${name}_normalized`, maskPhone);
      mask(`${name}_raw`, () => HIDDEN);
      delete shown[`${name}_alternates`];
    }
    if (kind === "email") {
      for (const form of ["candidate", "normalized"]) mask(`${name}_${form}`, maskEmail);
      mask(`${name}_raw`, () => HIDDEN);
    }
    if (kind === "birth_date" || kind === "date" || kind === "timestamp") mask(name, yearOf);
    // Whatever may be about a person; what a choice, a status or a yes and no means are the definition's words.
    if (kind === "text" || kind === "json" || kind === "number" || kind === "uuid") hide(name);
    if (kind === "choice") hide(`${name}_raw`);
  }
  // Which columns have one; what they say is for those who may see the row whole.
  shown.proposals = Object.keys((row.proposals as object | undefined) ?? {});
  return shown;
}
