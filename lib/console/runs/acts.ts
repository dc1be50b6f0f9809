import { findRun, isWholeTrial, type Run } from "../../data/runs.ts";
import { atWorkOn, refusesToGoOn } from "../../review/acts.ts";
import { controlRefused, requireAsSeen } from "../../review/control.ts";
import { goOn } from "../../review/go-on.ts";
import { keepDecision } from "../../review/keep-decision.ts";
import { definitionOf } from "../../review/open-sign-off.ts";
import type { Permission } from "../../review/people.ts";
import { executionName, StartRequest, startFor } from "../../review/start-execution.ts";
import { Refusal } from "../../services/errors.ts";
import { wavesOf } from "../../stages/commit.ts";
import { requireReady } from "../../stages/go-no-go.ts";
import { approvalAhead } from "../../stages/next-wave.ts";
import { onceIn, seenIn } from "../once.ts";
import { at } from "../paths.ts";
import { seeOther } from "../response.ts";
import type { SendRoute, Visit } from "../route.ts";
import type { Texts } from "../texts/texts.ts";

/** What decides which buttons a run has. */
export interface Stands {
  readonly run: Run;
  readonly alive: boolean;
  /** Whether a step is done alone beside which the run does not go on. */
  readonly inTheWay: boolean;
  readonly waves: readonly { readonly status: string }[];
  /** Whether the next wave may be written: see {@link waveStands}. */
  readonly waveStands: boolean;
}

/** Something that is done about a run by a button: through the very functions that a terminal asks. */
export interface Act {
  readonly name: string;
  readonly takes: SendRoute["takes"];
  readonly label: (texts: Texts) => string;
  /** What it will do. */
  readonly says: (texts: Texts) => string;
  /** Whether it makes sense as the run stands, and is not refused. */
  readonly fits: (stands: Stands) => boolean;
  readonly look: "main" | "bad" | "";
  /** What it begins, as part of an execution's name, where nothing else of the run may be under way. */
  readonly alone?: string;
  /** Whether it asks what is under way. */
  readonly asksWorkflow?: true;
  readonly work: (visit: Visit, run: Run) => Promise<unknown>;
}

const runs: readonly [Permission] = ["legacy_imports.run"];
const exporters: readonly [Permission, Permission] = [
  "legacy_imports.run",
  "legacy_imports.review",
];

const over: ReadonlySet<string> = new Set(["completed", "stopped", "rolled_back"]);
const reviewed = (run: Run): boolean => run.stage === "export-review";

/** One stage alone, in an execution of its own. */
const only =
  (stage: string): Act["work"] =>
  ({ services, person, request }, run) =>
    startFor(
      services,
      person.name,
      StartRequest.parse({
        machine: "migration",
        about: stage,
        input: { migration: run.migration, run: run.id, only: stage, acknowledge: {} },
      }),
      onceIn(request),
    );

const told =
  (decide: "pause" | "stop"): Act["work"] =>
  ({ services, person }, run) =>
    keepDecision(services, person.name, { decide, run: run.id });

/** One wave alone, where it is signed for: the wave itself looks again, at every row. */
async function writeNext({ services, person, request }: Visit, run: Run): Promise<unknown> {
  await requireAsSeen(services.sign, run, person.name, seenIn(request));
  await requireSigned(services, run);
  const asked = { machine: "wave", about: "commit", input: { run: run.id } } as const;
  return startFor(services, person.name, StartRequest.parse(asked), onceIn(request));
}

/** Errors: what the wave itself would refuse, as far as is seen without looking at rows. */
async function requireSigned(services: Visit["services"], run: Run): Promise<void> {
  const { sign } = services;
  const about = { run, migration: definitionOf(services, run) };
  const { wave, approval } = await approvalAhead(sign, about, await wavesOf(sign, run.id));
  if (!approval.ok) throw new Refusal(approval.because, approval.message);
  if (wave > 1) await requireReady(sign, run.id);
}

/** Whether the next wave may be written alone as the run stands; looked at only where nothing is under way. */
export async function waveStands(
  services: Visit["services"],
  run: Run,
  alive: boolean,
): Promise<boolean> {
  const { control, status, erased_at } = run;
  if (alive || !reviewed(run) || control !== "run" || over.has(status) || erased_at !== null)
    return false;
  return requireSigned(services, run).then(
    () => true,
    (error) => {
      if (error instanceof Refusal) return false;
      throw error;
    },
  );
}

