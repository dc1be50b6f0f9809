import { copiesLeft } from "../../compile/wave/file-copies.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { type Balance, keptBalance } from "../../evidence/balance.ts";
import { pinOf } from "../../evidence/pinned.ts";
import type { Machine } from "../../services/services.ts";
import { newestReport } from "../kept-report.ts";
import { machineOf } from "../people/acts.ts";
import type { DryRunReport } from "../report.ts";
import { type Progress, progressOf } from "./progress-of.ts";
import { restoreOpen } from "./restore.ts";
import { type SignOffLine, signOffsOf, type WaveLine, wavesOf } from "./standing.ts";

/** A wave, and how long it took. */
type TimedWave = WaveLine & {
  /** Between its beginning and the end of its verification; null while it is not verified. */
  readonly seconds: number | null;
};

/** An execution as the run's log names it. */
export interface Begun {
  readonly machine: Machine;
  /** Undefined of one whose own name may be about somebody. */
  readonly name: string | undefined;
}

/** Everything that is stored of where a run stands; nothing of its people. */
export interface RunStanding {
  readonly waves: readonly TimedWave[];
  readonly signOffs: readonly SignOffLine[];
  readonly progress: Progress | undefined;
  readonly balance: Balance;
  /** Of the latest dry run. */
  readonly report: DryRunReport | undefined;
  /** Executions that were begun behind the first one, the latest first: the last of the whole run, of its rollbacks, and of steps alone. */
  readonly begun: readonly Begun[];
  /** Copies of files that a rollback has begun to take away. */
  readonly copiesLeft: number;
  /** Whether a restore of its backup was begun that did not come to its end. */
  readonly restoring: boolean;
  /** When it halted last, of one that is halted; undefined where its log does not tell. */
  readonly haltedAt: string | undefined;
  readonly drill: { readonly passed: boolean; readonly at: string } | undefined;
}

/** Reads where a run stands. */
export async function runStanding(db: Database, run: Run, now: Date): Promise<RunStanding> {
  const [waves, times, signOffs, progress, balanced, report, begun, copies, drills, halts] =
    await Promise.all([
      wavesOf(db, run),
      durations(db, run.id),
      signOffsOf(db, run, now),
      progressOf(db, run.id),
      keptBalance(db, pinOf(run), run.id),
      newestReport(db, run.id),
      begunLast(db, run.id),
      db.one<{ left: number; restoring: boolean }>(
        sql`select ${copiesLeft} as left, ${restoreOpen} as restoring from wavegate.legacy_import_runs r where r.id = ${uuid(run.id)}`,
      ),
      db.rows<{ passed: boolean; at: string }>(sql`
      select passed, at::text as at from wavegate.drills where run_id = ${uuid(run.id)}`),
      run.status === "halted" ? haltedAt(db, run.id) : [],
    ]);
  const seconds = new Map(times.map((each) => [each.wave, each.seconds]));
  return {
    waves: waves.map((wave) => ({ ...wave, seconds: seconds.get(wave.wave) ?? null })),
    signOffs,
    progress,
    balance: balanced,
    report,
    begun,
    copiesLeft: copies.left,
    restoring: copies.restoring,
    haltedAt: halts[0]?.at,
    drill: drills[0],
  };
}

const haltedAt = (db: Database, run: string): Promise<{ at: string }[]> =>
  db.rows(sql`
    select at::text as at from wavegate.audit_log
     where run_id = ${uuid(run)} and action = 'halted' order by seq desc limit 1`);

/** Of each the latest is looked for; one that is told of without its own name, or without any, hides none that has one. */
const kind = sql`
  case when name is null or name like '% %' then 'unnamed'
       when what in ('run', 'trial') then 'run'
       when what = 'rollback' and substr(name, 38) not like 'preview-%' then 'rollback'
       else 'step' end`;

/** Executions of a run, the latest first, of each kind the last. */
export async function begunLast(db: Database, run: string): Promise<Begun[]> {
  const found = await db.rows<{ what: string | null; name: string | null }>(sql`
    select what, name
      from (select seq, what, name, row_number() over (partition by ${kind} order by seq desc) as place
              from (select seq, details ->> 'what' as what, details ->> 'execution' as name
                      from wavegate.audit_log where run_id = ${uuid(run)} and action = 'execution-started') told) begun
     where place = 1 order by seq desc`);
  return found.map(({ what, name }) => ({
    machine: machineOf(what ?? ""),
    name: name === null || name.includes(" ") ? undefined : name,
  }));
}

const durations = (
  db: Database,
  run: string,
): Promise<{ wave: number; seconds: number | null }[]> =>
  rowsWhole(
    db,
    sql`
    select wave, extract(epoch from verified_at - committed_at)::float8 as seconds
      from wavegate.waves where run_id = ${uuid(run)} order by wave`,
  );
