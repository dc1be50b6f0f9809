import { differingRounds, thereAgain } from "../compile/wave/drilled.ts";
import type { Database } from "../data/database.ts";
import { lockRun, type Run } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { pinOf } from "../evidence/pinned.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { commit } from "./commit.ts";
import { takeBackFiles } from "./files/take-back-files.ts";
import { openRun, requireReached, requireRunning } from "./run/opened-run.ts";
import { takeWaveBack } from "./undo/undo-wave.ts";
import { verify } from "./verify.ts";
import { drillStands } from "./wave/drill-stands.ts";
import { wavesOf } from "./wave/plan.ts";
import { reshapedSince } from "./wave/reshaped-since.ts";

/** What the drill proved; all must be so, or the run stops (R14, D13). */
export interface Certificate {
  readonly wave: 1;
  readonly rows_written_first: number;
  readonly rows_taken_back: number;
  /** Created rows that were still on the platform after they were taken back. */
  readonly rows_left_behind: number;
  readonly conflicts: number;
  /** Rows that differ between the first and the second time, ids and moments aside. */
  readonly rows_differing: number;
  readonly verified_again: boolean;
}

export interface Drilled {
  readonly run: string;
  readonly passed: true;
  readonly certificate: Certificate;
}

/**
 * The rollback drill: takes wave one back, proves that nothing of it is left, commits it again and
 * proves that it is the same (R14, D13). Cut off at any point it goes on from what the ledger says.
 */
export async function drill(services: Services, id: string): Promise<Drilled> {
  const { run } = await openRun(services, id);
  const pin = pinOf(run);
  const db = services.stage;
  const passed = await certificateOf(services, run.id);
  if (passed) return { run: run.id, passed: true, certificate: passed };
  const failed = await failedBefore(services, run.id);
  if (failed) throw deviated(run.reference, failed);

  const first = async () => (await wavesOf(db, run.id)).find(({ wave }) => wave === 1);
  const before = await first();
  const begun = await begunRound(services, run.id);
  if (!before || (begun === null && before.status !== "verified")) {
    throw new Refusal(
      "DrillTooEarly",
      `Wave one of ${run.reference} is not committed and verified, so there is nothing to drill with. Nothing was written.`,
    );
  }
  const round = begun ?? before.round;
  if (begun === null && !(await beginRound(db, run, round))) return overtaken(services, run);
  if (before.status === "verified" && before.round === round)
    await takeWaveBack(services, run, 1, { round });
  const since = await reshapedSince(db, run, 1);
  const { n: left } = await db.one<{ n: number }>(
    thereAgain(since.pin, run.id, { wave: 1, round }, since.reshaped),
  );
  if ((await first())?.status === "rolled_back") {
    await takeBackFiles(services, run);
    await commit(services, { run: run.id, wave: 1, batch: Math.max(1, before.counts.picked) });
  }
  const again = await verify(services, run.id, 1);

  const counted = await db.one<{ written: number; undone: number; conflicts: number }>(sql`
    select count(*) as written, count(*) filter (where rolled_back_at is not null and conflict is null) as undone,
           count(*) filter (where conflict is not null) as conflicts
      from wavegate.legacy_import_commit_logs where run_id = ${uuid(run.id)} and wave = 1 and round = ${round}`);
  const { differing } = await db.one<{ differing: number }>(differingRounds(pin, run.id, 1, round));
  const certificate: Certificate = {
    wave: 1,
    rows_written_first: counted.written,
    rows_taken_back: counted.undone,
    rows_left_behind: left,
    conflicts: counted.conflicts,
    rows_differing: differing,
    verified_again: again.passed,
  };
  return judge(services, run, { round, certificate });
}

/**
 * A drill begins with the wave it looked at: one that a rollback took back meanwhile is none to drill with, nor one that
 * another delivery's drill wrote again and proved.
 */
const beginRound = (db: Database, run: Run, round: number): Promise<boolean> =>
  db.transaction(async (transaction) => {
    await lockRun(transaction, run.id);
    requireRunning(await requireReached(transaction, run.id, "export-review", "A drill"));
    const [stands] = await transaction.rows(sql`
      select 1 as yes from wavegate.waves
       where run_id = ${uuid(run.id)} and wave = 1 and round = ${round} and status = 'verified'
         and not ${drillStands(run.id)}`);
    if (!stands) return false;
    await transaction.execute(
      sql`insert into wavegate.drill_rounds (run_id, round) values (${uuid(run.id)}, ${round}) on conflict do nothing`,
    );
    return true;
  });

