import { table } from "../lib/cli/table.ts";
import { readOptions } from "./options.ts";
import { faultSays, runCampaign } from "./run.ts";

const { quiet, ...options } = read();
const { seed } = options;
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ending.abort());
const result = await runCampaign({
  ...options,
  signal: ending.signal,
  ...(quiet ? {} : { onSchedule: (line) => console.log(line) }),
});

console.log(
  [
    "",
    `${result.schedules} schedules, seed ${seed}: median ${(result.median / 1000).toFixed(1)} s, longest ${(result.longest / 1000).toFixed(1)} s`,
    "",
    ...table(
      ["fault", "planned", "fired", "not fired"],
      [...result.faults].map(([kind, { planned, fired }]) => [
        kind,
        planned,
        fired,
        planned - fired,
      ]),
    ),
    ...[...result.notRun].map(([kind, why]) => `Not run: ${kind}, as ${why}.`),
    "Not run: jumps of the machine's own clock, which others share; the workflow's clock jumps by hours.",
    "",
    ...table(
      ["what steps ended with, and were tried again", "times"],
      Object.entries(result.errors).sort(([, left], [, right]) => right - left),
    ),
    "",
    ...result.failures.flatMap(({ schedule, faults, says }) => [
      `FAILED: schedule ${schedule}; again with \`npm run campaign -- --schedules ${schedule + 1} --seed ${seed} --only ${schedule}\``,
      `  ${faults.map(faultSays).join("; ")}`,
      ...says.map((line) => `  ${line}`),
    ]),
    result.failures.length === 0
      ? "Nothing was written twice, lost or left behind."
      : `${result.failures.length} schedules failed.`,
  ].join("\n"),
);
if (result.ended) {
  console.error(
    "Ended before the last schedule; the servers are stopped and their folders removed.",
  );
  // Steps that were cut off may still wait for an answer that nobody gives.
  process.exit(130);
}
process.exitCode = result.failures.length === 0 ? 0 : 1;

function read(): ReturnType<typeof readOptions> {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`${why.replace(/\.?$/u, ".")} No schedule was run.`);
    process.exit(2);
  }
}
