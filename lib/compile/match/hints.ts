import { join, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { decisionsTable, type RowRange, sourceTable, within } from "../rows.ts";
import { contradiction } from "./another-person.ts";

/** Whether matching noted anything on a row. */
const isNoted = "(duplicate_confidence <> 'none' or source_duplicate_confidence <> 'none')";

/** Whether a run was matched before, or begun to be, as `(noted)`: of one that was not no row has a note. */
export const findNoted = (run: string): Sql => sql`
  select ${join(
    ["match_moments", "duplicate_hints", "source_hints"].map(
      (table) => sql`exists (select from wavegate.${raw(table)} where run_id = ${uuid(run)})`,
    ),
    " or ",
  )} as noted`;

/**
 * Writes what follows from the hints that matching found for the rows of a range: the confidence,
 * whom a link would go to (D28: exactly one in the first table, or without any exactly one in the next) unless that one
 * is somebody else by name or birth date (D32), the
 * confidence inside the source (D8), and the verdict `duplicate` (D9). The hints themselves stay
 * where they are; rows for which nothing changes are not written.
 *
 * @param notedBefore whether any row of the run may have notes of an earlier matching: of most runs none has
 */
export function noteHints(migration: Migration, range: RowRange, notedBefore: boolean): Sql {
  const decisions = raw(decisionsTable(migration));
  const { against } = migration.entity.match;
  // The first table in the definition's order with any high hit decides: one there, or several.
  const firstOf = (of: (at: number) => string, otherwise = "null") =>
    `case ${[...against.map((_, at) => `when n_${at} > 0 then ${of(at)}`), `when true then ${otherwise}`].join(" ")} end`;
  const tables = against.map(({ table }) => literal(table));
  const counted = tables
    .map(
      (table, at) => `,
           coalesce(sum(hits) filter (where high and several and target_table = ${table}), 0)
         + count(distinct target_id) filter (where high and target_table = ${table}) as n_${at},
           min(target_id) filter (where high and target_table = ${table}) as first_${at}`,
    )
    .join("");

  const inRange = within(range, "h", "staged_id");
  return sql`
  with platform as (
    select staged_id,
           max(case level when 'high' then 3 when 'medium' then 2 else 1 end) as level${raw(counted)}
      from (select h.*, h.level = 'high' as high, h.hits > 1 as several
              from wavegate.duplicate_hints h where ${inRange}) h
     group by staged_id),
  source as (
    select h.staged_id,
           max(case h.level when 'high' then 3 when 'medium' then 2 else 1 end) as level,
           bool_or(h.later) as later
      from wavegate.source_hints h where ${inRange}
     group by h.staged_id),
  ${
    notedBefore
      ? sql`-- Rows that had hints before, whatever they have now.
  earlier as (
    select d.staged_id from ${decisions} d
     where ${within(range, "d", "staged_id")} and ${raw(isNoted)}),
  `
      : raw("")
  }found as (
    select staged_id as id,
           (array['none', 'low', 'medium', 'high'])[coalesce(p.level, 0) + 1] as confidence,
           ${raw(firstOf((at) => `case when n_${at} = 1 then 'one' else 'several' end`, "'none'"))} as high_hits,
           ${raw(firstOf((at) => `case when n_${at} = 1 then ${tables[at]} end`, "null::text"))} as link_table,
           ${raw(firstOf((at) => `case when n_${at} = 1 then first_${at} end`, "null::bigint"))} as link_id,
           (array['none', 'low', 'medium', 'high'])[coalesce(o.level, 0) + 1] as source_confidence,
           coalesce(o.later, false) as later
      from platform p full join source o using (staged_id)${raw(notedBefore ? " full join earlier using (staged_id)" : "")}),
  -- Once for each row, and only where there is somebody to compare with: taking names apart costs. Those are
  -- few, and each is looked up: everybody on the platform is not read again for each range.
  others as materialized (
    select f.id
      from (select id, link_table, link_id from found where link_id is not null offset 0) f
      cross join lateral (
        select * from ${raw(sourceTable(migration))} s where s.id = f.id and s.run_id = ${uuid(range.run)} offset 0) s
      cross join lateral (
        select * from wavegate.match_people p
         where p.run_id = ${uuid(range.run)} and p.target_table = f.link_table and p.target_id = f.link_id offset 0) p
     where ${raw(contradiction(migration))}),
  judged as materialized (
    select f.*, o.id is not null as another_person from found f left join others o on o.id = f.id)
  update ${decisions} d
     set duplicate_confidence = f.confidence, high_hits = f.high_hits,
         link_table = case when f.another_person then null else f.link_table end,
         link_id = case when f.another_person then null else f.link_id end, another_person = f.another_person,
         source_duplicate_confidence = f.source_confidence, later_of_person = f.later,
         validation_status = case when d.validation_status not in ('valid', 'duplicate') then d.validation_status
                                  when f.high_hits <> 'none' or f.later then 'duplicate' else 'valid' end
    from judged f
   where d.staged_id = f.id and ${within(range, "d", "staged_id")}
     and (d.duplicate_confidence, d.high_hits, d.another_person, d.link_table, d.link_id, d.source_duplicate_confidence, d.later_of_person)
         is distinct from (f.confidence, f.high_hits, f.another_person, case when not f.another_person then f.link_table end,
             case when not f.another_person then f.link_id end, f.source_confidence, f.later)`;
}
