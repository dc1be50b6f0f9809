import { oneRecord, rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { reportOf } from "../../review/kept-report.ts";
import { waitingInVain } from "../../review/steer/end-waiting.ts";
import { type WaveCounts, writtenBy } from "../../review/steer/standing.ts";
import { several } from "../../services/words.ts";
import { nextWaveNumber, type WaveRow, wavesOf } from "../../stages/wave/plan.ts";
import { askToDecide } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { follow, startAlone, succeeded } from "../execution.ts";
import { runNamed } from "../runs.ts";
import { brief, showChecks } from "../show/checks.ts";
import { distributionOf, issuesOf, showDistribution } from "../show/counts.ts";
import { showDryRun } from "../show/dry-run.ts";
import { facts } from "../table.ts";
import { withAws } from "./with-aws.ts";

/** A stage that the state machine runs on its own (`only`). */
export type Stage = "validate" | "classify" | "match" | "dry-run" | "drill";

/** `wavegate validate|classify|match|dry-run|drill`: one stage of a run, again if it was run before. */
export const stage = (frame: Frame, name: Stage, runName: string): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, runName);
    await runOnly(aws, frame, run, name);
    const answer = await answerOf(aws, run, name);
    return withdrawn(aws, run, answer);
  });

/**
 * Ends the execution that waited for an answer about rows which were judged anew since, and says so:
 * its question was withdrawn with the first row.
 */
export async function withdrawn(aws: Aws, run: Run, answer: Answer): Promise<Answer> {
  if ((await waitingInVain(aws.db, run.id, "withdrawn")).length === 0) return answer;
  await askToDecide(aws, { decide: "withdrawn", run: run.id });
  return saysWithdrawn(run, answer);
}

/** An answer that says that a question was withdrawn. */
export function saysWithdrawn(run: Run, answer: Answer): Answer {
  const says =
    "What was asked about the rows as they were is withdrawn, and nobody is waited for. " +
    `\`wavegate resume --run ${run.reference}\` judges all of it again and asks anew.`;
  return { ...answer, text: [...answer.text, "", says] };
}

async function answerOf(aws: Aws, run: Run, name: Stage): Promise<Answer> {
  switch (name) {
    case "validate":
      return judged(aws, run, { validation_status: "verdict" }, await issuesOf(aws.db, run));
    case "classify":
      return judged(aws, run, { classification: "classification" });
    case "match":
      return judged(aws, run, {
        duplicate_confidence: "hint against the platform",
        source_duplicate_confidence: "hint inside the source",
      });
    case "dry-run":
      return dryRun(aws, run);
    case "drill":
      return drilled(aws, run);
  }
}

/** Runs one stage through the migration machine and returns the execution's output. */
export async function runOnly(aws: Aws, frame: Frame, run: Run, only: string): Promise<unknown> {
  const executionArn = await startAlone(aws, "migration", run, only, {
    migration: run.migration,
    run: run.id,
    only,
    acknowledge: {},
  });
  return succeeded(await follow(aws, frame, executionArn, run.id));
}

async function judged(
  aws: Aws,
  run: Run,
  columns: Readonly<Record<string, string>>,
  issues?: Readonly<Record<string, number>>,
): Promise<Answer> {
  const found: Record<string, Record<string, number>> = {};
  for (const column of Object.keys(columns)) {
    found[column] = await distributionOf(aws.db, run, column);
  }
  return {
    json: { run: run.reference, ...found, ...(issues === undefined ? {} : { issues }) },
    text: [
      `Run ${run.reference}. Nothing was written to the platform.`,
      ...Object.entries(columns).flatMap(([column, title]) =>
        showDistribution(title, found[column] ?? {}),
      ),
      ...(issues === undefined ? [] : showDistribution("rule that fired", issues)),
    ],
  };
}

/** What the newest dry run of a run showed. */
export async function dryRun(aws: Aws, run: Run): Promise<Answer> {
  const { digest } = await aws.db.one<{ digest: string }>(sql`
    select digest from wavegate.dry_runs
     where run_id = ${uuid(run.id)} order by created_at desc limit 1`);
  const report = await reportOf(aws.db, run.id, digest);
  return {
    json: { run: run.reference, digest, report },
    text: [
      `Run ${run.reference}, reviewed state ${digest.slice(0, 12)}`,
      ...(report === undefined ? [] : showDryRun(report)),
    ],
  };
}

