import { existsSync } from "node:fs";
import {
  access,
  chmod,
  constants,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  statfs,
} from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startTestPostgres } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The superuser's connection string to the one PostgreSQL of this test run. */
    postgresUrl: string;
    /** A folder of this test run, for files that go with templates of databases. */
    templates: string;
  }
}

/** What servers, templates and folders of a run may come to at a time, in bytes, with room to spare. */
const ROOM = 6 * 2 ** 30;
const MEMORY = "/dev/shm";

/** Folders in memory of runs that were killed: of processes that are no more, and of some hours ago. */
async function removeLeft(): Promise<void> {
  for (const name of await readdir(MEMORY)) {
    const pid = /^wg-(\d+)-/u.exec(name)?.[1];
    const folder = join(MEMORY, name);
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > 3 * 3_600_000) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Where temporary folders are made: where the environment says, or else in memory, if it holds them; a database is
 * copied there in a third of the time.
 */
async function placeFor(): Promise<string> {
  if (process.env.TMPDIR) return tmpdir();
  try {
    await access(MEMORY, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(MEMORY);
    await removeLeft();
    // What the mount may hold is not what the machine has left.
    return Math.min(bavail * bsize, freemem()) >= ROOM ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/**
 * Starts one PostgreSQL for the whole run; each test file takes databases of its own from it. Node keeps what it
 * compiled for all processes of the run: a command starts in half the time.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(await placeFor(), `wg-${process.pid}-`));
  // Servers that run as another user make their way through it.
  await chmod(directory, 0o711);
  // Temporary folders of tests, and of what tests start.
  process.env.TMPDIR = directory;
  process.env.NODE_COMPILE_CACHE ??= join(directory, "compiled");
  const postgres = await startTestPostgres(directory);
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
