import { compileCondition, referenceAlias, stagedFrom } from "../compile/condition.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { bigint, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Condition, Migration } from "../define/definition.ts";
import { HIDDEN, initials, maskEmail, maskPhone, yearOf } from "../evidence/masking.ts";

/** One rule of the definition as it stands on one row. */
export interface Reason {
  readonly about: "validation" | "classification" | "import action" | "plan";
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
  readonly references: Readonly<Record<string, unknown>>;
  readonly reasons: readonly Reason[];
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
  /** What the rule looks at besides its condition. */
  readonly also?: readonly string[];
}

/** Evaluates every rule of the run's definition on one row, in one statement; undefined: no such row. */
export async function explain(
  db: Database,
  run: Run,
  ref: RowRef,
): Promise<Explanation | undefined> {
  const migration = run.definition;
  const rules = rulesOf(migration);
  const verdicts = rules.map((rule) => predicate(rule, migration)).join(",\n           ");
  const [found] = await db.rows<{
    row: Record<string, unknown>;
    references: Record<string, unknown>;
    verdicts: boolean[];
  }>(sql`
    select to_jsonb(s) - 'raw_payload' as row,
           ${raw(referencesOf(migration))} as references,
           to_jsonb(array[${raw(verdicts)}]::boolean[]) as verdicts
      from ${raw(stagedFrom(migration))}
     where s.run_id = ${uuid(run.id)} and ${which(ref)}`);
  if (found === undefined) return undefined;
  const row = masked(migration, found.row);
  const decided = new Set<string>();
  const reasons = rules.map(({ about, rule, outcome, when, also = [] }, index): Reason => {
    const holds = found.verdicts[index] === true;
    const decides = holds && (about === "validation" || !decided.has(about));
    if (holds) decided.add(about);
    const names = [...new Set([...also, ...inputsOf(when)])];
    const input = Object.fromEntries(
      names.map((name) => [name, row[name] ?? found.references[name] ?? null]),
    );
    return { about, rule, outcome, holds, decides, input };
  });
  return { row, references: found.references, reasons };
}

const which = (ref: RowRef): Sql =>
  "id" in ref
    ? sql`s.id = ${ref.id}`
    : sql`s.source_table = ${ref.table} and s.legacy_id = ${bigint(ref.legacyId)}`;

function rulesOf({ entity }: Migration): Rule[] {
  return [
    ...entity.validate.map(({ id, says, when, verdict }) => ({
      about: "validation" as const,
      rule: `${id}: ${says}`,
      outcome: verdict,
      when,
    })),
    ...entity.classify.as.map(({ classification, statuses, when }) => ({
      about: "classification" as const,
      rule: `status is ${statuses.map((status) => `“${status}”`).join(", ")}`,
      outcome: classification,
      when: { all: [{ field: "status_key", is: statuses }, ...(when ? [when] : [])] },
      also: [entity.classify.by],
    })),
    ...entity.importAction.map(({ when, action }) => ({
      about: "import action" as const,
      rule: action,
      outcome: action,
      when,
    })),
    ...entity.plan.map((line) => ({
      about: "plan" as const,
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

/** The names a condition looks at. */
function inputsOf(condition: Condition): string[] {
  if ("all" in condition) return condition.all.flatMap(inputsOf);
  if ("any" in condition) return condition.any.flatMap(inputsOf);
  if ("not" in condition) return inputsOf(condition.not);
  if ("missing" in condition) return [condition.missing];
  if ("present" in condition) return [condition.present];
  if ("noted" in condition) return ["findings"];
  if ("field" in condition) return [condition.field];
  return [condition.reference];
}

/** The row's columns as a list page may show them: by the kind of field each was made from (D20). */
function masked(migration: Migration, row: Record<string, unknown>): Record<string, unknown> {
  const shown = { ...row };
  const mask = (column: string, by: (value: string) => string) => {
    if (typeof shown[column] === "string") shown[column] = by(shown[column]);
  };
  for (const [name, { kind }] of Object.entries(migration.entity.fields)) {
    if (kind === "name") {
      mask(name, initials);
      for (const key of ["name_folded", "name_key"]) mask(key, () => HIDDEN);
    }
    if (kind === "phone") {
      mask(`${name}_normalized`, maskPhone);
      mask(`${name}_raw`, () => HIDDEN);
      delete shown[`${name}_alternates`];
    }
    if (kind === "email") {
      mask(`${name}_candidate`, maskEmail);
      mask(`${name}_raw`, () => HIDDEN);
    }
    if (kind === "birth_date") mask(name, yearOf);
  }
  mask("email_normalized", maskEmail);
  // Which columns have one; what they say is for those who may see the row whole.
  shown.proposals = Object.keys((row.proposals as object | undefined) ?? {});
  return shown;
}
