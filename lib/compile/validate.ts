import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Field, Migration } from "../define/definition.ts";
import { fieldOf } from "./columns.ts";
import { referenceJoins } from "./condition.ts";
import { knownColumns, sharedEmail } from "./decide.ts";
import { decisionsTable, type RowRange, sourceTable, within } from "./rows.ts";
import { gatherStatistics } from "./statistics.ts";
import { firedRules, verdict } from "./verdict.ts";

/**
 * The statements that find, once for a run, the addresses that more rows share than the definition
 * allows (D4).
 */
export function findSharedEmails(migration: Migration, run: string): readonly Sql[] {
  const name = fieldOf(migration, "email");
  const candidate = raw(identifier(`${name}_candidate`));
  const { sharedBy } = migration.entity.fields[name] as Extract<Field, { kind: "email" }>;
  return [
    sql`delete from wavegate.shared_emails where run_id = ${uuid(run)}`,
    sql`
    insert into wavegate.shared_emails (run_id, address, rows)
    select run_id, ${candidate}, count(*) from ${raw(sourceTable(migration))}
     where run_id = ${uuid(run)} and ${candidate} is not null
     group by 1, 2 having count(*) > ${sharedBy}`,
    gatherStatistics("shared_emails"),
  ];
}

/** How many addresses are shared by more rows than the definition allows (D4). */
export const countSharedEmails = (run: string): Sql => sql`
  select count(*) as shared from wavegate.shared_emails where run_id = ${uuid(run)}`;

/**
 * Judges again the rows of a range about which something was decided: whether their address counts,
 * every rule that fired, and the verdict; a duplicate that matching found stays one (D9). Rows whose
 * verdict does not change are not written.
 */
export function validateRows(migration: Migration, range: RowRange): Sql {
  const decisions = raw(decisionsTable(migration));
  return sql`
  with judged as materialized (
    select s.id, s.email_shared, ${raw(firedRules(migration))} as issues,
           ${raw(verdict(migration, "s.high_hits <> 'none' or s.later_of_person"))} as verdict,
           (s.was_shared, s.was_status) as was, s.was_issues
      from (select ${raw(knownColumns(migration))}, d.high_hits, d.later_of_person, d.email_shared as was_shared,
                   d.validation_status as was_status, d.validation_issues as was_issues
              from ${raw(sourceTable(migration))} s
              join ${decisions} d on d.staged_id = s.id and ${within(range, "d", "staged_id")} ${sharedEmail(migration)}
             where ${within(range, "s", "id")} offset 0) s
      ${raw(referenceJoins(migration))}),
  changed as (
    select * from judged where was is distinct from (email_shared, verdict) or was_issues is distinct from issues)
  update ${decisions} d
     set email_shared = changed.email_shared, validation_issues = changed.issues,
         validation_status = changed.verdict
    from changed
   where d.staged_id = changed.id and ${within(range, "d", "staged_id")}`;
}
