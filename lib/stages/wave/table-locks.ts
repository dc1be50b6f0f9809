import { setTimeout as sleep } from "node:timers/promises";
import { findUnguarded, lockAgainstWriters } from "../../compile/target/unguarded.ts";
import { type Database, limitWaits } from "../../data/database.ts";
import { DatabaseContended } from "../../data/failures.ts";
import { raw } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";

/** The tables that a wave has to have for itself while it looks what is there and writes beside it. */
export async function tablesToLock(
  db: Database,
  migration: WholeMigration,
): Promise<readonly string[]> {
  const asked = findUnguarded(migration);
  if (asked === undefined) return [];
  return (await db.rows<{ name: string }>(asked)).map(({ name }) => name);
}

/** Longer than PostgreSQL lets an autovacuum go on that somebody waits for (`deadlock_timeout`, a second). */
export const alone = "1500ms";

/**
 * Takes these tables, in one order, before the transaction's first look, and then does what waits for other locks of
 * ours. While it holds one of them none is waited for longer than half a second: whoever writes on the platform stands
 * behind us meanwhile, and of two who wait for each other this one gives way before PostgreSQL ends the other. While it
 * holds none nobody can wait for it: then each is waited for until PostgreSQL has ended an autovacuum of it.
 */
export async function withTables<Result>(
  transaction: Database,
  tables: readonly string[],
  then: () => Promise<Result>,
): Promise<Result> {
  if (tables.length === 0) return then();
  await transaction.execute(raw(`set local lock_timeout = '${alone}'`));
  if (tables.length > 1) {
    for (const table of tables) {
      await transaction.execute(raw("savepoint alone"));
      await transaction.execute(lockAgainstWriters([table]));
      // The lock goes with it.
      await transaction.execute(raw("rollback to savepoint alone"));
      await transaction.execute(raw("release savepoint alone"));
    }
    await transaction.execute(raw("set local lock_timeout = '500ms'"));
  }
  await transaction.execute(lockAgainstWriters(tables));
  if (tables.length === 1) await transaction.execute(raw("set local lock_timeout = '500ms'"));
  const done = await then();
  await transaction.execute(limitWaits);
  return done;
}

const contended: Readonly<Record<string, string>> = {
  // Of a row's own lock the other one is a wave of ours; of rows that a new one refers to it is whoever locked and wrote them.
  "40001":
    "Another wave of this migration, or somebody on the platform, wrote the same rows or rows that they refer to at the same moment.",
  "40P01": "Somebody wrote into the same tables at the same moment.",
  "55P03": "Somebody has been writing into the same tables for longer than a wave waits.",
};

/** Of two who write at once the database lets one through; the other is told in a sentence. */
export async function whenAlone<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const state = error instanceof Error && /SQLState: (\w{5})/.exec(error.message)?.[1];
    const says = state ? contended[state] : undefined;
    if (says === undefined) throw error;
    throw new Refusal(
      "WaveContended",
      `${says} Nothing was written by this one; it may be sent again. Where that is said each time, \`pg_stat_activity\` tells who holds what.`,
      { cause: error },
    );
  }
}

/** Does what is done whole or not at all again, as long as somebody else is let through, and for a minute or two at most. */
export async function untilAlone<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseContended) || tries === 25) throw error;
      await sleep(Math.min(3_000, tries * 250) * (1 + Math.random()));
    }
  }
}
