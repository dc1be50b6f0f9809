import { readFile, writeFile } from "node:fs/promises";
import { checkBalance, checkMatching, checkStaged, requireMatching } from "./check.ts";
import { directCopy } from "./contenders/copy.ts";
import { duckdbJoins } from "./contenders/duckdb.ts";
import type { Load } from "./contenders/load.ts";
import { pgloader } from "./contenders/pgloader.ts";
import {
  caller,
  preflight,
  type StageFigures,
  stageEverything,
  startWavegate,
  type Wavegate,
} from "./contenders/wavegate.ts";
import { type Bench, prepare } from "./data.ts";
import { requireGates } from "./gates.ts";
import { pagesOf, pagesTable } from "./pages.ts";
import type { Place } from "./place.ts";
import { freshDatabase, query } from "./postgres.ts";
import { chart, report } from "./report.ts";
import type { Results } from "./results.ts";
import { oneByOne, runWaves, type WaveFigures } from "./waves.ts";

const LATENCY = 20;
/** Rows that go to the platform in full waves, and are taken back. */
const WAVES_OF = 100_000;

/** Interleaved: each contender in turn, again and again, so that the machine's moods hit them alike. */
export async function compare(place: Place, rows: number, repeats: number): Promise<void> {
  const say = (text: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
  say(`preparing ${rows} rows`);
  const bench = await prepare(place.work, rows, place.postgres);
  place.servers.push(bench.mariadb);
  const pgloaderLoses = {
    "as it comes": await pgloader(bench, place.work, { cast: "none" }),
    "zero dates cast": await pgloader(bench, place.work, { cast: "zero_dates" }),
  };
  const loads: Record<"pgloader" | "copy", Load[]> = { pgloader: [], copy: [] };
  const runs: StageFigures[][] = [];
  const waves: WaveFigures[] = [];
  const rollbacks: Results["rollbacks"][number][] = [];
  const written: StageFigures[] = [];
  const target = Math.min(WAVES_OF, Math.floor(rows / 4 / 5_000) * 5_000);
  let found: Awaited<ReturnType<typeof looks>> | undefined;
  for (let turn = 1; turn <= repeats; turn++) {
    say(`pgloader, ${turn} of ${repeats}`);
    loads.pgloader.push(
      whole(rows, "pgloader", await pgloader(bench, place.work, { cast: "text" })),
    );
    say("mysql2 to COPY");
    loads.copy.push(whole(rows, "mysql2 → COPY", await directCopy(bench)));
    say("wavegate");
    const wavegate = await staged(bench, 0);
    runs.push([...wavegate.stages]);
    say(wavegate.stages.map(({ stage, seconds }) => `${stage} ${seconds.toFixed(1)} s`).join(", "));
    await checkStaged(bench, wavegate.url);
    if (turn === repeats) {
      say("what was found, beside DuckDB, and pages");
      found = await looks(bench, wavegate, place.work);
    }
    say("waves and rollback");
    waves.push(await wavegate.stage("waves", () => runWaves(wavegate, target)));
    await checkBalance(wavegate.url, rows);
    rollbacks.push(await rollBack(wavegate, rows));
    written.push(...wavegate.stages.slice(-2));
    await wavegate.close();
  }
  const single = await oneByOne(
    await freshDatabase(place.postgres, "bench_single", "bench_wavegate"),
    2_000,
  );
  say(`wavegate with ${LATENCY} ms of latency`);
  const slow = await staged(bench, LATENCY);
  await slow.close();
  const results: Results = {
    at: new Date().toISOString(),
    machine: await machine(),
    rows,
    platform: bench.platform,
    pgloaderLoses,
    pgloader: loads.pgloader,
    copy: loads.copy,
    wavegate: runs,
    withLatency: slow.stages,
    ...(found as NonNullable<typeof found>),
    waves,
    oneByOne: single,
    rollbacks,
    written: { rows: rollbacks[0]?.rows ?? 0, stages: written },
  };
  const name = `${place.results}/${results.at.slice(0, 16).replace(":", "")}-${rows}`;
  await writeFile(`${name}.json`, JSON.stringify(results, null, 2));
  await writeFile(`${name}.svg`, chart(results));
  console.log(report(results));
  console.log(pagesTable(results.pages, rows));
  say(`written to ${name}.json and .svg`);
  requireGates(results);
}

/** What is looked at of the reviewed rows, once: before waves, which change them. */
async function looks(
  bench: Bench,
  wavegate: Wavegate,
  work: string,
): Promise<Pick<Results, "staged" | "matching" | "duckdb" | "pages">> {
  const [size] = await query(
    wavegate.url,
    "select sum(pg_total_relation_size(oid)) as bytes from pg_class where relnamespace = 'wavegate'::regnamespace and relkind = 'r'",
  );
  const matching = await checkMatching(bench, wavegate.url);
  requireMatching(matching);
  const duckdb = await duckdbJoins(bench, wavegate.url, work);
  return { staged: Number(size?.bytes), matching, duckdb, pages: await pagesOf(wavegate) };
}

function whole(rows: number, who: string, load: Load): Load {
  if (load.rows === rows) return load;
  throw new Error(`${who} brought ${load.rows} of ${rows} rows.`);
}

async function staged(bench: Bench, latency: number): Promise<Wavegate> {
  const wavegate = await startWavegate(bench, { latency, database: "bench_wavegate" });
  try {
    await preflight(wavegate);
    await stageEverything(wavegate);
    return wavegate;
  } catch (error) {
    await wavegate.close();
    throw error;
  }
}

async function rollBack(wavegate: Wavegate, rows: number): Promise<Results["rollbacks"][number]> {
  const { undone } = await wavegate.stage("rollback", () =>
    wavegate.call<{ undone: number }>("rollback", {
      run: wavegate.run,
      toWave: 1,
      caller,
    }),
  );
  await checkBalance(wavegate.url, rows);
  return {
    rows: undone,
    seconds: wavegate.stages.at(-1)?.seconds ?? 0,
  };
}

async function machine(): Promise<string> {
  const cpu = await readFile("/proc/cpuinfo", "utf8");
  const memory = await readFile("/proc/meminfo", "utf8");
  const cores = cpu.match(/^processor/gm)?.length ?? 0;
  const gib = Math.round(Number(/MemTotal:\s+(\d+)/.exec(memory)?.[1] ?? 0) / 1024 / 1024);
  return `${cores} cores, ${gib} GiB of memory, Node ${process.versions.node}`;
}
