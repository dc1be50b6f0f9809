import { gatherStatistics } from "../compile/statistics.ts";
import { type Database, localSettings } from "../data/database.ts";
import { findRun, lockRun, lockRunState, type Run, requirePeople } from "../data/runs.ts";
import { raw, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { pinOf } from "../evidence/pinned.ts";
import { tellVoided, voidSignOffs } from "../review/sign-off/void.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { hasLooseCopies, takeBackFiles } from "./files/take-back-files.ts";
import { noteWaiting } from "./run/note-waiting.ts";
import { progressNotes } from "./run/ranges.ts";
import { requireNoneLost } from "./undo/lost-rows.ts";
import { openWaves } from "./undo/undo-wave.ts";
import { takeAllBack } from "./undo/undo-waves.ts";
import type { UndoneWave } from "./undo/undone-wave.ts";
import { beforeRun, releaseLock, waitForWave } from "./wave/commit-lock.ts";
import { whenAlone } from "./wave/table-locks.ts";

export interface RolledBack {
  readonly run: string;
  /** `goes_on` where there is more to take back than there was time for: it is sent again. */
  readonly outcome: "rolled_back" | "conflicts" | "nothing_to_do" | "goes_on";
  readonly waves: readonly UndoneWave[];
}

/**
 * Takes a run's waves back, the latest first, down to `toWave` (1 for the whole run). Nothing is
 * touched but what the run created and its own links; what was edited since is listed, not deleted
 * (M12, D16, D17). `by` stands in the audit log. A further wave then needs a new sign-off (R17).
 *
 * It is several transactions, and each step looks at what is left of it: sent again after whatever
 * happened, it comes to its end. The approvals go first, so that no cut leaves one for rows taken back.
 *
 * @param minutes after which nothing more of it is begun
 */
export async function rollback(
  services: Services,
  id: string,
  toWave = 1,
  by = "wavegate",
  minutes = Number.POSITIVE_INFINITY,
): Promise<RolledBack> {
  const begun = services.clock().getTime();
  const overdue = () => services.clock().getTime() - begun >= minutes * 60_000;
  const run = await findRun(services.stage, id);
  // What cannot be taken back is not begun to be.
  requirePeople(run, "A rollback");
  pinOf(run);
  await requireWave(services.stage, run, toWave);
  await whenAlone(async () => {
    await begin(services, run, toWave);
    await waitForWave(services.commitOf(run.migration), run);
  });
  const undone: UndoneWave[] = [];
  let ended: boolean | undefined;
  // Told to go on in the middle of it, the run may have written another wave: that one goes too.
  while (ended === undefined) {
    undone.push(
      ...(await takeBack(services, run, { toWave, by, overdue }).catch((error) =>
        halted(services, run, error),
      )),
    );
    if (overdue() && (await anyStands(services.stage, run.id, toWave))) break;
    ended = await whenAlone(async () => {
      await takeBackFiles(services, run, { overdue });
      await requireNoneLost(services, run, toWave);
      return end(services, run, toWave);
    }).catch((error) => halted(services, run, error));
    if (overdue()) break;
  }
  if (ended === undefined) return { run: run.id, outcome: "goes_on", waves: undone };
  await tellVoided(services, run.id);
  return { run: run.id, outcome: outcomeOf(undone, ended), waves: undone };
}

/**
 * A wave that is none, nor the next one, which may be being written, is somebody's mistake: a run is not stopped for it,
 * nor are its approvals void and its features off. Error: `UnknownWave`.
 */
export async function requireWave(db: Database, run: Run, toWave: number): Promise<void> {
  if (toWave <= 1) return;
  const { last } = await db.one<{ last: number }>(
    sql`select coalesce(max(wave), 0) as last from wavegate.waves where run_id = ${uuid(run.id)}`,
  );
  if (toWave <= last || (toWave === last + 1 && run.status !== "completed")) return;
  throw new Refusal(
    "UnknownWave",
    `Run ${run.reference} has no wave ${toWave}${last === 0 ? "" : `; its last one is ${last}`}. Nothing was changed.`,
  );
}

/** How much of a rollback is taken back. */
interface Sums {
  /** Waves, and rows of theirs. */
  readonly waves: number;
  readonly undone: number;
  readonly spared: number;
}

/** What a call took back, together with the calls before it that it goes on from. */
export function inAll(
  before: Sums,
  { outcome, waves }: Omit<RolledBack, "run">,
): Sums & Pick<RolledBack, "outcome"> {
  const sum = (count: "undone" | "spared") =>
    waves.reduce((all, wave) => all + wave[count], before[count]);
  const sums = {
    waves: before.waves + waves.length,
    undone: sum("undone"),
    spared: sum("spared"),
  };
  if (outcome === "goes_on") return { outcome, ...sums };
  if (sums.spared > 0) return { outcome: "conflicts", ...sums };
  return { outcome: sums.waves > 0 ? "rolled_back" : outcome, ...sums };
}

function outcomeOf(undone: readonly UndoneWave[], ended: boolean): RolledBack["outcome"] {
  if (undone.some(({ spared }) => spared > 0)) return "conflicts";
  return undone.length > 0 || ended ? "rolled_back" : "nothing_to_do";
}

/** What is not right about the platform stops the rollback, and the run says why (R14). */
async function halted(services: Services, run: Run, error: unknown): Promise<never> {
  // What met somebody else at that moment is tried again.
  if (error instanceof Refusal && error.name !== "WaveContended") {
    const because = { error: error.name, message: error.message };
    await noteWaiting(services, { run: run.id, status: "halted", because });
  }
  throw error;
}

/**
 * Nobody goes on behind a rollback's back: the run stops, and nothing rests on its old decisions any
 * more (R17). Taken back in part, its first wave keeps its own.
 */
async function begin(services: Services, run: Run, toWave: number): Promise<void> {
  await services.stage.transaction(async (transaction) => {
    await transaction.rows(localSettings);
    requirePeople(await lockRunState(transaction, run.id), "A rollback");
    await transaction.execute(sql`
      update wavegate.legacy_import_runs set control = 'stop', updated_at = now() where id = ${uuid(run.id)}`);
    // Before the log's turn is taken: whoever decides holds a question, and then wants the turn.
    const voided = await voidDecisions(transaction, run, toWave);
    // Nobody is shown what is about to go (C10).
    await transaction.rows(sql`select wavegate.features_off(${uuid(run.id)}) as turned`);
    await logVoided(transaction, services, run, toWave, voided);
  });
}

/** Answers how many there were. */
const voidDecisions = (transaction: Database, run: Run, toWave: number): Promise<number> =>
  voidSignOffs(transaction, {
    run: run.id,
    because: "the run was rolled back",
    which: toWave <= 1 ? "all" : "after_first_wave",
  });

async function logVoided(
  transaction: Database,
  { clock }: Services,
  run: Run,
  toWave: number,
  voided: number,
): Promise<void> {
  if (voided === 0) return;
  await appendAudit(
    transaction,
    run.id,
    {
      actor: "wavegate",
      action: "sign-offs-voided",
      details: { because: "rolled back", to_wave: toWave, sign_offs: voided },
    },
    clock(),
  );
}

async function takeBack(
  services: Services,
  run: Run,
  { toWave, by, overdue }: { toWave: number; by: string; overdue: () => boolean },
): Promise<UndoneWave[]> {
  const waves = await openWaves(services.stage, run.id, toWave);
  if (waves.length === 0) return [];
  // Without statistics of a ledger that just grew, a wave would be joined row by row.
  await services.stage.execute(gatherStatistics("legacy_import_commit_logs"));
  const undone: UndoneWave[] = [];
  const all = waves.reduce((sum, { entries }) => sum + entries, 0);
  let done = 0;
  const note = progressNotes(services.stage, run.id, "rollback", all);
  await note(0);
  await takeAllBack(services, run, waves, by, async (taken) => {
    undone.push(...taken);
    const of = waves.filter(({ wave }) => taken.some((each) => each.wave === wave));
    done += of.reduce((sum, { entries }) => sum + entries, 0);
    await note(done);
    return !overdue();
  });
  return undone;
}

async function anyStands(db: Database, run: string, toWave: number): Promise<boolean> {
  const { stands } = await db.one<{ stands: boolean }>(sql`
    select exists (select from wavegate.waves
                    where run_id = ${uuid(run)} and wave >= ${toWave} and status <> 'rolled_back') as stands`);
  return stands;
}

/**
 * The end of a rollback, reached whatever there was to undo: decisions of the meantime are void too,
 * the lock is free, and the run stands as what it is. Taken back whole it has no drill any more.
 * Returns whether anything of this was still to be done; undefined if another wave was written meanwhile, and
 * it is not the end.
 */
async function end(services: Services, run: Run, toWave: number): Promise<boolean | undefined> {
  const whole = toWave <= 1;
  return services.stage.transaction(async (transaction) => {
    await transaction.rows(localSettings);
    await beforeRun(transaction);
    // A wave under way is waited for, and behind this line none may begin.
    await lockRun(transaction, run.id);
    await transaction.execute(sql`
      update wavegate.legacy_import_runs set control = 'stop', updated_at = now() where id = ${uuid(run.id)}`);
    // What was spared keeps its entries open for good; a wave of the meantime is one that stands.
    if (await anyStands(transaction, run.id, toWave)) return undefined;
    if (await hasLooseCopies(transaction, run.id)) return undefined;
    const voided = await voidDecisions(transaction, run, toWave);
    await logVoided(transaction, services, run, toWave, voided);
    if (whole) {
      for (const table of ["drills", "drill_rounds"])
        await transaction.execute(
          sql`delete from wavegate.${raw(table)} where run_id = ${uuid(run.id)}`,
        );
    }
    const ended = await transaction.execute(sql`
      update wavegate.legacy_import_runs r
         set status = ${whole ? "rolled_back" : "stopped"}, halted_because = null, updated_at = now()
       where id = ${uuid(run.id)} and status not in ('rolled_back', ${whole ? "rolled_back" : "stopped"})
         and exists (select from wavegate.waves w
                      where w.run_id = r.id and w.wave >= ${toWave} and w.status = 'rolled_back')`);
    await releaseLock(transaction, run);
    if (ended > 0) {
      await appendAudit(
        transaction,
        run.id,
        { actor: "wavegate", action: "rolled-back", details: { to_wave: toWave } },
        services.clock(),
      );
    }
    return ended > 0;
  });
}
