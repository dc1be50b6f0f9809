import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { memory, placeFor, roomOfTests } from "../../scripts/in-memory.ts";
import { startTestPostgres } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The superuser's connection string to the one PostgreSQL of this test run. */
    postgresUrl: string;
    /** A folder of this test run, for files that go with templates of databases. */
    templates: string;
  }
}

/** Folders in memory of runs that were killed: of processes that are no more, and of some hours ago. */
async function removeLeft(): Promise<void> {
  if (process.env.TMPDIR) return;
  for (const name of await readdir(memory)) {
    const pid = /^wg-(\d+)-/u.exec(name)?.[1];
    const folder = join(memory, name);
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > 3 * 3_600_000) await rm(folder, { recursive: true, force: true });
  }
}

/** Whoever connects proves a password in one round instead of 4,096: tests connect some tens of thousands of times. */
async function letInQuickly(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { username, password } = new URL(url);
  await client.query("alter system set scram_iterations = 1");
  await client.query("select pg_reload_conf()");
  await client.query("set scram_iterations = 1");
  const [role, word] = [username, password].map(decodeURIComponent) as [string, string];
  await client.query(`alter role ${pg.escapeIdentifier(role)} password ${pg.escapeLiteral(word)}`);
  await client.end();
}

/**
 * Starts one PostgreSQL for the whole run; each test file takes databases of its own from it. Node keeps what it
 * compiled for all processes of the run: a command starts in half the time.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // What another user left stays.
  await removeLeft().catch(() => {});
  const directory = await mkdtemp(join(await placeFor(roomOfTests), `wg-${process.pid}-`));
  // Servers that run as another user make their way through it.
  await chmod(directory, 0o711);
  // Temporary folders of tests, and of what tests start.
  process.env.TMPDIR = directory;
  process.env.NODE_COMPILE_CACHE ??= join(directory, "compiled");
  const postgres = await startTestPostgres(directory);
  await letInQuickly(postgres.url);
  project.provide("postgresUrl", postgres.url);
  const templates = join(directory, "templates");
  await mkdir(templates, { recursive: true });
  project.provide("templates", templates);
  return async () => {
    await postgres.stop();
    // A process that is just ending still keeps what it compiled.
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
}
