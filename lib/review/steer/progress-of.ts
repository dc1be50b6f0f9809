import { stagingTable } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import { findRun } from "../../data/runs.ts";
import { join, raw, sql, uuid } from "../../data/sql.ts";
import { pinOf } from "../../evidence/pinned.ts";

/** How far a stage is (W11). */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** Rows a second by the database's clock; 0 when that is not known yet. */
  readonly rate: number;
  /** Seconds that are left by that rate, counted from now; null when it is not known. */
  readonly left: number | null;
}

/**
 * The stage of a run that is under way, in rows. An import and the waves count what is written; the
 * other stages go over all staged rows in parts, and a part is its share of the rows.
 */
export const progressOf = async (db: Database, runId: string): Promise<Progress | undefined> =>
  (await importing(db, runId)) ?? (await newest(db, runId));

interface Importing {
  readonly total: number;
  /** Rows of finished ranges, and of those that were finished when the import began, or went on. */
  readonly ended: number;
  readonly before: number;
  /** Since it began or went on; null when that was not noted. */
  readonly seconds: number | null;
}

/** An import with ranges still open, to the rows that are staged: ranges are too few to tell the time by. */
async function importing(db: Database, runId: string): Promise<Progress | undefined> {
  const [found] = await db.rows<Importing>(sql`
    select coalesce((r.counts ->> 'source_rows')::bigint, 0) as total,
           coalesce(sum(i.rows_read) filter (where i.done_at is not null), 0)::bigint as ended,
           coalesce(sum(i.rows_read) filter (where i.done_at < p.started_at), 0)::bigint as before,
           extract(epoch from clock_timestamp() - p.started_at)::float8 as seconds
      from wavegate.legacy_import_runs r
      join wavegate.import_ranges i on i.run_id = r.id
      left join wavegate.progress p on p.run_id = r.id and p.stage = 'import'
     where r.id = ${uuid(runId)}
     group by r.id, p.started_at
    having count(*) filter (where i.done_at is null) > 0`);
  if (found === undefined) return undefined;
  // Ids are given in order: the first and the last tell how many, without counting.
  const counted = pinOf(await findRun(db, runId)).entities.map(
    ({ staging }) => sql`
    (select coalesce(max(id) - min(id) + 1, 0)::bigint
       from ${raw(stagingTable(staging.source))} where run_id = ${uuid(runId)})`,
  );
  const { staged } = await db.one<{ staged: number }>(
    sql`select ${join(counted, " + ")} as staged`,
  );
  const { total, ended, before, seconds } = found;
  const done = Math.min(total, Math.max(ended, staged));
  const rate = seconds !== null && seconds > 0 ? Math.max(0, done - before) / seconds : 0;
  return { stage: "import", done, total, rate, left: rate > 0 ? (total - done) / rate : null };
}

/**
 * What a stage noted last, or the waves, whichever is newer. A stage notes its own start, so that the
 * time is that of all its parts; between two notes the time left goes on falling.
 */
async function newest(db: Database, runId: string): Promise<Progress | undefined> {
  const [found] = await db.rows<Progress>(sql`
    with noted as (
      select p.stage, rows * p.done / p.total as done, rows as total, p.updated_at as at,
             extract(epoch from p.updated_at - p.started_at) as took,
             extract(epoch from clock_timestamp() - p.updated_at) as since
        from wavegate.progress p
        join wavegate.legacy_import_runs r on r.id = p.run_id
       cross join lateral (
             select case when p.stage = 'rollback' then p.total
                         else coalesce((r.counts ->> 'staged_rows')::bigint, p.total) end as rows) n
       -- An import is told by its ranges: of an empty table there are none.
       where p.run_id = ${uuid(runId)} and p.total > 0 and rows > 0 and p.stage <> 'import'
      union all
      select 'import', i.rows, i.rows, p.updated_at, null, 0
        from wavegate.progress p
       cross join (select sum(rows_read)::bigint as rows from wavegate.import_ranges
                    where run_id = ${uuid(runId)}) i
       where p.run_id = ${uuid(runId)} and p.stage = 'import' and i.rows > 0),
    waves as (
      select wave, size, committed_at, greatest(committed_at, verified_at) as at,
             coalesce((counts ->> 'picked')::bigint, 0) as rows
        from wavegate.waves where run_id = ${uuid(runId)} and status <> 'rolled_back'),
    -- The pace is that of waves of the newest size, as smaller ones cost more a row, and so nothing is
    -- told before waves are as large as those that come; what a person takes to decide says nothing
    -- about it, and nobody knows when that ends.
    unbroken as (
      select rows, committed_at from waves
       where size = (select size from waves order by wave desc limit 1)
         and size >= (select (wave_plan ->> -1)::int from wavegate.legacy_import_runs
                       where id = ${uuid(runId)})
         and committed_at > coalesce(
               (select max(case when status = 'pending' then 'infinity' else decided_at end)
                  from wavegate.sign_offs where run_id = ${uuid(runId)}), '-infinity')
       order by wave desc limit 20),
    -- A wave is dated by its beginning: between the first and the last, all but the last were written.
    pace as (
      select sum(rows) - (array_agg(rows order by committed_at desc))[1] as rows,
             extract(epoch from max(committed_at) - min(committed_at)) as took
        from unbroken),
    planned as (
      select coalesce((report -> 'plan' ->> 'commit')::bigint, 0)
             + coalesce((report -> 'plan' ->> 'link')::bigint, 0)
             + coalesce((report -> 'plan' ->> 'update')::bigint, 0) as rows
        from wavegate.dry_runs where run_id = ${uuid(runId)} order by created_at desc limit 1),
    known as (
      select stage, done, total, at, coalesce(done / nullif(took, 0), 0) as rate, since from noted
      union all
      select 'waves', sum(w.rows), max(p.rows), max(w.at),
             (select coalesce(rows / nullif(took, 0), 0) from pace), 0
        from waves w cross join planned p having count(*) > 0)
    select stage, done::bigint as done, total, rate::float8 as rate,
           case when rate > 0 then greatest(0, (total - done) / rate - since) end::float8 as left
      from known order by at desc, stage limit 1`);
  return found;
}
