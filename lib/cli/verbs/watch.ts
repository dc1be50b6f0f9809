import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../data/runs.ts";
import { balance } from "../../evidence/balance.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { bundleStands } from "../../review/exports/bundle-stands.ts";
import { entriesOf } from "../../review/steer/control.ts";
import { nextKind, type Standing } from "../../review/steer/next-kind.ts";
import { type NextStep, nextStep, nextStepLine } from "../../review/steer/next-step.ts";
import { progressOf } from "../../review/steer/progress-of.ts";
import { isRestoring } from "../../review/steer/restore.ts";
import { askedNow, signOffsOf, wavesOf } from "../../review/steer/standing.ts";
import { several } from "../../services/words.ts";
import { machinesAtWork } from "../../services/workflow.ts";
import type { Because } from "../../speech/refused.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { happeningsOf } from "../happenings.ts";
import { pacer } from "../pace.ts";
import { duration, meter } from "../progress.ts";
import { runNamed, runOrLatest } from "../runs.ts";
import { executionOf, failureOf, handedOverTo, isAlive } from "../standing.ts";
import { withAws } from "./with-aws.ts";

/** Until when a run is watched. */
export interface WatchOptions {
  /** By default people watch to the end; a script hears at once that somebody is needed. */
  readonly until?: "end" | "person";
  /** Seconds. */
  readonly timeout?: number;
}

/** `wavegate watch`: the whole run, step by step; watching changes nothing and can be left at any time. */
export const watch = (
  frame: Frame,
  runName: string | undefined,
  { until = frame.output === "json" ? "person" : "end", timeout }: WatchOptions = {},
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const leaving = new AbortController();
    const stopListening = frame.io.onInterrupt(() => leaving.abort("left"));
    const clock =
      timeout === undefined ? undefined : setTimeout(() => leaving.abort("late"), timeout * 1_000);
    try {
      const run = await runOrLatest(aws.db, runName);
      return await watchRun(aws, frame, run, until, leaving.signal, timeout ?? 0);
    } finally {
      clearTimeout(clock);
      stopListening();
    }
  });

async function watchRun(
  aws: Aws,
  frame: Frame,
  run: Run,
  until: "end" | "person",
  leaving: AbortSignal,
  timeout: number,
): Promise<Answer> {
  const everyMs = aws.place.name === "local" ? 500 : 3_000;
  const begun = await executionOf(aws, run, machinesAtWork);
  const { alive, doing } = begun;
  let { arn } = begun;
  const look = happeningsOf(aws, arn);
  const bar = meter(frame.io);
  const paced = pacer();
  let asks = "";
  let waited = false;
  const say = (line: string) => {
    bar.end();
    frame.say(line);
  };
  const people = askedNow(await signOffsOf(aws.db, run));
  const written = (await wavesOf(aws.db, run)).length > 0;
  const rowsLeft = await rowsLeftOf(aws, run);
  const first = nextStep({ ...run, alive, doing, ...people, written, rowsLeft });
  say(`Run ${run.reference}. ${first.says} Ctrl-C leaves it alone.`);
  try {
    for (;;) {
      // Asked before the rest, so that nothing that happened meanwhile is missed at the end.
      let goesOn = await isAlive(aws, arn);
      const onward = goesOn ? undefined : await handedOverTo(aws, arn);
      if (onward !== undefined) {
        for (const line of (await look(await runNamed(aws.db, run.id), true, arn)).lines) say(line);
        arn = onward;
        goesOn = true;
      }
      const seen = await entriesOf(aws.db, run.id);
      const now = await runNamed(aws.db, run.id);
      const { lines, ...people } = await look(now, !goesOn || leaving.aborted, arn);
      for (const line of lines) say(line);
      const progress = await progressOf(aws.db, run.id);
      if (goesOn && progress !== undefined && progress.done < progress.total) {
        bar.show(paced(progress));
      }
      const standing = { ...now, alive: goesOn, doing, ...people };
      const { next, failed } = await nextOf(aws, now, { ...standing, seen });
      const needsPerson = waitsForPerson(standing);
      if (goesOn && needsPerson && asks !== next.says) {
        if (now.status === "halted") say(`Halted because: ${now.halted_because?.message ?? ""}`);
        say(`  ${nextStepLine(next)}`);
      }
      asks = needsPerson ? next.says : "";
      const busy = goesOn && nextKind(standing) === "platform_busy";
      if (busy && !waited) say(`… ${next.says}`);
      waited = busy;
      if (!goesOn || (until === "person" && needsPerson))
        return over(now, next, goesOn, { failed, conflicts: await conflictsOf(aws, now) });
      if (leaving.aborted)
        return leaving.reason === "late"
          ? late(now, next, timeout, goesOn)
          : gone(now, next, goesOn);
      await sleep(everyMs, undefined, { signal: leaving }).catch(() => {});
    }
  } finally {
    bar.end();
  }
}