/** What another delivery proved of the same wave; else it is no more what this one drilled with. */
async function overtaken(services: Services, { id, reference }: Run): Promise<Drilled> {
  const certificate = await certificateOf(services, id);
  if (certificate) return { run: id, passed: true, certificate };
  throw new Refusal(
    "WaveTakenBack",
    `Wave 1 of ${reference} was taken back, or is no longer what was verified, while it was drilled. ` +
      `No certificate was given. \`wavegate status --run ${reference}\` says what comes next.`,
  );
}

/** The drill of this round is under way, or done by another delivery, and what it wrote again stands. */
async function roundStands(transaction: Database, run: string, round: number): Promise<boolean> {
  const [stands] = await transaction.rows(sql`
    select 1 as yes from wavegate.drill_rounds d
      join wavegate.waves w on w.run_id = d.run_id and w.wave = 1 and w.round > d.round and w.status <> 'rolled_back'
     where d.run_id = ${uuid(run)} and d.round = ${round}`);
  return stands !== undefined;
}

/** `wave 1, rows written first 25, …`. */
const inWords = (certificate: Certificate): string =>
  Object.entries(certificate)
    .map(([name, value]) => {
      const said = typeof value === "boolean" ? (value ? "yes" : "no") : value;
      return `${name.replaceAll("_", " ")} ${said}`;
    })
    .join(", ");

/** The certificate of a drill that passed. */
async function certificateOf({ stage }: Services, run: string): Promise<Certificate | undefined> {
  const [drilled] = await stage.rows<{ certificate: Certificate }>(
    sql`select certificate from wavegate.drills where run_id = ${uuid(run)} and ${drillStands(run)}`,
  );
  return drilled?.certificate;
}

/**
 * The certificate of a drill that failed and that nobody has looked into: sent again, it fails again,
 * as a second try that passes must not hide the first (R14). `resume` lets it be tried anew.
 */
async function failedBefore({ stage }: Services, run: string): Promise<Certificate | undefined> {
  const [failed] = await stage.rows<{ certificate: Certificate }>(sql`
    select d.certificate from wavegate.drills d
     where d.run_id = ${uuid(run)} and not d.passed
       and 'drill' = (select a.action from wavegate.audit_log a
                       where a.run_id = d.run_id and a.action in ('drill', 'resume') order by a.seq desc limit 1)`);
  return failed?.certificate;
}

const deviated = (reference: string, certificate: Certificate): Refusal =>
  new Refusal(
    "DrillFailed",
    `The rollback drill of ${reference} deviated: ${inWords(certificate)}. The run stops; no further wave starts. ` +
      `\`wavegate status --run ${reference}\` shows the ledger; \`wavegate resume --run ${reference}\` tries the drill again, \`wavegate rollback --run ${reference}\` takes the wave back.`,
  );

/** The round of wave one that a drill took back, or was about to, when it was cut off. */
async function begunRound({ stage }: Services, run: string): Promise<number | null> {
  const { round } = await stage.one<{ round: number | null }>(sql`
    select min(round) as round from wavegate.drill_rounds where run_id = ${uuid(run)} and not done`);
  return round;
}

/** Keeps what the drill proved of the wave that it wrote again, as long as that one stands. */
async function judge(
  services: Services,
  opened: Run,
  { round, certificate }: { readonly round: number; readonly certificate: Certificate },
): Promise<Drilled> {
  const { id: run, reference } = opened;
  const passed =
    // A row with a conflict is none that was taken back; and of no rows at all the second time would have others.
    certificate.rows_taken_back === certificate.rows_written_first &&
    certificate.rows_left_behind === 0 &&
    certificate.rows_differing === 0 &&
    certificate.verified_again;
  const kept = await services.stage.transaction(async (transaction) => {
    await lockRun(transaction, run);
    if (!(await roundStands(transaction, run, round))) return false;
    await transaction.execute(sql`
      insert into wavegate.drills (run_id, passed, certificate)
      values (${uuid(run)}, ${passed}, ${json(certificate)})
      on conflict (run_id) do update
        set passed = excluded.passed, certificate = excluded.certificate, at = now()`);
    await transaction.execute(
      sql`update wavegate.drill_rounds set done = true where run_id = ${uuid(run)}`,
    );
    await appendAudit(
      transaction,
      run,
      { actor: "wavegate", action: "drill", details: { passed, ...certificate } },
      services.clock(),
    );
    return true;
  });
  if (!kept) return overtaken(services, opened);
  if (passed) return { run, passed: true, certificate };
  throw deviated(reference, certificate);
}
