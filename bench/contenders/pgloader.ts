import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../data.ts";
import { freshDatabase, query } from "../postgres.ts";
import { type Load, watchLoad } from "./load.ts";

const ZERO_DATES = `using zero-dates-to-null,
     type timestamp to timestamp drop not null drop default using zero-dates-to-null`;

/**
 * As it comes; with its cast for zero dates, which stops at the first 30th of February; and with
 * dates as text, which loses nothing and is what the others are held against.
 */
const CASTS = {
  none: "",
  zero_dates: `CAST type date to date drop not null drop default ${ZERO_DATES}`,
  text: `CAST type date to text drop not null drop default ${ZERO_DATES}`,
} as const;

/** Debian's pgloader over the same tables. */
export async function pgloader(
  bench: Bench,
  work: string,
  options: { cast: keyof typeof CASTS },
): Promise<Load> {
  const { mariadb, legacy, postgres } = bench;
  const url = await freshDatabase(postgres, "bench_pgloader");
  const { LEGACY_DB_USERNAME: user, LEGACY_DB_PASSWORD: password } = legacy;
  const file = join(work, "pgloader.load");
  await writeFile(
    file,
    `LOAD DATABASE
     FROM mysql://${user}:${password}@127.0.0.1:${mariadb.port}/ecoin_legacy
     INTO ${url}
     WITH include no drop, create tables, create indexes, reset no sequences
     ${CASTS[options.cast]};\n`,
  );
  await query(url, "checkpoint");
  const load = await watchLoad(bench, () =>
    spawn("pgloader", ["--quiet", "--root-dir", join(work, "pgloader"), file], {
      stdio: ["ignore", "ignore", "ignore"],
    }),
  );
  return { ...load, rows: await arrived(url) };
}

async function arrived(url: string): Promise<number> {
  try {
    const [counted] = await query<{ n: string }>(
      url,
      `select (select count(*) from ecoin_legacy.stagiaires) + (select count(*) from ecoin_legacy.archives) as n`,
    );
    return Number(counted?.n);
  } catch {
    return 0;
  }
}
