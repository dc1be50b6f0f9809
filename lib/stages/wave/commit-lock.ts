import { type Database, localSettings } from "../../data/database.ts";
import { lockedState, oneState, type Run, type RunState } from "../../data/runs.ts";
import { raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";

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
 * Before the first look of a wave or a rollback, of whatever migration: one writes at a time, and sees all that those before it wrote.
 * Of two migrations the locks are two, and whom one writes, or takes back, at this moment the other could not know: both would write
 * the same person, or one would link a row that goes. It is no statement for which PostgreSQL takes a snapshot.
 */
export const takeTurn: Sql = raw("lock table wavegate.write_turns in share update exclusive mode");

/** Takes the lock where it is free or the run's own: one row, or none. */
const takeLock = (
  run: Run,
  lock: Sql = sql`values (${run.migration}, ${uuid(run.id)})`,
): Sql => sql`
  insert into wavegate.commit_locks (migration, run_id) ${lock}
  on conflict (migration) do update set taken_at = now(), run_id = excluded.run_id
    where commit_locks.run_id is null or commit_locks.run_id = excluded.run_id`;

/**
 * Takes the lock, or holds it again, inside the wave's own transaction, behind a lock on the run's own row, and answers
 * the run's state behind both: a wave that is refused takes none, of two waves at once the second fails here (SQLState
 * 40001) before it writes, and a run whose lock another one holds writes nothing. So does a wave that began before another run's were written, be
 * their run over since: what they wrote its snapshot does not have.
 *
 * @param also further columns: see `lockedState`
 */
export const lockFencedRun = async <Also>(
  transaction: Database,
  run: Run,
  also: Sql,
): Promise<RunState & Also> => {
  // The run's own row first, as the lock is taken for the row that was locked.
  const { held, ...state } = await oneState<Also & { held: number }>(
    transaction,
    run.id,
    sql`
    with locked as materialized (${lockedState(run.id, "share", also)}),
    held as (${takeLock(run, sql`select ${run.migration}, id from locked`)} returning 1)
    select l.*, (select count(*) from held) as held from locked l`,
  );
  if (held === 1) return state as unknown as RunState & Also;
  const owner = await lockOwner(transaction, run.migration);
  throw anotherRun(run.migration, owner?.reference);
};

/**
 * Waits for a wave that is being written at this moment, whose run was told to stop before: it is
 * committed or gone afterwards, and a wave whose snapshot is older fails on the lock (SQLState 40001).
 */
export const waitForWave = (db: Database, run: Run): Promise<number> =>
  db.transaction(async (transaction) => {
    await transaction.rows(localSettings);
    return transaction.execute(takeLock(run));
  });

/**
 * Comes before a run's own row is locked by who gives the lock back: whoever erases people holds this table first, and
 * then the run. Two that took them the other way round would wait for each other.
 */
export const beforeRun = (transaction: Database): Promise<number> =>
  transaction.execute(sql`update wavegate.commit_locks set run_id = run_id where false`);

/** Gives the lock back, when a run is complete, stopped or rolled back. */
export const releaseLock = (db: Database, run: Pick<Run, "id">): Promise<number> =>
  db.execute(sql`update wavegate.commit_locks set run_id = null where run_id = ${uuid(run.id)}`);
