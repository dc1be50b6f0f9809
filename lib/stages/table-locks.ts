import { findUnguarded, lockAgainstWriters } from "../compile/unguarded.ts";
import type { Database } from "../data/database.ts";
import { raw } from "../data/sql.ts";
import type { WholeMigration } from "../define/several.ts";
import { Refusal } from "../services/errors.ts";

/** The tables that a wave has to have for itself while it looks what is there and writes beside it. */
export async function tablesToLock(
  db: Database,
  migration: WholeMigration,
): Promise<readonly string[]> {
  const asked = findUnguarded(migration);
  if (asked === undefined) return [];
  return (await db.rows<{ name: string }>(asked)).map(({ name }) => name);
}

/**
 * Takes these tables, in one order, before the transaction's first look, and then does what waits for other locks of
 * ours. None is waited for longer than half a second: whoever writes on the platform stands behind us meanwhile, and
 * of two who wait for each other this one gives way before PostgreSQL ends the other.
 */
export async function withTables(
  transaction: Database,
  tables: readonly string[],
  then: () => Promise<void>,
): Promise<void> {
  if (tables.length === 0) return then();
  await transaction.execute(raw("set local lock_timeout = '500ms'"));
  await transaction.execute(lockAgainstWriters(tables));
  await then();
  await transaction.execute(raw("set local lock_timeout to default"));
}

const contended: Readonly<Record<string, string>> = {
  "40001": "Another wave of this migration was being written at the same moment.",
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
      `${says} Nothing was written by this one; it may be sent again.`,
      { cause: error },
    );
  }
}
