import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { truthOf } from "../check.ts";
import type { Bench } from "../data.ts";

const run = promisify(execFile);
/** Not a package of the project's: only who measures has it, beside what else the benchmark keeps. */
const PACKAGE = "@duckdb/node-api@1.5.6-r.1";
const SCRIPT = new URL("duckdb-joins.ts", import.meta.url).pathname;

/** Matching's joins in DuckDB over the same normalised rows. */
export interface DuckDb {
  readonly seconds: number;
  readonly cpu: number;
  /** By kind of resemblance: planted, found by the rule or a stronger one. */
  readonly recall: Readonly<Record<string, { planted: number; found: number }>>;
}

/**
 * DuckDB, two threads, over what a run normalised and matched: reading the files is not measured. Undefined where its
 * package cannot be installed.
 */
export async function duckdbJoins(
  { truth }: Bench,
  url: string,
  work: string,
): Promise<DuckDb | undefined> {
  const home = join(work, "duckdb");
  const module = join(home, "node_modules/@duckdb/node-api/lib/index.js");
  await mkdir(home, { recursive: true });
  const there = await access(module).then(
    () => true,
    () => false,
  );
  if (!there) {
    const quick = ["--fetch-retries", "0", "--fetch-timeout", "60000"];
    const options = ["--no-save", "--no-audit", "--no-fund", "--prefix", home, ...quick];
    const installed = await run("npm", ["install", ...options, PACKAGE]).catch(() => undefined);
    if (installed === undefined) return undefined;
  }
  await writeOut(url, home);
  const { stdout } = await run(process.execPath, [SCRIPT, module, home]);
  return {
    ...(JSON.parse(stdout) as { seconds: number; cpu: number }),
    recall: await recallOf(truth, home),
  };
}

/** What matching compares, as CSV. */
async function writeOut(url: string, folder: string): Promise<void> {
  const write = (name: string, select: string) =>
    run("psql", [
      ...["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-o", join(folder, `${name}.csv`)],
      ...["-c", `copy (${select}) to stdout (format csv, header, null '\\N')`],
    ]);
  await write(
    "rows",
    `select source_table || ':' || legacy_id as id, name_folded, name_key, phone_normalized as phone, phone_alternates as alternates,
            email_candidate as email, birth_date from wavegate.legacy_student_imports_source`,
  );
  await write(
    "people",
    "select target_table || ':' || target_id as who, name_folded, name_key, phone, email, birth_date from wavegate.match_people",
  );
}

async function recallOf(truth: string, folder: string): Promise<DuckDb["recall"]> {
  const strength = { low: 0, medium: 1, high: 2 } as const;
  const planted = await truthOf(truth);
  // What was planted alone is kept: of a million rows the joins find more pairs than a map holds.
  const found = new Map(planted.map(({ row, person }) => [`${row} ${person}`, -1]));
  for await (const line of createInterface({
    input: createReadStream(join(folder, "hints.csv")),
  })) {
    const [id, who, level] = line.split(",");
    const key = `${id} ${who}`;
    const before = found.get(key);
    if (before !== undefined)
      found.set(key, Math.max(before, strength[level as keyof typeof strength]));
  }
  const recall: Record<string, { planted: number; found: number }> = {};
  for (const { row, kind, person, level } of planted) {
    const each = recall[kind] ?? { planted: 0, found: 0 };
    recall[kind] = each;
    each.planted += 1;
    if ((found.get(`${row} ${person}`) ?? -1) >= strength[level as keyof typeof strength])
      each.found += 1;
  }
  return Object.fromEntries(
    Object.entries(recall).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
