import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../data/runs.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { type Step, stepReader } from "../history.ts";
import { pacer } from "../pace.ts";
import { type Meter, meter } from "../progress.ts";
import { progressOf } from "../progress-of.ts";
import { runNamed, runOrLatest } from "../runs.ts";
import { nextStep } from "../show/next-step.ts";
import { executionOf, isAlive, signOffsOf, wavesOf, writtenBy } from "../standing.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate watch`: the whole run, step by step; watching changes nothing and can be left at any time. */
export const watch = (
  frame: Frame,
  runName: string | undefined,
  until: "end" | "person" = "end",
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    let left = false;
    const waking = new AbortController();
    const stopListening = frame.io.onInterrupt(() => {
      left = true;
      waking.abort();
    });
    try {
      const run = await runOrLatest(aws.db, runName);
      frame.say(`Run ${run.reference}. Ctrl-C leaves it alone.`);
      return await watchRun(aws, frame, run, until, () => left, waking.signal);
    } finally {
      stopListening();
    }
  });

async function watchRun(
  aws: Aws,
  frame: Frame,
  run: Run,
  until: "end" | "person",
  left: () => boolean,
  waking: AbortSignal,
): Promise<Answer> {
  const everyMs = aws.place.name === "local" ? 300 : 3_000;
  const { arn } = await executionOf(aws, run);
  const steps = arn === null ? undefined : stepReader(aws, arn);
  const bar = meter(frame.io);
  const paced = pacer();
  const say = sayOnce(frame, bar);
  try {
    for (;;) {
      // Asked before the rest, so that nothing that happened meanwhile is missed at the end.
      const alive = await isAlive(aws, arn);
      for (const step of (await steps?.()) ?? []) frame.say(clear(bar, showStep(step)));
      const now = await runNamed(aws.db, run.id);
      const pendingGate = await sayEvents(aws, now, say);
      const progress = await progressOf(aws.db, run.id);
      if (alive && progress !== undefined && progress.done < progress.total) {
        bar.show(paced(progress));
      }
      // Asked, and everybody written to: the run says so only then.
      const asked = pendingGate !== null && now.status === "waiting";
      const needsPerson = asked || now.status === "halted" || now.status === "paused";
      const next = nextStep({ ...now, alive, pendingGate });
      if (now.status === "halted") say(`Halted because: ${now.halted_because?.message ?? ""}`);
      if (alive && needsPerson) say(next);
      if (left()) return gone(now, next);
      if (!alive || (until === "person" && needsPerson)) return over(now, next);
      await sleep(everyMs, undefined, { signal: waking }).catch(() => {});
    }
  } finally {
    bar.end();
  }
}

/** Waves and sign-offs that are new or changed; returns the gate that waits. */
async function sayEvents(aws: Aws, run: Run, say: (line: string) => void): Promise<string | null> {
  for (const { wave, round, status, clean, counts } of await wavesOf(aws, run)) {
    const judged = clean === null ? "" : clean ? ", clean" : ", NOT clean";
    say(
      `  wave ${wave}${round > 1 ? ` (round ${round})` : ""}: ${status}${judged}  ${writtenBy(counts)}`,
    );
  }
  let pending: string | null = null;
  for (const { gate, status, decided_by, void_because } of await signOffsOf(aws, run)) {
    if (status === "pending") pending = gate;
    const by = decided_by === null ? "" : ` by ${decided_by}`;
    const because = void_because === null ? "" : `: ${void_because}`;
    say(`  sign-off ${gate}: ${status}${by}${because}`);
  }
  return pending;
}

function sayOnce(frame: Frame, bar: Meter): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line)) return;
    said.add(line);
    frame.say(clear(bar, line));
  };
}

function clear(bar: Meter, line: string): string {
  bar.end();
  return line;
}

const marks = { began: "▸", done: "✓", failed: "✗" } as const;

const showStep = ({ at, state, what, error }: Step): string =>
  `${at.toISOString().slice(11, 19)} ${marks[what]} ${kebab(state)}${error === undefined ? "" : ` failed: ${error}`}`;

/** A state's name as the verb is called. */
const kebab = (state: string): string =>
  state.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, "-").toLowerCase();

const documentOf = (run: Run, next: string) => ({
  run: run.reference,
  status: run.status,
  stage: run.stage,
  halted_because: run.halted_because,
  next,
});

function over(run: Run, next: string): Answer {
  return {
    exit: run.status === "halted" ? 1 : 0,
    json: documentOf(run, next),
    text: ["", `${run.reference}: ${next}`],
  };
}

const gone = (run: Run, next: string): Answer => ({
  json: { ...documentOf(run, next), left: true },
  text: [
    "",
    `You stopped watching; nothing else changed, ${run.reference} goes on. \`wavegate watch --run ${run.reference}\` comes back to it.`,
  ],
});
