import { type RowRange, rangeBounds } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Sql } from "../data/sql.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";

/** Rows a set-based statement works on at a time: far from the Data API's 45 s on any cluster. */
const rowsPerStatement = 50_000;
/** Statements under way at once: as many as a small cluster has processors. */
const lanes = 2;

/** Works through a list in its order, two items at a time; the first failure ends it. */
export async function inLanes<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const open = items.values();
  let failed = false;
  const lane = async () => {
    for (const item of open) {
      if (failed) return;
      await work(item).catch((error) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** Hundredths of a per cent: what a stage's progress is counted in. */
export const wholeStage = 10_000;

/**
 * Runs a statement over all staged rows of a run, range by range, and keeps the progress. It is safe
 * to run again, so a stage that was cut off starts over.
 *
 * @param before how much of the stage is done already, of {@link wholeStage}
 * @returns how many rows were changed
 */
export async function overRanges(
  db: Database,
  migration: Migration,
  run: string,
  stage: string,
  statement: (range: RowRange) => Sql,
  before = 0,
): Promise<number> {
  const bounds = await db.rows<{ up_to: number }>(rangeBounds(migration, run, rowsPerStatement));
  const ranges = bounds.map(({ up_to }, index) => ({
    run,
    after: bounds[index - 1]?.up_to ?? 0,
    upTo: up_to,
  }));
  let [changed, done] = [0, 0];
  await noteProgress(db, run, stage, before);
  await inLanes(ranges, async (range) => {
    changed += await db.execute(statement(range));
    done += 1;
    const share = (wholeStage - before) * (done / ranges.length);
    await noteProgress(db, run, stage, before + Math.round(share));
  });
  return changed;
}

/**
 * Writes how much of a stage is done, of {@link wholeStage}: 0 at its start, from which the time left
 * is reckoned (W11). Of two notes that overtake each other the larger one stays.
 */
export const noteProgress = (
  db: Database,
  run: string,
  stage: string,
  done: number,
): Promise<number> =>
  db.execute(sql`
    insert into wavegate.progress as p (run_id, stage, done, total, started_at, updated_at)
    values (${uuid(run)}, ${stage}, ${done}, ${wholeStage}, clock_timestamp(), clock_timestamp())
    on conflict (run_id, stage) do update
      set done = case when excluded.done = 0 then 0 else greatest(p.done, excluded.done) end,
          total = excluded.total, updated_at = excluded.updated_at,
          started_at = case when excluded.done = 0 then excluded.started_at else p.started_at end`);
