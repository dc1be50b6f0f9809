import { literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { type RowRange, stagedTable, within } from "./rows.ts";

/**
 * Writes what matching found onto the rows of a range: the confidence and its evidence, whom a
 * link would go to (D28: exactly one user, or without a user exactly one lead), the hints inside
 * the source (D8), and the verdict `duplicate` (D9). Rows for which nothing changes are not written.
 */
export function noteHints(migration: Migration, range: RowRange): Sql {
  const rows = stagedTable(migration);
  const { against } = migration.entity.match;
  // The first table in the definition's order with any high hit decides: one there, or several.
  const link = (column: string) =>
    against
      .map(({ table }) => `when n_${table} > 0 then ${column.replaceAll("TABLE", table)}`)
      .join(" ");
  const counted = against
    .map(
      ({ table }) => `
           coalesce(sum(hits) filter (where high and several and target_table = ${literal(table)}), 0)
         + count(distinct target_id) filter (where high and target_table = ${literal(table)}) as n_${table},
           min(target_id) filter (where high and target_table = ${literal(table)}) as first_${table}`,
    )
    .join(",");

  const inRange = sql`h.run_id = ${uuid(range.run)} and h.staged_id > ${range.after} and h.staged_id <= ${range.upTo}`;
  return sql`
  with platform as (
    select staged_id,
           max(case level when 'high' then 3 when 'medium' then 2 else 1 end) as level,
           jsonb_agg(jsonb_build_object('level', level, 'rule', rule, 'table', target_table,
                                        'id', target_id, 'hits', hits)
                     order by rule, target_table, target_id) as evidence,
           ${raw(counted)}
      from (select h.*, h.level = 'high' as high, h.hits > 1 as several
              from wavegate.duplicate_hints h where ${inRange}) h
     group by staged_id),
  source as (
    select h.staged_id,
           max(case h.level when 'high' then 3 when 'medium' then 2 else 1 end) as level,
           jsonb_agg(jsonb_build_object('level', h.level, 'rule', h.rule, 'first', h.first_id, 'rows', h.hits)
                     order by h.rule, h.first_id) as evidence,
           bool_or(h.later) as later
      from wavegate.source_hints h where ${inRange}
     group by h.staged_id),
  -- Rows that have hints now, and rows that had some before.
  noted as (
    select staged_id from platform union select staged_id from source
    union select s.id from ${raw(rows)} s
           where ${within(range)} and (s.duplicate_confidence <> 'none' or s.source_duplicate_confidence <> 'none')),
  found as (
    select n.staged_id as id,
           (array['none', 'low', 'medium', 'high'])[coalesce(p.level, 0) + 1] as confidence,
           coalesce(p.evidence, '[]') as evidence,
           case ${raw(link("case when n_TABLE = 1 then 'one' else 'several' end"))} else 'none' end as high_hits,
           case ${raw(against.map(({ table }) => `when n_${table} > 0 then case when n_${table} = 1 then ${literal(table)} end`).join(" "))} end as link_table,
           case ${raw(link("case when n_TABLE = 1 then first_TABLE end"))} end as link_id,
           (array['none', 'low', 'medium', 'high'])[coalesce(o.level, 0) + 1] as source_confidence,
           coalesce(o.evidence, '[]') as source_evidence,
           coalesce(o.later, false) as later
      from noted n
      left join platform p on p.staged_id = n.staged_id
      left join source o on o.staged_id = n.staged_id)
  update ${raw(rows)} t
     set duplicate_confidence = f.confidence, duplicate_evidence = f.evidence, high_hits = f.high_hits,
         link_table = f.link_table, link_id = f.link_id,
         source_duplicate_confidence = f.source_confidence, source_duplicate_evidence = f.source_evidence,
         later_of_person = f.later,
         validation_status = case when t.validation_status not in ('valid', 'duplicate') then t.validation_status
                                  when f.high_hits <> 'none' or f.later then 'duplicate' else 'valid' end
    from found f
   where t.id = f.id and t.id > ${range.after} and t.id <= ${range.upTo}
     and (t.duplicate_evidence, t.source_duplicate_evidence, t.later_of_person, t.high_hits, t.link_id)
         is distinct from (f.evidence, f.source_evidence, f.later, f.high_hits, f.link_id)`;
}