/** Whether somebody is needed. A run says that it waits once everybody is written to: not before is anybody asked. */
function waitsForPerson(standing: Standing): boolean {
  const { status, pendingGate, unanswered } = standing;
  if (status === "halted" || status === "paused") return true;
  const asked = pendingGate !== null || unanswered || nextKind(standing) === "withdrawn";
  return asked === true && status === "waiting";
}

/** What comes next of a run as it stands, and of one that nothing carries on why that is. */
async function nextOf(
  aws: Aws,
  now: Run,
  standing: Standing,
): Promise<{ readonly next: NextStep; readonly failed: Because | undefined }> {
  const { alive } = standing;
  const failed = alive ? undefined : await failureOf(aws, now);
  const exported = !alive && now.status === "completed" && (await bundleStands(aws.db, now.id));
  const restoring = !alive && (await isRestoring(aws.db, now.id));
  const rowsLeft = await rowsLeftOf(aws, now);
  return { next: nextStep({ ...standing, failed, exported, restoring, rowsLeft }), failed };
}

const documentOf = (run: Run, next: NextStep, alive: boolean) => ({
  run: run.reference,
  // A run that nothing carries on is not running, whatever it was when that ended.
  status: run.status === "running" && !alive ? "at_rest" : run.status,
  alive,
  stage: run.stage,
  waits_for: next.waitsFor,
  halted_because: run.halted_because,
  next: nextStepLine(next),
  next_command: next.command,
});

/** Rows that still stand of a run that is rolled back. */
const rowsLeftOf = async ({ db }: Aws, run: Run): Promise<number> =>
  run.status === "rolled_back" ? (await balance(db, pinOf(run), run.id)).committed : 0;

/** Rows that are held as conflicts, of a run that is over. */
const conflictsOf = async ({ db }: Aws, run: Run): Promise<number> =>
  run.status === "completed" ? ((await balance(db, pinOf(run), run.id)).conflicts ?? 0) : 0;

function over(
  run: Run,
  next: NextStep,
  alive: boolean,
  { failed, conflicts }: { readonly failed: Because | undefined; readonly conflicts: number },
): Answer {
  const because =
    run.status === "halted" ? [`Halted because: ${run.halted_because?.message ?? ""}`] : [];
  const open =
    conflicts === 0
      ? []
      : [
          `${several(conflicts, "row")} ${conflicts === 1 ? "is" : "are"} held as ${conflicts === 1 ? "a conflict" : "conflicts"}: ${run.definition.audit === undefined ? "the console (`wavegate console`) lists what is held" : `\`wavegate report --run ${run.reference}\` tells them by entity`}.`,
        ];
  return {
    exit: run.status === "halted" || failed !== undefined || conflicts > 0 ? 1 : 0,
    json: { ...documentOf(run, next, alive), ...(conflicts === 0 ? {} : { conflicts }) },
    text: ["", ...because, ...open, `${run.reference}: ${nextStepLine(next)}`],
  };
}

const late = (run: Run, next: NextStep, timeout: number, alive: boolean): Answer => ({
  exit: 1,
  json: { ...documentOf(run, next, alive), timed_out: true },
  text: [
    "",
    `${run.reference} is not over after ${duration(timeout)}; nothing was changed. ${nextStepLine(next)}`,
  ],
});

const gone = (run: Run, next: NextStep, alive: boolean): Answer => ({
  json: { ...documentOf(run, next, alive), left: true },
  text: [
    "",
    `You stopped watching; nothing else changed, ${run.reference} goes on. \`wavegate watch --run ${run.reference}\` comes back to it.`,
  ],
});
