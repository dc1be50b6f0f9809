import { preflight, stageEverything, startWavegate, type Wavegate } from "./contenders/wavegate.ts";
import { prepare } from "./data.ts";
import type { PageTime } from "./page-times.ts";
import type { Place } from "./place.ts";
import { table } from "./table.ts";

/** What a list may take, and any other page, milliseconds, whatever a run stages. */
const mostOfList = 100;
const mostOfPage = 150;

/** Stages so many rows, and prints what the console's pages take over them. */
export async function pages(place: Place, rows: number): Promise<void> {
  const since = performance.now();
  const tell = (what: string) =>
    console.log(`after ${((performance.now() - since) / 1000).toFixed(0)} s: ${what}`);
  const bench = await prepare(place.work, rows, place.postgres);
  place.servers.push(bench.mariadb);
  tell("the rows are there, and are for the next time");
  const wavegate = await startWavegate(bench, { latency: 0, database: "bench_pages" });
  try {
    await preflight(wavegate);
    await stageEverything(wavegate, tell);
    console.log(pagesTable(await pagesOf(wavegate), rows));
  } finally {
    await wavegate.close();
  }
}

/** Over the rows that are staged now, by the function's own process. */
export const pagesOf = ({ workers: [worker], run }: Wavegate): Promise<PageTime[]> =>
  worker.run<PageTime[]>("bench:pages", { run });

/** The pages' times, with those that take longer than they may. */
export function pagesTable(times: readonly PageTime[], rows: number): string {
  const lines = times.map(({ page, median, worst }) => {
    const most = page.startsWith("rows") ? mostOfList : mostOfPage;
    const over = median > most ? `over ${most} ms` : "";
    return [page, `${median.toFixed(1)} ms`, `${worst.toFixed(1)} ms`, over];
  });
  return `The console over ${rows.toLocaleString("en-GB")} staged rows\n\n${table(["page", "median", "worst", ""], lines)}`;
}
