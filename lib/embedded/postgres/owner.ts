import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AlreadyRunning } from "./errors.ts";
import { startedAt } from "./processes.ts";

interface Owner {
  readonly pid: number;
  /** See `startedAt`: keeps a later process with the same id from looking like the owner. */
  readonly started: string | undefined;
}

/**
 * Makes this process the owner of the folder until `release`. The claim of a process that is gone
 * is taken over. PostgreSQL's own lock remains the last guard; this one names the right process.
 *
 * @throws {AlreadyRunning} when the owner is alive.
 */
export async function claim(directory: string): Promise<{ release(): Promise<void> }> {
  const path = join(directory, "owner.json");
  const mine = JSON.stringify({ pid: process.pid, started: startedAt(process.pid) });
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    while (!(await linked(draft, path))) await removeStale(directory, path);
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => rm(path, { force: true }) };
}

/** A link is made whole or not at all, and only once: the lock that every file system has. */
const linked = (draft: string, path: string) =>
  link(draft, path).then(
    () => true,
    (error) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

async function removeStale(directory: string, path: string): Promise<void> {
  const seen = await readFile(path, "utf8").catch(() => undefined);
  if (seen === undefined) return;
  refuseIfAlive(directory, seen);
  // Moved aside first and read again: another process may have taken it over in between.
  const aside = `${path}.stale.${process.pid}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  const found = await readFile(aside, "utf8");
  if (found !== seen) await linked(aside, path);
  await rm(aside, { force: true });
  if (found !== seen) refuseIfAlive(directory, found);
}

function refuseIfAlive(directory: string, text: string): void {
  const owner = parse(text);
  if (owner && owner.started !== undefined && startedAt(owner.pid) === owner.started) {
    throw new AlreadyRunning(directory, owner.pid);
  }
}

function parse(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}
