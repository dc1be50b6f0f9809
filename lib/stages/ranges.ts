import { type RowRange, rangeBounds } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Sql } from "../data/sql.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";

/** Rows a set-based statement works on at a time: far from the Data API's 45 s on any cluster. */
const rowsPerStatement = 100_000;

/**
 * Runs statements over all staged rows of a run, range by range, and keeps the progress. Each
 * statement is safe to run again, so a stage that was cut off starts over.
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
  let changed = 0;
  for (const [turn, statement] of statements.entries()) {
    let after = 0;
    for (const [index, { up_to }] of bounds.entries()) {
      changed += await db.execute(statement({ run, after, upTo: up_to }));
      after = up_to;
      const done = turn * bounds.length + index + 1;
      await noteProgress(db, run, stage, done, statements.length * bounds.length);
    }
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
