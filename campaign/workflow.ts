import type pg from "pg";
import { ask } from "../lib/review/sign-off/ask.ts";
import { decide } from "../lib/review/sign-off/decide.ts";
import type { Services } from "../lib/services/services.ts";
import { classify } from "../lib/stages/classify.ts";
import { commit } from "../lib/stages/commit.ts";
import { drill } from "../lib/stages/drill.ts";
import { dryRun } from "../lib/stages/dry-run.ts";
import { auditExport } from "../lib/stages/export-audit.ts";
import { reviewExport } from "../lib/stages/export-review.ts";
import { finalVerify } from "../lib/stages/final-verify.ts";
import { finishImport } from "../lib/stages/finish-import.ts";
import { gate } from "../lib/stages/gate.ts";
import { importRange } from "../lib/stages/import-range.ts";
import { match } from "../lib/stages/match.ts";
import { type NextStep, nextWave } from "../lib/stages/next-wave.ts";
import { planImport } from "../lib/stages/plan-import.ts";
import { preflight } from "../lib/stages/preflight.ts";
import { rollback } from "../lib/stages/rollback.ts";
import { validate } from "../lib/stages/validate.ts";
import { verify } from "../lib/stages/verify.ts";

/** One step of the workflow under its name; it may be done twice, or again. */
export interface Step {
  readonly name: string;
  readonly work: (services: Services) => Promise<unknown>;
}

/** What the driver remembers between steps; everything else is in the database. */
export interface Progress {
  readonly run: string;
  phase: "forth" | "ended" | "back" | "done";
  ranges: readonly number[] | undefined;
  next: NextStep | undefined;
  /** Steps of the wave under way that are done. */
  wave: readonly string[];
}

export const begin = (run: string): Progress => ({
  run,
  phase: "forth",
  ranges: undefined,
  next: undefined,
  wave: [],
});

/**
 * What comes next, found as the state machines find it: from what is stored. After a failure the
 * driver forgets what it remembered, as a new execution does.
 */
export async function nextStep(look: pg.Pool, progress: Progress): Promise<Step | undefined> {
  const { run } = progress;
  if (progress.phase === "done") return undefined;
  if (progress.phase === "back") {
    return step("rollback", async (services) => {
      await rollback(services, run);
      progress.phase = "done";
    });
  }
  if (progress.phase === "ended") {
    return step("export-audit", async (services) => {
      await auditExport(services, run);
      progress.phase = "back";
    });
  }
  const { rows } = await look.query<{ stage: string; passed: boolean; status: string }>(
    "select stage, (preflight ->> 'passed')::boolean as passed, status from wavegate.legacy_import_runs where id = $1",
    [run],
  );
  const [found] = rows;
  if (found?.passed !== true)
    return step("preflight", (services) => preflight(services, start(run)));
  if (found.status === "completed") progress.phase = "ended";
  if (progress.phase === "ended") return nextStep(look, progress);
  switch (found.stage) {
    case "preflight":
      return importStep(progress);
    case "import":
      return step("validate", (services) => validate(services, run));
    case "validate":
      return step("classify", (services) => classify(services, run));
    case "classify":
      return step("match", (services) => match(services, run));
    case "match":
      return step("dry-run", (services) => dryRun(services, run));
    case "dry-run":
      return step("export-review", (services) => reviewExport(services, run));
    default:
      return waveStep(look, progress);
  }
}

const step = (name: string, work: Step["work"]): Step => ({ name, work });

const start = (run: string) => ({
  migration: "ecoin",
  run,
  executionArn: `arn:${run}`,
  acknowledge: { backup: "backup", queues: true, priority: true },
});

function importStep(progress: Progress): Step {
  const { run, ranges } = progress;
  if (ranges === undefined) {
    return step("plan-import", async (services) => {
      progress.ranges = (await planImport(services, run)).ranges.map(({ range }) => range);
    });
  }
  const [range] = ranges;
  if (range === undefined) return step("finish-import", (services) => finishImport(services, run));
  return step(`import-range ${range}`, async (services) => {
    await importRange(services, run, range);
    progress.ranges = progress.ranges?.filter((each) => each !== range);
  });
}

function waveStep(look: pg.Pool, progress: Progress): Step {
  const { run, next } = progress;
  const behind = (name: string, work: Step["work"]): Step =>
    step(name, async (services) => {
      await work(services);
      progress.next = undefined;
    });
  if (next === undefined) {
    return step("next-wave", async (services) => {
      progress.next = await nextWave(services, run);
      progress.wave = [];
    });
  }
  switch (next.next) {
    case "ask":
      return behind(`sign-off ${next.gate}`, (services) => approve(look, services, run, next.gate));
    case "drill":
      return behind("drill", (services) => drill(services, run));
    case "wave":
      return oneOfWave(progress, next.wave);
    case "done":
      return behind("final-verify", (services) => finalVerify(services, run));
    default:
      throw new Error(`The run was told to ${next.next}, and nobody did.`);
  }
}

function oneOfWave(progress: Progress, wave: number): Step {
  const { run } = progress;
  const done = (name: string) => {
    progress.wave = [...progress.wave, name];
  };
  if (!progress.wave.includes("commit")) {
    return step(`commit ${wave}`, async (services) => {
      await commit(services, { run, wave });
      done("commit");
    });
  }
  if (!progress.wave.includes("verify")) {
    return step(`verify ${wave}`, async (services) => {
      const { passed, checks } = await verify(services, run, wave);
      if (!passed) throw new ProofFailed(`wave ${wave}: ${JSON.stringify(checks)}`);
      done("verify");
    });
  }
  return step(`gate ${wave}`, async (services) => {
    await gate(services, run, wave);
    progress.next = undefined;
  });
}

/** Something that must hold whatever fails does not. */
export class ProofFailed extends Error {
  override readonly name = "ProofFailed";
}

async function approve(
  look: pg.Pool,
  services: Services,
  run: string,
  which: Parameters<typeof ask>[1]["gate"],
): Promise<void> {
  const asked = await ask(services, { run, gate: which });
  if (asked.kind !== "asked") return;
  await look.query(
    "update wavegate.samples set verdict = 'right', wrong = '[]', judged_by = 'approver', judged_at = now() where run_id = $1",
    [run],
  );
  await decide(services, {
    ref: { id: asked.signOff },
    person: "approver",
    decision: "approve",
    comment: "Looked at.",
  });
}
