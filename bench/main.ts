#!/usr/bin/env node
/**
 * Measures wavegate beside what people use instead, on this machine:
 *   npm run bench                          a million rows, three times each, interleaved
 *   npm run bench:quick                    a hundred thousand
 *   node bench/main.ts --growth            how each stage grows, 10,000 to a million rows, three times each
 *   node bench/main.ts --progress          how right progress and time left are, while each stage runs
 *   node bench/main.ts --pages             what the console's pages take, over a million staged rows
 *   node bench/main.ts --kinds             systems of several kinds of things, updates and made rows;
 *                                          --system NAME measures one of them
 *   npm run bench:files                    submissions with files of 20 KB, beside a plain copy of both
 *   node bench/main.ts --import-only --rows 10000000   memory of the import alone
 * Results go to bench/results/. It fails where a row is missing, wrong or there twice, and where a comparison's ratios
 * (gates.ts) are more than they may be.
 */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { stopServer } from "../scripts/mariadb/server.ts";
import { compare } from "./compare.ts";
import { files } from "./files.ts";
import { growth } from "./growth.ts";
import { importOnly } from "./import-only.ts";
import { kinds } from "./kinds.ts";
import { pages } from "./pages.ts";
import { ownPrograms, startPostgresServer } from "./postgres.ts";
import { progress } from "./progress.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "1000000" },
      repeats: { type: "string", default: "3" },
      work: { type: "string", default: here(".work") },
      growth: { type: "boolean", default: false },
      progress: { type: "boolean", default: false },
      pages: { type: "boolean", default: false },
      kinds: { type: "boolean", default: false },
      files: { type: "boolean", default: false },
      system: { type: "string" },
      "import-only": { type: "boolean", default: false },
    },
  });
  const rows = wholeNumber("--rows", values.rows, 10_000);
  const repeats = wholeNumber("--repeats", values.repeats, 1);
  await promisify(execFile)(here("install.sh")).catch(({ stderr }) => {
    throw new Error(stderr);
  });
  await mkdir(values.work, { recursive: true });
  await mkdir(here("results"), { recursive: true });
  const postgres = await startPostgresServer(
    `${values.work}/postgres-own`,
    await ownPrograms(values.work),
  );
  const servers: { pid: number }[] = [];
  const place = { work: values.work, results: here("results"), postgres, servers };
  try {
    if (values.growth) await growth(place, [10_000, 100_000, rows], repeats);
    else if (values.progress) await progress(place, rows);
    else if (values.pages) await pages(place, rows);
    else if (values.kinds) await kinds(place, rows, values.system);
    else if (values.files) await files(place, rows);
    else if (values["import-only"]) await importOnly(place, rows);
    else await compare(place, rows, repeats);
  } finally {
    for (const server of servers) await stopServer(server);
    await postgres.stop();
  }
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`${option} takes a whole number from ${least}; nothing was measured.`);
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`${error.name}: ${error.message}`);
    process.exit(1);
  },
);
