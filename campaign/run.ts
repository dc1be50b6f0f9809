import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startS3Service } from "../lib/embedded/s3/service.ts";
import { randomFor } from "../scripts/sample/random.ts";
import { drawFaults, type Fault, type FaultKind, faultKinds } from "./faults.ts";
import { prepareGround } from "./ground.ts";
import { type Ended, runSchedule } from "./schedule.ts";

interface CampaignOptions {
  readonly schedules: number;
  readonly seed: number;
  /** Only the schedule of this number, from 0: to look at a failure again. */
  readonly only?: number;
  /** The first schedule, from 0: to go on where an earlier campaign was ended. */
  readonly from?: number;
  /** Schedules under way at once; two, when nothing is said: much of one is waiting. */
  readonly atOnce?: number;
  /** Ends the campaign where it is; servers and disk go with it, and what was found so far is told. */
  readonly signal?: AbortSignal;
  readonly onSchedule?: (line: string) => void;
}

/** Faults of one kind: planned, and those that really happened. */
export interface Tally {
  planned: number;
  fired: number;
}

interface CampaignResult {
  /** Those that came to their end. */
  readonly schedules: number;
  /** Somebody ended it before the last one. */
  readonly ended: boolean;
  readonly seed: number;
  readonly faults: ReadonlyMap<FaultKind, Tally>;
  /** Kinds that this machine cannot do, and why. */
  readonly notRun: ReadonlyMap<FaultKind, string>;
  readonly errors: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  /** Milliseconds of a schedule: the median and the longest. */
  readonly median: number;
  readonly longest: number;
}

export interface Failure {
  readonly schedule: number;
  readonly faults: readonly Fault[];
  readonly says: readonly string[];
}

/**
 * Runs the whole workflow many times over the real stand-ins with seeded faults, and proves after each
 * that no row is there twice or lost, that ledger, targets and marks agree, that the audit chain holds, and
 * that a rollback leaves every table of the platform row for row as it was. The same seed draws the
 * same faults.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  await using parts = new AsyncDisposableStack();
  const ground = await prepareGround();
  parts.defer(() => ground.close());
  const folder = await mkdtemp(join(tmpdir(), "wavegate-campaign-s3-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const s3 = await startS3Service({
    directory: folder,
    buckets: ["evidence"],
    authenticate: async () => "campaign",
  });
  parts.defer(() => s3.close());
  const notRun = new Map<FaultKind, string>(
    ground.disk ? [] : [["full disk", "a disk of its own takes root and mount"]],
  );
  const possible = faultKinds.filter((kind) => !notRun.has(kind));
  const faults = new Map<FaultKind, Tally>(
    possible.map((kind) => [kind, { planned: 0, fired: 0 }]),
  );
  const ends: Ended[] = [];
  const failures: Failure[] = [];
  const errors: Record<string, number> = {};
  const everySchedule = async () => {
    const faultless = await runSchedule(ground, s3.url, [], undefined);
    if (faultless.failures.length > 0 && options.signal?.aborted !== true) {
      throw new Error(`Without any fault it fails: ${faultless.failures.join("; ")}`);
    }
    const alone = oneAtATime();
    const perform = async (schedule: number): Promise<void> => {
      const random = randomFor(options.seed, "schedule", schedule);
      const drawn = drawFaults(random, faultless.calls, possible);
      const run = () => runSchedule(ground, s3.url, drawn, faultless.outcome);
      // There is one disk to fill.
      const fills = drawn.some(({ kind }) => kind === "full disk");
      const ended = await (fills ? alone(run) : run());
      // What the end of the campaign cut off says nothing.
      if (options.signal?.aborted === true) return;
      ends.push(ended);
      for (const { kind, fired } of drawn) {
        const tally = faults.get(kind) as Tally;
        tally.planned += 1;
        if (fired) tally.fired += 1;
      }
      for (const [name, n] of Object.entries(ended.errors)) errors[name] = (errors[name] ?? 0) + n;
      if (ended.failures.length > 0) {
        failures.push({ schedule, faults: drawn, says: ended.failures });
      }
      options.onSchedule?.(lineOf(schedule, drawn, ended));
    };
    const schedules = Array.from({ length: options.schedules }, (_, schedule) => schedule)
      .slice(options.from ?? 0)
      .filter((schedule) => options.only === undefined || schedule === options.only)
      .values();
    const lane = async () => {
      for (const schedule of schedules) {
        if (options.signal?.aborted === true) return;
        await perform(schedule);
      }
    };
    await Promise.all(Array.from({ length: options.atOnce ?? 2 }, lane));
  };
  const whole = await until(options.signal, everySchedule());
  failures.sort((one, other) => one.schedule - other.schedule);
  const times = ends.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return {
    schedules: ends.length,
    ended: !whole,
    seed: options.seed,
    faults,
    notRun,
    errors,
    failures,
    median: times[Math.floor(times.length / 2)] ?? 0,
    longest: times.at(-1) ?? 0,
  };
}

/** Lets work begin only when what was given before has ended. */
function oneAtATime(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}

/** Waits for work: false as soon as the signal ends it; what is under way then finds nobody any more. */
async function until(signal: AbortSignal | undefined, work: Promise<void>): Promise<boolean> {
  work.catch(() => {});
  const ended = new Promise<false>((resolve) => {
    if (signal?.aborted) resolve(false);
    signal?.addEventListener("abort", () => resolve(false));
  });
  return Promise.race([work.then(() => true), ended]);
}

/** `12 ✓ 2.1 s  lost response in commit 2 (call 7); clock jump in match [not fired]`. */
function lineOf(schedule: number, faults: readonly Fault[], ended: Ended): string {
  const ok = ended.failures.length === 0 ? "✓" : "✗";
  const seconds = (ended.milliseconds / 1000).toFixed(1);
  return `${schedule} ${ok} ${seconds} s  ${faults.map(faultSays).join("; ")}`;
}

export const faultSays = ({ kind, step, call, fired }: Fault): string =>
  `${kind} in ${step} (call ${call})${fired ? "" : " [not fired]"}`;
