import { raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { targetShown } from "../target-key.ts";
import { type KeptByThose, keptByThose } from "./kept-above.ts";
import { multirange } from "./multirange.ts";

/**
 * `claimed`, as a common table of the open entries of `entries`: those about a row that a later entry of another run
 * names and that stands, as that run linked it, brought it up to date, or wrote it anew. What another run rests on is
 * spared as what something refers to (D16). Only waves behind this one are looked at: by the clock, or, as that may go
 * back, by the numbers of transactions. And those whose row one that waves wrote, and that stays, refers to.
 */
export const claimedEntries = (
  run: string,
  wave: number,
  { tables, logs, known = [] }: KeptByThose = keptByThose([], []),
): Sql => sql`${raw(tables.map((table) => `${table},\n  `).join(""))}claimed as materialized (
    with other as materialized (
      select w.run_id, w.wave from wavegate.waves w
       where w.run_id <> ${uuid(run)} and (w.status <> 'rolled_back' or coalesce((w.counts -> 'rolledBack' ->> 'spared')::bigint, 1) > 0)
         and (w.committed_at >= (select min(e.committed_at) from entries e)
              or (w.counts ->> 'transaction')::bigint > (
                select (o.counts ->> 'transaction')::bigint from wavegate.waves o where o.run_id = ${uuid(run)} and o.wave = ${wave})))
    select distinct e.id as log
      from other
      cross join lateral (
        select l.id, l.target_table, ${raw(targetShown("l"))} as target from wavegate.legacy_import_commit_logs l
         where l.run_id = other.run_id and l.wave = other.wave and l.rolled_back_at is null
           and l.action in ('commit', 'link', 'update') offset 0) u
      join entries e on e.action = 'commit' and e.target_table = u.target_table and ${raw(targetShown("e"))} = u.target and e.id < u.id
     -- Where there is no such wave no entry is gone through.
     where exists (select from other)${raw(logs.map((log) => `\n    union ${log}`).join(""))}${
       known.length === 0
         ? raw("")
         : sql`
    union select e.id from entries e where e.id <@ ${multirange(known)}::int8multirange`
     })`;