/** What may be done about a run, in the order in which it is offered. */
export const acts: readonly Act[] = [
  {
    name: "resume",
    takes: runs,
    label: ({ resume }) => resume,
    says: ({ resumeSays }) => resumeSays,
    fits: ({ run, alive, inTheWay, waves }) =>
      run.status !== "rolled_back" &&
      run.preflight.passed === true &&
      (!alive || run.control !== "run" || run.status === "halted" || run.status === "paused") &&
      !refusesToGoOn(run, inTheWay) &&
      controlRefused(run, waves, "resume") === undefined,
    look: "main",
    asksWorkflow: true,
    work: ({ services, person, request }, run) => goOn(services, person.name, run, seenIn(request)),
  },
  {
    name: "next-wave",
    takes: ["legacy_imports.commit"],
    label: ({ nextWave }) => nextWave,
    says: ({ nextWaveSays }) => nextWaveSays,
    fits: ({ waveStands: stands }) => stands,
    look: "",
    alone: "commit",
    asksWorkflow: true,
    work: writeNext,
  },
  {
    name: "pause",
    takes: runs,
    label: ({ pause }) => pause,
    says: ({ pauseSays }) => pauseSays,
    fits: ({ run, alive, waves }) =>
      alive &&
      run.control === "run" &&
      run.status !== "halted" &&
      controlRefused(run, waves, "pause") === undefined,
    look: "",
    work: told("pause"),
  },
  {
    name: "stop",
    takes: runs,
    label: ({ stop }) => stop,
    says: ({ stopSays }) => stopSays,
    fits: ({ run, waves }) =>
      run.control !== "stop" &&
      !over.has(run.status) &&
      controlRefused(run, waves, "stop") === undefined,
    look: "bad",
    work: told("stop"),
  },
  {
    name: "stop-now",
    takes: runs,
    label: ({ stopNow }) => stopNow,
    says: ({ stopNowSays }) => stopNowSays,
    fits: ({ run, alive, waves }) => alive && controlRefused(run, waves, "stop") === undefined,
    look: "bad",
    asksWorkflow: true,
    work: async ({ services, person }, run) => {
      const now = (await services.workflow.underWay())
        .filter(({ name }) => name.startsWith(run.id))
        .map(({ executionArn }) => executionArn);
      return keepDecision(services, person.name, { decide: "stop", run: run.id, now });
    },
  },
  {
    name: "export-review",
    takes: exporters,
    label: ({ exportReview }) => exportReview,
    says: ({ exportReviewSays }) => exportReviewSays,
    fits: ({ run, alive }) =>
      !alive &&
      run.erased_at === null &&
      (run.trial === null || isWholeTrial(run)) &&
      (run.stage === "dry-run" || reviewed(run)),
    look: "",
    alone: "export-review",
    asksWorkflow: true,
    work: only("export-review"),
  },
  {
    name: "export-audit",
    takes: exporters,
    label: ({ exportAudit }) => exportAudit,
    says: ({ exportAuditSays }) => exportAuditSays,
    fits: ({ run, alive }) => !alive && reviewed(run),
    look: "",
    alone: "export-audit",
    asksWorkflow: true,
    work: only("export-audit"),
  },
];

/**
 * A form of a page that is older than what is under way, or of another tab, begins nothing beside it. Whoever pressed
 * the button of what is under way twice, or waits for the page, is shown that one. Errors: `RunUnderWay`.
 */
async function requireAlone({ services, request }: Visit, run: Run, about: string): Promise<void> {
  const atWork = atWorkOn(await services.workflow.underWay(), run.id);
  const once = onceIn(request);
  if (atWork === undefined) return;
  if (once !== undefined && atWork.name === executionName(run.id, about, once)) return;
  throw new Refusal(
    "RunUnderWay",
    `Something of run ${run.reference} is under way already, and this was not begun beside it. Look at the run, and send it again when that is over.`,
  );
}

/** The addresses that the buttons send to. */
export const actRoutes: readonly SendRoute[] = acts.map(({ name, takes, alone, work }) => ({
  verb: "POST",
  path: at.act(":run", name),
  takes,
  about: ({ params }) => at.act(params.run ?? "", name),
  asks: ({ params }) => ({ what: name, ...(params.run === undefined ? {} : { run: params.run }) }),
  back: ({ run = "" }) => at.run(run),
  answer: async (visit) => {
    const run = await findRun(visit.services.sign, visit.params.run ?? "");
    if (alone !== undefined) await requireAlone(visit, run, alone);
    await work(visit, run);
    return seeOther(at.run(run.reference));
  },
}));
