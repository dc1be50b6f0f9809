import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Field, Migration } from "../define/definition.ts";
import { fieldOf } from "./columns.ts";
import { referenceJoins } from "./condition.ts";
import { knownColumns, sharedContacts } from "./decide.ts";
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

/** The statements that find, once for a run, the phones that are nobody's (D31). */
export function findSharedPhones(migration: Migration, run: string): readonly Sql[] {
  const name = fieldOf(migration, "phone");
  const { shared } = migration.entity.fields[name] as Extract<Field, { kind: "phone" }>;
  const forgotten = sql`delete from wavegate.shared_phones where run_id = ${uuid(run)}`;
  if (shared === undefined) return [forgotten];
  const source = raw(sourceTable(migration));
  const first = raw(identifier(`${name}_normalized`));
  const further = raw(identifier(`${name}_alternates`));
  return [
    forgotten,
    sql`
    insert into wavegate.shared_phones (run_id, phone, rows)
    with numbers as materialized (
      select id, coalesce(name_key, name_folded) as name, ${first} as phone from ${source} where run_id = ${uuid(run)} and ${first} is not null
      union all
      select s.id, coalesce(s.name_key, s.name_folded), a.phone
        from ${source} s cross join lateral jsonb_array_elements_text(s.${further}) a(phone)
       where s.run_id = ${uuid(run)} and s.${further} is not null),
    -- Few are left, and only of these names are told apart, whichever part comes first (D5).
    often as materialized (select phone from numbers group by 1 having count(*) > ${shared.rows})
    select ${uuid(run)}, phone, count(distinct id) from numbers where phone in (select phone from often)
     group by phone
    having count(distinct id) > ${shared.rows} and count(distinct name) >= ${shared.names}`,
    gatherStatistics("shared_phones"),
  ];
}

/** How many phones are nobody's (D31). */
export const countSharedPhones = (run: string): Sql => sql`
  select count(*) as shared from wavegate.shared_phones where run_id = ${uuid(run)}`;

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
    select s.id, s.email_shared, s.phone_shared, ${raw(firedRules(migration))} as issues,
           ${raw(verdict(migration, "s.high_hits <> 'none' or s.later_of_person"))} as verdict,
           (s.was_shared, s.was_status) as was, s.was_issues
      from (select ${raw(knownColumns(migration))}, d.high_hits, d.later_of_person, (d.email_shared, d.phone_shared) as was_shared,
                   d.validation_status as was_status, d.validation_issues as was_issues
              from ${raw(sourceTable(migration))} s
              join ${decisions} d on d.staged_id = s.id and ${within(range, "d", "staged_id")} ${sharedContacts(migration)}
             where ${within(range, "s", "id")} offset 0) s
      ${raw(referenceJoins(migration))}),
  changed as (
    select * from judged where was is distinct from ((email_shared, phone_shared), verdict) or was_issues is distinct from issues)
  update ${decisions} d
     set email_shared = changed.email_shared, phone_shared = changed.phone_shared, validation_issues = changed.issues,
         validation_status = changed.verdict
    from changed
   where d.staged_id = changed.id and ${within(range, "d", "staged_id")}`;
}
