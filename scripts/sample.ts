#!/usr/bin/env node
/**
 * Writes the sample of the `ecoin` migration: the same seed and size give the same bytes.
 *   node scripts/sample.ts [--rows 3000] [--out migrations/ecoin/sample] [--seed 20260525]
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generateSample } from "./sample/generate.ts";
import { LEAST_ROWS, MOST_ROWS, planFor } from "./sample/plan.ts";

const OUT = fileURLToPath(new URL("../migrations/ecoin/sample", import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "3000" },
      out: { type: "string", default: OUT },
      seed: { type: "string", default: "20260525" },
    },
  });
  const rows = wholeNumber("--rows", values.rows, LEAST_ROWS, MOST_ROWS);
  const seed = wholeNumber("--seed", values.seed, 0, 2 ** 32 - 1);
  await generateSample(planFor(rows, seed), values.out);
  console.log(`Wrote ${rows} student rows and their platform to ${values.out}.`);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${option} takes a whole number from ${least} to ${most}; nothing was written.`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
