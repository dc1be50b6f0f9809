import { selfOf } from "../compile/above-columns.ts";
import {
  beginCircles,
  endCircles,
  findLevels,
  levelsOf,
  twiceAsFar,
  withoutLevel,
} from "../compile/levels.ts";
import { gatherStatistics } from "../compile/statistics.ts";
import type { Database } from "../data/database.ts";
import type { Sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { type Claim, whileClaimed } from "./claim.ts";

/**
 * The levels of a kind of things whose rows refer to rows of their own: what names none comes first, and what comes back
 * to itself before that. They are found once, as what rows name is what the source holds; one that was cut off goes on.
 * Of a kind that does not refer to itself there is one level without a number.
 */
export async function levelsFound(
  db: Database,
  claim: Claim,
  kind: Migration,
): Promise<readonly (number | undefined)[]> {
  const [name, run] = [selfOf(kind), claim.run.id];
  if (name === undefined) return [undefined];
  const write = (statement: Sql) =>
    whileClaimed(db, claim, (transaction) => transaction.execute(statement));
  const left = async () => (await db.one<{ rows: number }>(withoutLevel(kind, run))).rows;
  if ((await left()) > 0) await write(findLevels(kind, name, run));
  const circling = await left();
  if (circling > 0) {
    await write(beginCircles(kind, name, run));
    for (let far = 1; far < circling; far *= 2) await write(twiceAsFar(kind, name, run));
    await write(endCircles(kind, name, run));
    await write(findLevels(kind, name, run));
  }
  await db.execute(gatherStatistics(`${kind.entity.staging.table}_decisions`));
  const found = await db.rows<{ level: number }>(levelsOf(kind, run));
  return found.map(({ level }) => level);
}
