import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { pacer } from "../lib/cli/pace.ts";
import { progressOf } from "../lib/review/steer/progress-of.ts";
import {
  caller,
  preflight,
  stageEverything,
  startWavegate,
  type Wavegate,
} from "./contenders/wavegate.ts";
import { prepare } from "./data.ts";
import { median } from "./meter.ts";
import type { Place } from "./place.ts";
import { table } from "./table.ts";
import { runWaves } from "./waves.ts";

/** What somebody who watches was told at a moment. */
interface Sample {
  /** Since the stage began. */
  readonly seconds: number;
  /** How much is done (0–1). */
  readonly share: number;
  /** Seconds. */
  readonly left: number | null;
}

/** How right it was what somebody was told who watched a stage (W11). */
export interface Told {
  readonly stage: string;
  readonly seconds: number;
  /** Looks at it once a tenth was done, and those of them that were told a time. */
  readonly looks: number;
  readonly timed: number;
  /** How far the whole time, as told, was from the true one: 0.1 is a tenth too long. Null: never told. */
  readonly median: number | null;
  readonly worst: number | null;
  /** How much was done, as told, at the worst. */
  readonly worstAt: number | null;
  /** The most that `done` was from the share of the time that had passed. */
  readonly ahead: number | null;
  /** Each new share that was told, and the share of the time at which it was: what weights should be. */
  readonly marks: readonly (readonly [told: number, passed: number])[];
}

const everyMs = 100;
/** W11: once a tenth is done, right within a fifth. */
const fromShare = 0.1;
const within = 0.2;
/** Nobody watches what is over before that. */
const leastSeconds = 5;

/** Runs a whole migration, waves and rollback included, and watches it as `wavegate watch` does. */
export async function progress(place: Place, rows: number): Promise<void> {
  const bench = await prepare(place.work, rows, place.postgres);
  place.servers.push(bench.mariadb);
  const wavegate = await startWavegate(bench, { latency: 0, database: "bench_progress" });
  const told: Told[] = [];
  try {
    await preflight(wavegate);
    const stage: Wavegate["stage"] = (name, work) =>
      watched(wavegate, name, told, () => wavegate.stage(name, work));
    const { run, call } = wavegate;
    await stageEverything({ ...wavegate, stage });
    await watched(wavegate, "waves", told, () => runWaves(wavegate, rows));
    await stage("final-verify", () => call("final-verify", { run }));
    await stage("rollback", () => call("rollback", { run, toWave: 1, caller }));
  } finally {
    await wavegate.close();
  }
  console.log(shown(told));
  await writeFile(`${place.results}/progress-${rows}.json`, JSON.stringify(told, null, 2));
}

/** Watches a stage while it runs. */
async function watched<Result>(
  { db, run }: Wavegate,
  stage: string,
  told: Told[],
  work: () => Promise<Result>,
): Promise<Result> {
  const samples: Sample[] = [];
  const paced = pacer();
  const over = new AbortController();
  const started = performance.now();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const found = await progressOf(db, run);
      const seconds = (performance.now() - started) / 1000;
      if (found?.stage === stage && !over.signal.aborted) {
        samples.push({ seconds, share: found.done / found.total, left: paced(found).left });
      }
      await sleep(everyMs, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  try {
    return await work();
  } finally {
    over.abort();
    await watching;
    told.push(judged(stage, (performance.now() - started) / 1000, samples));
  }
}

function judged(stage: string, seconds: number, samples: readonly Sample[]): Told {
  const looks = samples.filter(({ share }) => share >= fromShare);
  const timed = looks.flatMap((sample) =>
    sample.left === null
      ? []
      : [{ share: sample.share, off: (sample.seconds + sample.left) / seconds - 1 }],
  );
  const worst = timed.reduce<(typeof timed)[number] | undefined>(
    (most, each) => (most && Math.abs(most.off) >= Math.abs(each.off) ? most : each),
    undefined,
  );
  const ahead = looks.map((sample) => sample.share - sample.seconds / seconds);
  const news = samples.filter(({ share }, index) => share !== samples[index - 1]?.share);
  return {
    stage,
    seconds,
    looks: looks.length,
    timed: timed.length,
    median: timed.length > 0 ? median(timed.map(({ off }) => off)) : null,
    worst: worst?.off ?? null,
    worstAt: worst?.share ?? null,
    ahead: looks.length > 0 ? Math.max(...ahead.map(Math.abs)) : null,
    marks: news.map((sample) => [sample.share, sample.seconds / seconds] as const),
  };
}

function shown(told: readonly Told[]): string {
  const percent = (share: number | null) => (share === null ? "–" : `${Math.round(share * 100)} %`);
  const verdict = ({ seconds, worst }: Told) =>
    seconds < leastSeconds
      ? "short"
      : worst === null
        ? "NOT told"
        : Math.abs(worst) <= within
          ? "right"
          : "WRONG";
  return table(
    ["stage", "s", "looks", "timed", "median", "worst", "when done", "done is off by", ""],
    told.map((each) => [
      each.stage,
      each.seconds.toFixed(1),
      String(each.looks),
      String(each.timed),
      percent(each.median),
      percent(each.worst),
      percent(each.worstAt),
      percent(each.ahead),
      verdict(each),
    ]),
  );
}
