import { type ForeignKey, findForeignKeys, leftBehind, undoWave } from "../compile/rollback.ts";
import { type Database, localSettings } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { identifier, json, raw, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { tellVoided, voidSignOffs } from "../review/void-sign-offs.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { lockOwner, releaseLock, waitForWave } from "./commit-lock.ts";
import { openRun } from "./opened-run.ts";
import { noteProgress } from "./ranges.ts";

/** A created row that a rollback spared, and why (D16). */
export interface Conflict {
  readonly table: string;
  readonly id: number;
  readonly conflict: {
    readonly edited: boolean;
    readonly referenced: boolean;
    readonly changed: readonly string[];
  };
}

/** One wave, taken back. */
export interface UndoneWave {
  readonly wave: number;
  readonly entries: number;
  readonly undone: number;
  readonly unlinked: number;
  /** Rows that somebody else had deleted. */
  readonly gone: number;
  readonly spared: number;
  /** The first hundred that were spared. */
  readonly conflicts: readonly Conflict[];
}

export interface RolledBack {
  readonly run: string;
  readonly outcome: "rolled_back" | "conflicts" | "nothing_to_do";
  readonly waves: readonly UndoneWave[];
}

/**
 * Takes a run's waves back, the latest first, down to `toWave` (1 for the whole run). Nothing is
 * touched but what the run created and its own links; what was edited since is listed, not deleted
 * (M12, D16, D17). A further wave then needs a new sign-off (R17).
 */
export async function rollback(services: Services, id: string, toWave = 1): Promise<RolledBack> {
  const { run, migration } = await openRun(services, id);
  // No wave may start behind a rollback's back: whoever wants to go on says so with `resume`.
  await services.stage.execute(sql`
    update wavegate.legacy_import_runs set control = 'stop', updated_at = now() where id = ${uuid(run.id)}`);
  const owner = await lockOwner(services.stage, run.migration);
  await waitForWave(services.commit, run);
  const rolledBack = await takeBack(services, run, migration, toWave);
  // A lock that was only taken to wait is given back: an older run keeps nobody from committing.
  if (owner?.id !== run.id) await releaseLock(services.stage, run);
  return rolledBack;
}

async function takeBack(
  services: Services,
  run: Run,
  migration: Migration,
  toWave: number,
): Promise<RolledBack> {
  // Without statistics of a ledger that just grew, a wave would be joined row by row.
  await services.stage.execute(
    raw(
      "analyze wavegate.legacy_import_commit_logs (run_id, wave, action, target_table, rolled_back_at)",
    ),
  );
  const undone: UndoneWave[] = [];
  const waves = await openWaves(services.stage, run.id, toWave);
  const all = Math.max(
    1,
    waves.reduce((sum, { entries }) => sum + entries, 0),
  );
  let done = 0;
  await noteProgress(services.stage, run.id, "rollback", 0, all);
  for (const { wave, entries } of waves) {
    undone.push(await rollbackWave(services, run, migration, wave));
    done += entries;
    await noteProgress(services.stage, run.id, "rollback", done, all);
  }
  if (undone.length === 0) return { run: run.id, outcome: "nothing_to_do", waves: [] };
  await endRollback(services, run, toWave);
  const conflicts = undone.some(({ spared }) => spared > 0);
  return { run: run.id, outcome: conflicts ? "conflicts" : "rolled_back", waves: undone };
}

/** Waves with ledger entries that are not undone, the latest first. */
const openWaves = (
  db: Database,
  run: string,
  toWave: number,
): Promise<{ wave: number; entries: number }[]> =>
  db.rows(sql`
    select wave, count(*) as entries from wavegate.legacy_import_commit_logs
     where run_id = ${uuid(run)} and wave >= ${toWave} and rolled_back_at is null
     group by wave order by wave desc`);

/** Takes one wave back in one transaction, as the role that wrote it. */
export async function rollbackWave(
  { commit, clock }: Services,
  run: Run,
  migration: Migration,
  wave: number,
): Promise<UndoneWave> {
  return commit.transaction(async (transaction) => {
    await transaction.rows(localSettings);
    // Two rollbacks at once take their turns.
    await transaction.rows(
      sql`select id from wavegate.legacy_import_runs where id = ${uuid(run.id)} for update`,
    );
    const keys = await transaction.rows<ForeignKey>(findForeignKeys(migration));
    // A key that deletes by itself would take a row with it that appeared after the look.
    for (const target of new Set(keys.filter(({ acts }) => acts).map(({ target }) => target))) {
      await transaction.execute(raw(`lock table ${identifier(target)} in exclusive mode`));
    }
    const undone = await transaction.one<
      Omit<UndoneWave, "wave"> & { logged: number; reset: number }
    >(undoWave(migration, run.id, wave, keys));
    if (undone.logged !== undone.entries || undone.reset !== undone.undone) {
      throw new Refusal(
        "RollbackUnbalanced",
        `Wave ${wave} could not be taken back whole, so nothing of it was.`,
      );
    }
    const { n: behind } = await transaction.one<{ n: number }>(leftBehind(migration, run.id, wave));
    if (behind > 0) {
      throw new Refusal(
        "RollbackUnbalanced",
        `Rows of wave ${wave} were still there after it was taken back, so nothing of it was.`,
      );
    }
    await transaction.execute(sql`
      update wavegate.waves set status = 'rolled_back', rolled_back_at = now(),
             counts = counts || ${json({ rolledBack: { undone: undone.undone, spared: undone.spared, gone: undone.gone } })}
       where run_id = ${uuid(run.id)} and wave = ${wave}`);
    const { entries, undone: count, unlinked, gone, spared, conflicts } = undone;
    await appendAudit(
      transaction,
      run.id,
      {
        actor: "wavegate",
        action: "rollback",
        details: {
          wave,
          entries,
          undone: count,
          unlinked,
          gone,
          spared,
          conflicts: conflicts.map(({ table, id }) => `${table}:${id}`),
        },
      },
      clock(),
    );
    return { wave, entries, undone: count, unlinked, gone, spared, conflicts };
  });
}

/**
 * After a rollback nothing rests on the old decisions (R17). Taken back whole, the run has neither
 * approval nor drill; taken back in part, its first wave keeps its own.
 */
async function endRollback(services: Services, run: Run, toWave: number): Promise<void> {
  const whole = toWave <= 1;
  await voidSignOffs(services.stage, {
    run: run.id,
    because: "the run was rolled back",
    which: whole ? "all" : "after_first_wave",
  });
  await tellVoided(services, run.id);
  await services.stage.transaction(async (transaction) => {
    if (whole) {
      for (const table of ["drills", "drill_rounds"]) {
        await transaction.execute(
          sql`delete from wavegate.${raw(table)} where run_id = ${uuid(run.id)}`,
        );
      }
      await transaction.execute(sql`
        update wavegate.legacy_import_runs set status = 'rolled_back', updated_at = now()
         where id = ${uuid(run.id)}`);
      await releaseLock(transaction, run);
    } else {
      // A run of which a wave is missing is not complete any more: `resume` lets it go on.
      await transaction.execute(sql`
        update wavegate.legacy_import_runs set status = 'stopped', updated_at = now()
         where id = ${uuid(run.id)} and status in ('completed', 'waiting')`);
    }
    await appendAudit(
      transaction,
      run.id,
      {
        actor: "wavegate",
        action: "sign-offs-voided",
        details: { because: "rolled back", to_wave: toWave },
      },
      services.clock(),
    );
  });
}