async function drilled(aws: Aws, run: Run): Promise<Answer> {
  const drill = await aws.db.one<{ passed: boolean; certificate: Record<string, unknown> }>(sql`
    select passed, certificate from wavegate.drills where run_id = ${uuid(run.id)}`);
  return {
    exit: drill.passed ? 0 : 1,
    json: { run: run.reference, ...drill },
    text: [
      ...facts(
        Object.entries(drill.certificate).map(([name, value]) => [
          name.replaceAll("_", " "),
          typeof value === "boolean" ? (value ? "yes" : "NO") : brief(value),
        ]),
      ),
      "",
      drill.passed
        ? "The drill passed: wave one was taken back and written again, and both ends are equal."
        : "The drill did NOT pass. The run must not go on; see `wavegate status`.",
    ],
  };
}

/** `wavegate commit`: the next wave of the plan, as far as it is signed for. */
export const commit = (
  frame: Frame,
  options: { run: string; batch?: number; wave?: number },
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    const next = options.wave ?? waveMeant(await wavesOf(aws.db, run.id));
    const executionArn = await startAlone(aws, "wave", run, "commit", {
      run: run.id,
      next,
      ...(options.batch === undefined ? {} : { batch: options.batch }),
    });
    const ending = await follow(aws, frame, executionArn, run.id);
    // A wave that failed its checks is shown with them, and then is a failure.
    const unclean = ending.kind === "failed" && ending.error === "WaveNotClean";
    const output = unclean ? null : succeeded(ending);
    const wave = await waveOf(aws, run, next);
    return {
      exit: unclean || wave === undefined ? 1 : 0,
      json: { run: run.reference, wave: wave ?? null, output },
      text:
        wave === undefined
          ? ["No wave was committed: no row is left that a wave may take."]
          : showWave(run, wave),
    };
  });

/** One that is written and not verified yet is gone through again, and not overtaken; else the next one. */
function waveMeant(waves: readonly WaveRow[]): number {
  const written = waves.find(({ status }) => status === "committed");
  return written?.wave ?? nextWaveNumber(waves).wave;
}

interface Wave {
  readonly wave: number;
  readonly round: number;
  readonly size: number;
  readonly status: string;
  readonly clean: boolean | null;
  readonly counts: WaveCounts;
  readonly verification: readonly unknown[] | null;
}

async function waveOf(aws: Aws, run: Run, number: number): Promise<Wave | undefined> {
  const [wave] = await rowsWhole<Wave>(
    aws.db,
    sql`
    select wave, round, size, status, clean, counts - 'parts' as counts, verification
      from wavegate.waves where run_id = ${uuid(run.id)} and wave = ${number}`,
  );
  return wave;
}

function showWave(run: Run, wave: Wave): string[] {
  const checks = wave.verification ?? [];
  return [
    `Run ${run.reference}, wave ${wave.wave}: at most ${several(wave.size, "row")}, ${wave.status}${wave.clean === false ? ", NOT clean" : ""}`,
    `Written: ${writtenBy(wave.counts)}`,
    ...(checks.length === 0 ? [] : ["", ...showChecks(checks)]),
    "",
    wave.clean === false && wave.status === "verified"
      ? `Every check passed, but the platform refused more than one row in a hundred. They are held; a person is asked before the next wave.`
      : wave.clean === false
        ? `A check failed, so no further wave starts. \`wavegate rollback --run ${run.reference} --wave ${wave.wave}\` takes this one back.`
        : "Done.",
  ];
}

/** `wavegate verify`: what the waves wrote, checked again; warnings fail only with `--strict` (D18). */
export const verify = (frame: Frame, options: { run: string; strict?: boolean }): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    const output = await runOnly(aws, frame, run, "verify");
    const { kind, passed, checks } = await oneRecord<{
      kind: string;
      passed: boolean;
      checks: readonly { passed: boolean; severity?: string }[];
    }>(
      aws.db,
      sql`
      select kind, passed, checks from wavegate.verifications
       where run_id = ${uuid(run.id)} order by id desc limit 1`,
    );
    const warned = checks.some((check) => !check.passed && check.severity === "warning");
    const fine = passed && !(options.strict === true && warned);
    return {
      exit: fine ? 0 : 1,
      json: { run: run.reference, kind, passed: fine, checks, output },
      text: [
        ...showChecks(checks),
        "",
        fine
          ? "Every check passed."
          : passed
            ? "Warnings, and --strict makes them failures."
            : `A check failed. Nothing was repaired; look with \`wavegate status --run ${run.reference}\`.`,
      ],
    };
  });
