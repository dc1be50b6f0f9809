import { type RowRange, rangeBounds } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Migration } from "../define/definition.ts";
import { idsPerEntity } from "../define/several.ts";

/** All staged rows of a run, in ranges of at most `rows` rows, in the order of their ids. */
export async function rowRanges(
  db: Database,
  migration: Migration,
  run: string,
  rows: number,
): Promise<readonly RowRange[]> {
  const bounds = await db.rows<{ up_to: number }>(rangeBounds(migration, run, rows));
  // The first range reaches down to the beginning of this kind of things, whatever ids there are.
  const beginning = (upTo: number) => Math.floor(upTo / idsPerEntity) * idsPerEntity - 1;
  return bounds.map(({ up_to }, index) => ({
    run,
    after: bounds[index - 1]?.up_to ?? beginning(up_to),
    upTo: up_to,
  }));
}
