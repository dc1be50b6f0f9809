import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Field, Migration } from "../define/definition.ts";
import { compileCondition } from "./condition.ts";
import { fieldOf, type RowRange, stagedTable, within } from "./rows.ts";

/** How many addresses are shared by more rows than the definition allows (D4). */
export const countSharedEmails = (migration: Migration, run: string): Sql => sql`
  select count(*) as shared from (${sharedEmails(migration, run)}) shared`;

function sharedEmails(migration: Migration, run: string): Sql {
  const { candidate, sharedBy } = emailColumns(migration);
  return sql`select ${raw(candidate)} as address from ${raw(stagedTable(migration))}
       where run_id = ${uuid(run)} and ${raw(candidate)} is not null
       group by 1 having count(*) > ${sharedBy}`;
}

function emailColumns(migration: Migration): { candidate: string; sharedBy: number } {
  const name = fieldOf(migration, "email");
  const field = migration.entity.fields[name] as Extract<Field, { kind: "email" }>;
  return { candidate: identifier(`${name}_candidate`), sharedBy: field.sharedBy };
}

/**
 * Judges the rows of a range: which address counts, every rule that fired, and the verdict. The
 * worst wins in the order failed, needs_review, duplicate (D9); a duplicate that matching found
 * stays one. Rows whose verdict does not change are not written.
 */
export function validateRows(migration: Migration, range: RowRange): Sql {
  const { entity } = migration;
  const { candidate } = emailColumns(migration);
  const fired = entity.validate.map(
    (rule) => `case when ${compileCondition(rule.when, migration)} then ${literal(rule.id)} end`,
  );
  const anyOf = (verdict: string) =>
    entity.validate
      .filter((rule) => rule.verdict === verdict)
      .map((rule) => compileCondition(rule.when, migration))
      .join(" or ") || "false";

  return sql`
  with shared as materialized (${sharedEmails(migration, range.run)}),
  rows as (
    select s.*, shared.address is not null as email_shared
      from ${raw(stagedTable(migration))} s
      left join shared on shared.address = s.${raw(candidate)}
     where ${within(range)}),
  judged as (
    select s.id, s.email_normalized, s.findings,
           to_jsonb(array_remove(array[${raw(fired.join(", "))}]::text[], null)) as issues,
           case when ${raw(anyOf("failed"))} then 'failed'
                when ${raw(anyOf("needs_review"))} then 'needs_review'
                when s.high_hits <> 'none' or s.later_of_person then 'duplicate'
                else 'valid' end as verdict
      from (select ${raw(columnsBut(migration))},
                   case when email_shared then null else ${raw(candidate)} end as email_normalized,
                   case when email_shared then (findings - 'email_shared') || '["email_shared"]'
                        else findings - 'email_shared' end as findings
              from rows) s)
  update ${raw(stagedTable(migration))} t
     set email_normalized = judged.email_normalized, findings = judged.findings,
         validation_issues = judged.issues, validation_status = judged.verdict
    from judged
   where t.id = judged.id
     and (t.validation_status, t.validation_issues, t.findings)
         is distinct from (judged.verdict, judged.issues, judged.findings)`;
}

/** The columns a validation rule may look at, without those that validation itself decides. */
function columnsBut({ entity }: Migration): string {
  const asked = new Set([
    "id",
    "run_id",
    "source_table",
    "legacy_id",
    "high_hits",
    "later_of_person",
  ]);
  for (const [name, field] of Object.entries(entity.fields)) {
    if (field.kind === "phone") {
      asked.add(`${name}_raw`).add(`${name}_normalized`);
    } else if (field.kind === "email") {
      asked.add(`${name}_raw`).add(`${name}_candidate`);
    } else asked.add(name);
  }
  return [...asked].map(identifier).join(", ");
}
