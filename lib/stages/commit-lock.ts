import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";

/** The run that holds a migration's commit lock, if one does (W10). */
export async function lockOwner(
  db: Database,
  migration: string,
): Promise<{ id: string; reference: string } | undefined> {
  const [owner] = await db.rows<{ id: string; reference: string }>(sql`
    select r.id, r.reference from wavegate.commit_locks l
      join wavegate.legacy_import_runs r on r.id = l.run_id where l.migration = ${migration}`);
  return owner;
}

/** The refusal of a second run of a migration. */
export const anotherRun = (migration: string, reference = "another run"): Refusal =>
  new Refusal(
    "AnotherRunCommits",
    `Run ${reference} of “${migration}” holds the commit lock. Nothing was written. ` +
      `Wait until it is complete, or end it with \`wavegate stop --run ${reference}\`.`,
  );

/**
 * Takes the lock, or holds it again, inside the wave's own transaction: a wave that is refused takes
 * none, of two waves at once the second fails here (SQLState 40001) before it writes, and a run whose
 * lock another one holds writes nothing.
 */
export async function fence(transaction: Database, run: Run): Promise<void> {
  const held = await transaction.execute(sql`
    insert into wavegate.commit_locks (migration, run_id) values (${run.migration}, ${uuid(run.id)})
    on conflict (migration) do update set taken_at = now()
      where commit_locks.run_id = excluded.run_id`);
  if (held === 1) return;
  const owner = await lockOwner(transaction, run.migration);
  throw anotherRun(run.migration, owner?.reference);
}

/**
 * Waits for a wave that is being written at this moment, whose run was told to stop before: it is
 * committed or gone afterwards, and a wave whose snapshot is older fails on the lock (SQLState 40001).
 */
export const waitForWave = (db: Database, run: Run): Promise<number> =>
  db.transaction((transaction) =>
    transaction.execute(sql`
      insert into wavegate.commit_locks (migration, run_id) values (${run.migration}, ${uuid(run.id)})
      on conflict (migration) do update set taken_at = now()
        where commit_locks.run_id = excluded.run_id`),
  );

/** Gives the lock back, when a run is complete, stopped or rolled back. */
export const releaseLock = (db: Database, run: Pick<Run, "id">): Promise<number> =>
  db.execute(sql`delete from wavegate.commit_locks where run_id = ${uuid(run.id)}`);
