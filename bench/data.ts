import { execFile } from "node:child_process";
import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLegacyDatabase, createReader, loadLegacyRows } from "../scripts/mariadb/load.ts";
import { type MariaDbServer, startServer } from "../scripts/mariadb/server.ts";
import { generateSample } from "../scripts/sample/generate.ts";
import { planFor } from "../scripts/sample/plan.ts";
import { freshDatabase, type PostgresServer, query } from "./postgres.ts";

const run = promisify(execFile);
const SEED = 20260525;
const SCHEMA = new URL("../migrations/ecoin/platform-schema.postgres.sql", import.meta.url);

/** A legacy system with its data, and the platform's database to copy from. */
export interface Bench {
  readonly rows: number;
  /** Users and leads of the platform. */
  readonly platform: number;
  readonly mariadb: MariaDbServer;
  /** Settings of the connection `legacy`. */
  readonly legacy: Record<string, string>;
  readonly postgres: PostgresServer;
  readonly platformTemplate: string;
  readonly truth: string;
}

/** Makes the seeded data set once for each size, and loads both sides of it. */
export async function prepare(
  work: string,
  rows: number,
  postgres: PostgresServer,
  platform = Math.round(rows / 2),
): Promise<Bench> {
  const sample = join(work, `sample-${rows}`);
  await once(join(sample, "done"), async () => {
    await rm(sample, { recursive: true, force: true });
    await mkdir(sample, { recursive: true });
    await generateSample(planFor(rows, SEED, platform), sample);
  });
  const home = join(work, `mariadb-${rows}`);
  const mariadb = await startServer(home);
  await once(join(home, "done"), async () => {
    await createLegacyDatabase(mariadb);
    await loadLegacyRows(mariadb, join(sample, "legacy"));
  });
  const legacy = await createReader(mariadb);
  const platformTemplate = `platform_${rows}`;
  const known = await query(
    postgres.url("postgres"),
    `select 1 from pg_database where datname = '${platformTemplate}'`,
  );
  if (known.length === 0) await loadPlatform(postgres, platformTemplate, sample);
  return {
    rows,
    platform,
    mariadb,
    legacy,
    postgres,
    platformTemplate,
    truth: join(sample, "truth.csv"),
  };
}

/** Named last, so that a load that was cut off is not taken for a finished one. */
async function loadPlatform(postgres: PostgresServer, name: string, sample: string): Promise<void> {
  const url = await freshDatabase(postgres, "platform_draft");
  await query(url, await readFile(SCHEMA, "utf8"));
  await run("psql", [
    "-q",
    "-v",
    "ON_ERROR_STOP=1",
    "-1",
    "-d",
    url,
    "-f",
    join(sample, "platform.sql"),
  ]);
  await query(url, "vacuum analyze");
  await query(postgres.url("postgres"), `alter database platform_draft rename to ${name}`);
}

async function once(mark: string, work: () => Promise<void>): Promise<void> {
  const done = await access(mark).then(
    () => true,
    () => false,
  );
  if (done) return;
  await work();
  await writeFile(mark, "");
}
