import { selvesOf } from "../../compile/above-columns.ts";
import {
  endCircles,
  findLevels,
  levelsOf,
  markCircles,
  nextLevel,
  noteNamed,
  setAside,
  takeBack,
  twiceAsFar,
  withoutLevel,
} from "../../compile/judge/levels.ts";
import { gatherStatistics } from "../../compile/statistics.ts";
import type { Database } from "../../data/database.ts";
import type { Sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { type Claim, onceWhileClaimed, whileClaimed } from "../run/claim.ts";

/** What finds the levels of one kind of things for one run. */
interface Finding {
  readonly kind: Migration;
  readonly run: string;
  /** The level of the rows that most others stand above; -1 where none is known. */
  readonly known: () => Promise<number>;
  /** So many rows have no level yet. */
  readonly left: () => Promise<number>;
  readonly write: (statement: Sql) => Promise<unknown>;
  /** Writes, and says of how many rows. */
  readonly set: (statement: Sql) => Promise<number>;
}

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
  const [first, ...others] = selvesOf(kind);
  if (first === undefined) return [undefined];
  const run = claim.run.id;
  const levels = async () =>
    (await db.rows<{ level: number }>(levelsOf(kind, run))).map(({ level }) => level);
  const finding: Finding = {
    kind,
    run,
    known: async () => (await levels()).at(-1) ?? -1,
    left: async () => (await db.one<{ rows: number }>(withoutLevel(kind, run))).rows,
    write: (statement) => whileClaimed(db, claim, (transaction) => transaction.execute(statement)),
    set: (statement) =>
      onceWhileClaimed(
        db,
        claim,
        async (transaction) => (await transaction.one<{ rows: number }>(statement)).rows,
      ),
  };
  await (others.length === 0 ? byOne(finding, first) : bySeveral(finding, [first, ...others]));
  await db.execute(gatherStatistics(`${kind.entity.staging.table}_decisions`));
  return levels();
}

/** Where each row names one other: down from those that name none, and around circles by looking twice as far each time. */
async function byOne({ kind, run, left, write }: Finding, name: string): Promise<void> {
  if ((await left()) > 0) await write(findLevels(kind, name, run));
  const circling = await left();
  if (circling === 0) return;
  await write(noteNamed(kind, name, run));
  for (let far = 1; far < circling; far *= 2) await write(twiceAsFar(kind, name, run));
  await write(endCircles(kind, name, run));
  await write(findLevels(kind, name, run));
}

/**
 * Where each row may name several: level by level, a row behind the last of those that it names. Of what is left, rows that
 * none of them names are set aside one after the other; then a circle is left, or several and what hangs between them,
 * which is held as if it were on one.
 */
async function bySeveral(
  { kind, run, known, left, write, set }: Finding,
  names: readonly string[],
): Promise<void> {
  await write(takeBack(kind, run));
  if ((await left()) === 0) return;
  for (const name of names) await write(noteNamed(kind, name, run));
  const downwards = async () => {
    let to = (await known()) + 1;
    while ((await set(nextLevel(kind, run, to))) > 0) to += 1;
  };
  await downwards();
  if ((await left()) === 0) return;
  while ((await set(setAside(kind, run))) > 0);
  await set(markCircles(kind, run));
  await write(takeBack(kind, run));
  await downwards();
}
