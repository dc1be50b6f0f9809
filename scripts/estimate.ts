import { parseArgs } from "node:util";
import { countRun, type RunSize } from "./estimate/counts.ts";
import { costOf, PRICES } from "./estimate/prices.ts";
import { priceSources, standingPrices } from "./estimate/sources.ts";

const usage = "npm run estimate -- --rows N [--wave N]";

/** Reads the arguments. Errors: one line that says what was wrong. */
export function readArguments(args: readonly string[]): RunSize {
  const { values } = parseArgs({
    args: [...args],
    options: { rows: { type: "string" }, wave: { type: "string", default: "250" } },
  });
  const rows = wholeNumber("--rows", values.rows, 1, 100_000_000);
  return { rows, wave: wholeNumber("--wave", values.wave, 25, 5_000) };
}

function wholeNumber(name: string, text: string | undefined, from: number, to: number): number {
  const value = Number(text);
  if (text !== undefined && Number.isInteger(value) && value >= from && value <= to) return value;
  throw new Error(`${name} has to be a whole number from ${from} to ${to}. Use: ${usage}`);
}

/** The estimate as text. */
export function estimate(size: RunSize): string {
  const counts = countRun(size);
  const costs = costOf(counts);
  const number = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const usd = (value: number) => `${value.toFixed(4)} USD`.padStart(14);
  const line = (what: string, cost: number | undefined, counted: string) =>
    `  ${what.padEnd(20)}${usd(cost ?? 0)}   ${counted}`;
  return [
    `A run of ${number(size.rows)} rows, every one of which commits, in ${number(counts.waves)} waves of at most ${number(size.wave)}:`,
    "",
    line("Data API", costs["data api"], `${number(counts.dataApiUnits)} units of 32 KB`),
    line("Step Functions", costs["state transitions"], `${number(counts.transitions)} transitions`),
    line(
      "Lambda",
      costs.lambda,
      `${number(counts.invocations)} calls, ${number(counts.functionSeconds)} s of 1 GB`,
    ),
    line("S3", costs.s3, `${number(counts.objectRequests)} writing requests`),
    line("together", costs.total, "without the database's own hours, which depend on its size"),
    "",
    `Time: about ${duration(counts.workSeconds)} of work, besides the hours that people take to decide.`,
    "  Rates were measured on a machine of two cores, not on Lambda and Aurora: docs/unproven.md.",
    "",
    "Every month, while nothing runs:",
    ...standingPrices.map(
      ({ what, usd: price, from }) =>
        `  ${what.padEnd(34)}${price.toFixed(2).padStart(7)} USD   ${from}`,
    ),
    "",
    `Prices of ${PRICES.region} as noted in ${PRICES.asOf}:`,
    ...Object.entries(priceSources).map(([name, source]) => `  ${name.padEnd(16)} ${source}`),
    "",
  ].join("\n");
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

if (import.meta.main) {
  try {
    console.log(estimate(readArguments(process.argv.slice(2))));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
