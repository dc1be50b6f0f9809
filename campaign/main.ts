import { parseArgs } from "node:util";
import { table } from "../lib/cli/table.ts";
import { faultSays, runCampaign } from "./run.ts";

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    from: { type: "string", default: "0" },
    "at-once": { type: "string", default: "2" },
    quiet: { type: "boolean", default: false },
  },
});
const schedules = Number(values.schedules);
const seed = Number(values.seed);
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ending.abort());
const result = await runCampaign({
  schedules,
  seed,
  atOnce: Number(values["at-once"]),
  from: Number(values.from),
  signal: ending.signal,
  ...(values.only === undefined ? {} : { only: Number(values.only) }),
  ...(values.quiet ? {} : { onSchedule: (line) => console.log(line) }),
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
