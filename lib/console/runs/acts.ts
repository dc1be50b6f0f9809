import { findRun, isWholeTrial, type Run } from "../../data/runs.ts";
import { type InTheWay, refusesToGoOn } from "../../review/people/acts.ts";
import type { Permission } from "../../review/people/people.ts";
import { definitionOf } from "../../review/sign-off/open.ts";
import { beginAlone, requireAlone, wasBegun } from "../../review/steer/begin-alone.ts";
import { controlRefused, movedOn, requireAsSeen } from "../../review/steer/control.ts";
import { goOn } from "../../review/steer/go-on.ts";
import { keepDecision } from "../../review/steer/keep-decision.ts";
import { StartRequest } from "../../review/steer/start-execution.ts";
import { Refusal } from "../../services/errors.ts";
import { approvalAhead, lookAhead } from "../../stages/wave/approval-ahead.ts";
import { requireReady } from "../../stages/wave/go-no-go.ts";
import { wavesOf } from "../../stages/wave/plan.ts";
import { seenIn, waveIn } from "../once.ts";
import { at } from "../paths.ts";
import { seeOther } from "../response.ts";
import type { SendRoute, Visit } from "../route.ts";
import type { Texts } from "../texts/texts.ts";
import { isReviewed } from "./status.ts";

/** What decides which buttons a run has. */
export interface Stands {
  readonly run: Run;
  readonly alive: boolean;
  /** Beside what the run does not go on. */
  readonly inTheWay: InTheWay | undefined;
  readonly waves: readonly { readonly status: string }[];
  /** The next wave, where it may be written: see {@link waveAhead}. */
  readonly waveAhead: number | undefined;
}

/** Something that is done about a run by a button: through the very functions that a terminal asks. */
export interface Act {
  readonly name: string;
  readonly takes: SendRoute["takes"];
  readonly label: (texts: Texts) => string;
  /** What it will do. */
  readonly says: (texts: Texts, stands: Stands) => string;
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

/** One stage alone, in an execution of its own. */
const only =
  (stage: string): Act["work"] =>
  ({ services, person }, run) =>
    beginAlone(
      services,
      { person: person.name, run },
      StartRequest.parse({
        machine: "migration",
        about: stage,
        input: { migration: run.migration, run: run.id, only: stage, acknowledge: {} },
      }),
    );

const told =
  (decide: "pause" | "stop"): Act["work"] =>
  ({ services, person }, run) =>
    keepDecision(services, person.name, { decide, run: run.id });

/**
 * One wave alone, the one that its page showed, where it is signed for: the wave itself looks again, under the run's lock
 * and at every row. Where somebody else had it written meanwhile no further one is.
 */
async function writeNext({ services, person, request }: Visit, run: Run): Promise<void> {
  await requireAsSeen(services.sign, run, person.name, seenIn(request));
  const next = await requireSigned(services, run);
  if ((waveIn(request) ?? next) !== next) throw movedOn(run);
  const asked = { machine: "wave", about: "commit", input: { run: run.id, next } } as const;
  await beginAlone(services, { person: person.name, run }, StartRequest.parse(asked));
}

/** The next wave. Errors: what the wave itself would refuse, as far as is seen without looking at rows. */
async function requireSigned(services: Visit["services"], run: Run): Promise<number> {
  const { sign } = services;
  const about = { run, migration: definitionOf(services, run) };
  const waves = await wavesOf(sign, run.id);
  const looks = await lookAhead(sign, run, waves);
  const { wave, approval } = await approvalAhead(sign, about, waves, looks);
  if (!approval.ok) throw new Refusal(approval.because, approval.message);
  if (wave > 1) await requireReady(sign, run.id);
  return wave;
}

/** The next wave, where it may be written alone as the run stands; looked at only where nothing is under way. */
export async function waveAhead(
  services: Visit["services"],
  run: Run,
  alive: boolean,
): Promise<number | undefined> {
  const { control, status, erased_at } = run;
  if (alive || !isReviewed(run) || control !== "run" || over.has(status) || erased_at !== null)
    return undefined;
  return requireSigned(services, run).catch((error) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
}

/** What stands of a run that is stopped. */
const staysOf = (texts: Texts, { waves }: Stands): string =>
  waves.length > 0 ? texts.writtenStays : texts.nothingWritten;

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
    says: ({ nextWaveSays }, { waveAhead: wave = 0 }) => nextWaveSays(wave),
    fits: ({ waveAhead: wave }) => wave !== undefined,
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
    says: (texts, stands) => `${texts.stopSays} ${staysOf(texts, stands)}`,
    fits: ({ run, waves }) =>
      // A rollback that halted told it to stop, and the run keeps others of its migration from beginning.
      (run.control !== "stop" || run.status === "halted") &&
      !over.has(run.status) &&
      controlRefused(run, waves, "stop") === undefined,
    look: "bad",
    work: told("stop"),
  },
  {
    name: "stop-now",
    takes: runs,
    label: ({ stopNow }) => stopNow,
    says: (texts, stands) => `${texts.stopNowSays} ${staysOf(texts, stands)}`,
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
      (run.stage === "dry-run" || isReviewed(run)),
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
    fits: ({ run, alive }) => !alive && isReviewed(run),
    look: "",
    alone: "export-audit",
    asksWorkflow: true,
    work: only("export-audit"),
  },
];

/** The addresses that the buttons send to. */
export const actRoutes: readonly SendRoute[] = acts.map(({ name, takes, alone, work }) => ({
  verb: "POST",
  path: at.act(":run", name),
  takes,
  about: ({ params }) => at.act(params.run ?? "", name),
  asks: ({ params }) => ({ what: name, ...(params.run === undefined ? {} : { run: params.run }) }),
  back: ({ run = "" }) => at.run(run),
  answer: async (visit) => {
    const { services, person, request } = visit;
    const run = await findRun(services.sign, visit.params.run ?? "");
    const asks = { person: person.name, run, seen: seenIn(request) };
    // Whoever pressed a button twice, or at the moment of somebody else, is shown what came of it.
    const begun = alone !== undefined && (await wasBegun(services, asks, alone));
    if (alone !== undefined && !begun) await requireAlone(services, run);
    if (!begun) await work(visit, run);
    return seeOther(at.run(run.reference));
  },
}));
