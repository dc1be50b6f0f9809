import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Field, Migration } from "../define/definition.ts";
import { fieldOf, type RowRange, stagedTable, within } from "./rows.ts";
import { firedRules, verdict } from "./verdict.ts";

/**
 * The statements that find, once for a run, the addresses that more rows share than the definition
 * allows (D4): {@link validateRows} looks them up.
 */
export function findSharedEmails(migration: Migration, run: string): readonly Sql[] {
  const { candidate, sharedBy } = emailColumns(migration);
  return [
    sql`delete from wavegate.shared_emails where run_id = ${uuid(run)}`,
    sql`
    insert into wavegate.shared_emails (run_id, address, rows)
    select run_id, ${raw(candidate)}, count(*) from ${raw(stagedTable(migration))}
     where run_id = ${uuid(run)} and ${raw(candidate)} is not null
     group by 1, 2 having count(*) > ${sharedBy}`,
    raw("analyze wavegate.shared_emails"),
  ];
}

/** How many addresses are shared by more rows than the definition allows (D4). */
export const countSharedEmails = (run: string): Sql => sql`
  select count(*) as shared from wavegate.shared_emails where run_id = ${uuid(run)}`;

function emailColumns(migration: Migration): { candidate: string; sharedBy: number } {
  const name = fieldOf(migration, "email");
  const field = migration.entity.fields[name] as Extract<Field, { kind: "email" }>;
  return { candidate: identifier(`${name}_candidate`), sharedBy: field.sharedBy };
}

/**
 * Judges the rows of a range: which address counts, every rule that fired, and the verdict; a
 * duplicate that matching found stays one (D9). Rows whose verdict does not change are not written.
 */
export function validateRows(migration: Migration, range: RowRange): Sql {
  const { candidate } = emailColumns(migration);
  const duplicate = "s.high_hits <> 'none' or s.later_of_person";
  const known = raw(columnsOf(migration));
  return sql`
  with judged as materialized (
    select s.id, s.email_normalized, s.findings, ${raw(firedRules(migration))} as issues,
           ${raw(verdict(migration, duplicate))} as verdict, was_findings, was_issues, was_status
      from (select ${known}, s.high_hits, s.later_of_person, s.findings as was_findings,
                   s.validation_issues as was_issues, s.validation_status as was_status,
                   case when shared.address is null then s.${raw(candidate)} end as email_normalized,
                   case when shared.address is not null then (s.findings - 'email_shared') || '["email_shared"]'
                        when s.findings ? 'email_shared' then s.findings - 'email_shared'
                        else s.findings end as findings
              from ${raw(stagedTable(migration))} s
              left join wavegate.shared_emails shared
                on shared.run_id = s.run_id and shared.address = s.${raw(candidate)}
             where ${within(range)} offset 0) s),
  changed as (
    select * from judged
     where (was_status, was_issues, was_findings) is distinct from (verdict, issues, findings))
  update ${raw(stagedTable(migration))} t
     set email_normalized = changed.email_normalized, findings = changed.findings,
         validation_issues = changed.issues, validation_status = changed.verdict
    from changed
   where t.id = changed.id and t.id > ${range.after} and t.id <= ${range.upTo}`;
}

/** The columns a validation rule may look at, without those that validation itself decides. */
function columnsOf({ entity }: Migration): string {
  const asked = new Set(["id", "run_id", "source_table", "legacy_id"]);
  for (const [name, field] of Object.entries(entity.fields)) {
    if (field.kind === "phone") {
      asked.add(`${name}_raw`).add(`${name}_normalized`);
    } else if (field.kind === "email") {
      asked.add(`${name}_raw`).add(`${name}_candidate`);
    } else asked.add(name);
  }
  return [...asked].map((name) => `s.${identifier(name)}`).join(", ");
}
