import { writeFile } from "node:fs/promises";
import { importAll, preflight, startWavegate } from "./contenders/wavegate.ts";
import { prepare } from "./data.ts";
import type { Place } from "./place.ts";

/** The import alone, for its memory at sizes whose other stages nobody waits for. */
export async function importOnly(place: Place, rows: number): Promise<void> {
  const bench = await prepare(place.work, rows, place.postgres, 1_000);
  place.servers.push(bench.mariadb);
  const wavegate = await startWavegate(bench, { latency: 0, database: "bench_import" });
  try {
    await preflight(wavegate);
    await wavegate.stage("import", () => importAll(wavegate));
  } finally {
    await wavegate.close();
  }
  const [{ seconds, usage } = { seconds: 0, usage: {} }] = wavegate.stages;
  console.log(
    `Import of ${rows} rows: ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s.`,
  );
  for (const [name, { cpu, peak }] of Object.entries(usage)) {
    console.log(`  ${name}: ${cpu.toFixed(1)} s of processor, ${peak.toFixed(0)} MiB at most`);
  }
  await writeFile(
    `${place.results}/import-${rows}.json`,
    JSON.stringify({ rows, seconds, usage }, null, 2),
  );
}
