import { writeFile } from "node:fs/promises";
import { preflight, stageEverything, startWavegate } from "./contenders/wavegate.ts";
import { type Bench, prepare } from "./data.ts";
import { median } from "./meter.ts";
import type { Place } from "./place.ts";
import { table } from "./table.ts";

/**
 * How each stage's time grows with the rows: the exponent of the fit, 1 being straight. Sizes in turn, again and again, so
 * that the machine's moods hit them alike; medians.
 */
export async function growth(
  place: Place,
  sizes: readonly number[],
  repeats: number,
): Promise<void> {
  const seconds = new Map<string, number[][]>();
  const benches = await prepareAll(place, sizes);
  for (let turn = 1; turn <= repeats; turn++) {
    for (const [at, bench] of benches.entries()) {
      const wavegate = await startWavegate(bench, { latency: 0, database: "bench_growth" });
      try {
        await preflight(wavegate);
        await stageEverything(wavegate);
      } finally {
        await wavegate.close();
      }
      const stages = wavegate.stages.map(({ stage, seconds }) => [stage, seconds] as const);
      const whole = stages.reduce((sum, [, each]) => sum + each, 0);
      for (const [stage, each] of [...stages, ["all", whole] as const]) {
        const known = seconds.get(stage) ?? sizes.map(() => []);
        known[at]?.push(each);
        seconds.set(stage, known);
      }
    }
  }
  const found = [...seconds].map(([stage, turns]) => {
    const times = turns.map(median);
    return {
      stage,
      turns,
      times,
      exponent: exponent(sizes, times),
      lastStep: (times.at(-1) ?? 0) / (times.at(-2) ?? 1),
    };
  });
  const lines = found.map(({ stage, times, exponent, lastStep }) => [
    stage,
    ...times.map((time) => time.toFixed(2)),
    exponent.toFixed(2),
    `${lastStep.toFixed(1)} ×`,
  ]);
  console.log(
    table(["stage", ...sizes.map((rows) => `${rows} rows, s`), "exponent", "last step"], lines),
  );
  await writeFile(`${place.results}/growth.json`, JSON.stringify({ sizes, found }, null, 2));
}

async function prepareAll(place: Place, sizes: readonly number[]): Promise<Bench[]> {
  const benches: Bench[] = [];
  for (const rows of sizes) {
    const bench = await prepare(place.work, rows, place.postgres);
    place.servers.push(bench.mariadb);
    benches.push(bench);
  }
  return benches;
}

/** The slope of a straight line through log(rows), log(seconds). */
function exponent(sizes: readonly number[], seconds: readonly number[]): number {
  const x = sizes.map(Math.log);
  const y = seconds.map(Math.log);
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const above = x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0);
  return above / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}
