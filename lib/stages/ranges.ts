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

/**
 * Runs statements over all staged rows of a run, range by range, and keeps the progress. Each
 * statement is safe to run again, so a stage that was cut off starts over. The next statement
 * begins when the one before has seen every row.
 *
 * @returns how many rows were changed
 */
export async function overRanges(
  db: Database,
  migration: Migration,
  run: string,
  stage: string,
  statements: readonly ((range: RowRange) => Sql)[],
): Promise<number> {
  const bounds = await db.rows<{ up_to: number }>(rangeBounds(migration, run, rowsPerStatement));
  const ranges = bounds.map(({ up_to }, index) => ({
    run,
    after: bounds[index - 1]?.up_to ?? 0,
    upTo: up_to,
  }));
  const all = statements.length * ranges.length;
  let [changed, done] = [0, 0];
  for (const statement of statements) {
    await inLanes(ranges, async (range) => {
      changed += await db.execute(statement(range));
      done += 1;
      await noteProgress(db, run, stage, done, all);
    });
  }
  return changed;
}

/** Writes how far long work is, for bars and time left (W11). */
export const noteProgress = (
  db: Database,
  run: string,
  stage: string,
  done: number,
  total: number,
): Promise<number> =>
  db.execute(sql`
    insert into wavegate.progress (run_id, stage, done, total, started_at, updated_at)
    values (${uuid(run)}, ${stage}, ${done}, ${total}, clock_timestamp(), clock_timestamp())
    on conflict (run_id, stage) do update
      set done = excluded.done, total = excluded.total, updated_at = excluded.updated_at`);
