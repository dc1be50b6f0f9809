import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import type { Gate } from "../../lib/review/sign-off-store.ts";
import { classify } from "../../lib/stages/classify.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { gate } from "../../lib/stages/gate.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { match } from "../../lib/stages/match.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { type PreflightInput, preflight } from "../../lib/stages/preflight.ts";
import { validate } from "../../lib/stages/validate.ts";
import { verify } from "../../lib/stages/verify.ts";
import type { TestServices } from "./services.ts";

export const acknowledged = { backup: "backup-2026-11-20", queues: true, priority: true };

/** Starts a run and stages everything. */
export async function importAll(
  { services, definition }: TestServices,
  run: string,
  input: Partial<PreflightInput> = {},
): Promise<void> {
  await preflight(services, {
    migration: definition.name,
    run,
    executionArn: `arn:${run}`,
    acknowledge: acknowledged,
    ...input,
  });
  const plan = await planImport(services, run);
  for (const { range } of plan.ranges) await importRange(services, run, range);
  await finishImport(services, run);
}

/** Judges every staged row, and shows it. */
export async function judgeAll(test: TestServices, run: string): Promise<void> {
  await validate(test.services, run);
  await classify(test.services, run);
  await match(test.services, run);
  await dryRun(test.services, run);
  await reviewExport(test.services, run);
}

/** A run that is ready to be signed off. */
export async function reviewedRun(
  test: TestServices,
  run: string,
  input: Partial<PreflightInput> = {},
): Promise<void> {
  await importAll(test, run, input);
  await judgeAll(test, run);
}

/** Asks about a gate, every sampled row judged right: the id of the question, or undefined where it was answered before. */
export async function question(
  test: TestServices,
  run: string,
  which: Gate,
): Promise<string | undefined> {
  const { services } = test;
  const asked = await ask(services, { run, gate: which });
  if (asked.kind !== "asked") return undefined;
  const drawn = await test.query<{ id: number }>(
    `select distinct staged_id::float8 as id from wavegate.samples
      where run_id = $1 and digest = (select digest from wavegate.dry_runs where run_id = $1
                                       order by created_at desc limit 1)`,
    [run],
  );
  const ref = { id: asked.signOff };
  const verdicts = drawn.map(({ id }) => ({ stagedId: id, wrong: [] }));
  await judgeSamples(services, { ref, person: "approver", verdicts });
  return asked.signOff;
}

/** Asks about a gate and lets `approver` approve it, every sampled row judged right. */
export async function approve(test: TestServices, run: string, which: Gate): Promise<void> {
  const id = await question(test, run, which);
  if (id === undefined) return;
  await decide(test.services, {
    ref: { id },
    person: "approver",
    decision: "approve",
    comment: "Looked at.",
  });
}

/** Commits, verifies and gates one wave. */
export async function runWave({ services }: TestServices, run: string, wave: number) {
  const written = await commit(services, { run, wave });
  const verified = await verify(services, run, wave);
  if (verified.passed) await gate(services, run, wave);
  return { written, verified };
}

/** Every wave with its gates and the drill, until nothing is left to do. */
export async function toTheEnd(test: TestServices, run: string): Promise<void> {
  let before = "";
  for (;;) {
    const step = await nextWave(test.services, run);
    // What was not done by being done will not be.
    if (JSON.stringify(step) === before) throw new Error(`Nothing comes of ${before}.`);
    before = JSON.stringify(step);
    if (step.next === "done") return;
    if (step.next === "ask") await approve(test, run, step.gate);
    if (step.next === "drill") await drill(test.services, run);
    if (step.next === "wave") await runWave(test, run, step.wave);
  }
}

/** The error's name of what must be refused; a thing that is not refused fails the test. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error.name;
  }
  throw new Error("It was not refused.");
}
