import { type RowRange, rangeBounds } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Migration } from "../define/definition.ts";

/** All staged rows of a run, in ranges of at most `rows` rows, in the order of their ids. */
export async function rowRanges(
  db: Database,
  migration: Migration,
  run: string,
  rows: number,
): Promise<readonly RowRange[]> {
  const bounds = await db.rows<{ up_to: number }>(rangeBounds(migration, run, rows));
  // The first range reaches down to the beginning, whatever ids there are.
  return bounds.map(({ up_to }, index) => ({
    run,
    after: bounds[index - 1]?.up_to ?? -1,
    upTo: up_to,
  }));
}
