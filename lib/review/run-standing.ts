import { copiesLeft } from "../compile/file-copies.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { type Balance, keptBalance } from "../evidence/balance.ts";
import { pinOf } from "../evidence/pinned.ts";
import type { Machine } from "../services/services.ts";
import { machineOf } from "./acts.ts";
import { newestReport } from "./kept-report.ts";
import { type Progress, progressOf } from "./progress-of.ts";
import type { DryRunReport } from "./report.ts";
import { type SignOffLine, signOffsOf, type WaveLine, wavesOf } from "./standing.ts";

/** A wave, and how long it took. */
export type TimedWave = WaveLine & {
  /** Between its beginning and the end of its verification; null while it is not verified. */
  readonly seconds: number | null;
};

/** An execution as the run's log names it. */
export interface Begun {
  readonly machine: Machine;
  readonly name: string;
}

/** Everything that is stored of where a run stands; nothing of its people. */
export interface RunStanding {
  readonly waves: readonly TimedWave[];
  readonly signOffs: readonly SignOffLine[];
  readonly progress: Progress | undefined;
  readonly balance: Balance;
  /** Of the latest dry run. */
  readonly report: DryRunReport | undefined;
  /** Executions that were begun behind the first one, the latest first: of any kind, and of the whole run. */
  readonly begun: readonly Begun[];
  /** Copies of files that a rollback has begun to take away. */
  readonly copiesLeft: number;
  readonly drill: { readonly passed: boolean; readonly at: string } | undefined;
}

/** Reads where a run stands. */
export async function runStanding(db: Database, run: Run): Promise<RunStanding> {
  const [waves, times, signOffs, progress, balanced, report, begun, copies, drills] =
    await Promise.all([
      wavesOf(db, run),
      durations(db, run.id),
      signOffsOf(db, run),
      progressOf(db, run.id),
      keptBalance(db, pinOf(run), run.id),
      newestReport(db, run.id),
      begunLast(db, run.id),
      db.one<{ left: number }>(
        sql`select ${copiesLeft} as left from wavegate.legacy_import_runs r where r.id = ${uuid(run.id)}`,
      ),
      db.rows<{ passed: boolean; at: string }>(sql`
      select passed, at::text as at from wavegate.drills where run_id = ${uuid(run.id)}`),
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
    drill: drills[0],
  };
}

async function begunLast(db: Database, run: string): Promise<Begun[]> {
  const found = await db.rows<{ what: string; name: string }>(sql`
    select what, name
      from (select seq, details ->> 'what' as what, details ->> 'execution' as name,
                   row_number() over (partition by details ->> 'what' in ('run', 'trial') order by seq desc) as place
              from wavegate.audit_log where run_id = ${uuid(run)} and action = 'execution-started'
               -- One whose own name may be about somebody is told of by another.
               and details ->> 'execution' not like '% %') begun
     where place = 1 order by seq desc`);
  return found.map(({ what, name }) => ({ machine: machineOf(what), name }));
}

const durations = (
  db: Database,
  run: string,
): Promise<{ wave: number; seconds: number | null }[]> =>
  db.rows(sql`
    select wave, extract(epoch from verified_at - committed_at)::float8 as seconds
      from wavegate.waves where run_id = ${uuid(run)}`);
