import { anyCandidates } from "../../compile/wave/rows.ts";
import type { Database } from "../../data/database.ts";
import { sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";

/** Whether waves may still take rows of a run, or wave one may (R11): asked until one is found. */
export async function areCandidates(
  db: Database,
  parts: readonly Migration[],
  run: string,
  which: "order" | "first" = "order",
): Promise<boolean> {
  for (const look of anyCandidates(parts, run, which)) {
    const { are } = await db.one<{ are: boolean }>(sql`select ${look} as "are"`);
    if (are) return true;
  }
  return false;
}
