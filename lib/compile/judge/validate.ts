import { identifier, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { fieldsOf, mainField, nameForms, sharedFlags } from "../columns.ts";
import { referenceJoins } from "../condition.ts";
import { decisionsTable, type RowRange, sourceTable, within } from "../rows.ts";
import { gatherStatistics } from "../statistics.ts";
import { knownColumns, sharedContacts } from "./decide.ts";
import { firedJoin, firedRules, verdictOfFired } from "./verdict.ts";

/**
 * The statements that find, once for a run, the addresses that more rows share than the definition
 * allows (D4), whichever of its fields they stand in; of several fields the strictest counts.
 */
export function findSharedEmails(migration: Migration, run: string): readonly Sql[] {
  const emails = fieldsOf(migration, "email");
  const forgotten = sql`delete from wavegate.shared_emails where run_id = ${uuid(run)}`;
  if (emails.length === 0) return [forgotten];
  const most = Math.min(...emails.map(([, { sharedBy }]) => sharedBy));
  const addresses = emails.map(
    ([
      name,
    ]) => `select id, ${identifier(`${name}_candidate`)} as address from ${sourceTable(migration)}
            where run_id = $run and ${identifier(`${name}_candidate`)} is not null`,
  );
  const rows = emails.length === 1 ? "count(*)" : "count(distinct id)";
  return [
    forgotten,
    sql`
    insert into wavegate.shared_emails (run_id, address, rows)
    select ${uuid(run)}, address, ${raw(rows)} from (${ofRun(addresses, run)}) addresses
     group by address having ${raw(rows)} > ${most}`,
    gatherStatistics("shared_emails"),
  ];
}

/** Parts of a union, each about a run that stands in them as `$run`. */
const ofRun = (parts: readonly string[], run: string): Sql =>
  parts
    .join("\n            union all ")
    .split("$run")
    .map((text) => raw(text))
    .reduce((all, text) => sql`${all}${uuid(run)}${text}`);

/**
 * The statements that find, once for a run, the phones that are nobody's (D31), whichever of the fields
 * they stand in; of several fields the strictest counts.
 */
export function findSharedPhones(migration: Migration, run: string): readonly Sql[] {
  const phones = fieldsOf(migration, "phone").flatMap(([name, { shared }]) =>
    shared ? [{ name, shared }] : [],
  );
  const forgotten = sql`delete from wavegate.shared_phones where run_id = ${uuid(run)}`;
  const named = mainField(migration, "name");
  if (phones.length === 0 || named === undefined) return [forgotten];
  const { folded, key } = nameForms(migration, named);
  const called = `coalesce(s.${key}, s.${folded}) as name`;
  const most = Math.min(...phones.map(({ shared }) => shared.rows));
  const names = Math.min(...phones.map(({ shared }) => shared.names));
  const numbers = phones.flatMap(({ name }) => {
    const first = `s.${identifier(`${name}_normalized`)}`;
    const further = `s.${identifier(`${name}_alternates`)}`;
    const from = `from ${sourceTable(migration)} s`;
    return [
      `select s.id, ${called}, ${first} as phone ${from} where s.run_id = $run and ${first} is not null`,
      `select s.id, ${called}, a.phone ${from} cross join lateral jsonb_array_elements_text(${further}) a(phone)
             where s.run_id = $run and ${further} is not null`,
    ];
  });
  return [
    forgotten,
    sql`
    insert into wavegate.shared_phones (run_id, phone, rows)
    -- Few are left, and only of these names are told apart, whichever part comes first (D5).
    with often as materialized (
      select phone from (${ofRun(numbers, run)}) numbers group by 1 having count(*) > ${most})
    select ${uuid(run)}, phone, count(distinct id) from (${ofRun(numbers, run)}) numbers
     where exists (select from often) and phone in (select phone from often)
     group by phone
    having count(distinct id) > ${most} and count(distinct name) >= ${names}`,
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
  const flags = sharedFlags(migration).map(identifier);
  const of = (alias: string) => flags.map((flag) => `${alias}.${flag}`);
  const set = flags.map((flag) => `${flag} = changed.${flag}, `).join("");
  return sql`
  with judged as materialized (
    select s.id, ${raw(
      of("s")
        .map((flag) => `${flag}, `)
        .join(""),
    )}${raw(firedRules)} as issues,
           ${raw(verdictOfFired(migration, "s.high_hits <> 'none' or s.later_of_person"))} as verdict, s."own was", s."own was_issues"
      from (select ${raw(knownColumns(migration))}, d.high_hits, d.later_of_person,
                   row(${raw([...of("d"), "d.validation_status"].join(", "))}) as "own was", d.validation_issues as "own was_issues"
              from ${raw(sourceTable(migration))} s
              join ${decisions} d on d.staged_id = s.id and ${within(range, "d", "staged_id")} ${sharedContacts(migration)}
             where ${within(range, "s", "id")} offset 0) s
      ${raw(referenceJoins(migration))}
      ${raw(firedJoin(migration))}),
  changed as (
    select * from judged
     where "own was" is distinct from row(${raw([...flags, "verdict"].join(", "))}) or "own was_issues" is distinct from issues)
  update ${decisions} d
     set ${raw(set)}validation_issues = changed.issues, validation_status = changed.verdict
    from changed
   where d.staged_id = changed.id and ${within(range, "d", "staged_id")}`;
}
