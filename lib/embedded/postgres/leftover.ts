import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { PostgresStartFailed } from "./errors.ts";
import { isServerOf, waitFor } from "./processes.ts";

/** What `postmaster.pid` says; it is there while a server runs, and after one that was killed. */
interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Reads the data folder's `postmaster.pid`; undefined when there is none (or not yet a whole one). */
export function readPostmaster(data: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  // Line 1 is the id, 4 the port, 8 the state: PostgreSQL's own pg_ctl relies on these places.
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
}

/**
 * Makes way for a new server once the folder's owner is known to be gone: a server that still runs
 * is given time to end (its keeper is ending it), then ended; the file of a dead one is removed. A
 * process that merely got the dead server's id is never touched.
 */
export async function endLeftover(data: string): Promise<void> {
  const left = readPostmaster(data);
  if (!left) return;
  await endServer(data, left.pid, 2_000);
  // A server that ended well removed its file. Removing a stale one is safe: PostgreSQL also looks
  // whether anything still uses the old server's shared memory before it starts.
  if (readPostmaster(data)?.pid === left.pid) {
    await rm(join(data, "postmaster.pid"), { force: true });
  }
}

/** Ends the folder's server: waits for it, asks for a fast shutdown, then for an immediate one. */
export async function endServer(data: string, pid: number, patience: number): Promise<void> {
  const gone = () => !isServerOf(data, pid);
  if (await waitFor(gone, patience)) return;
  // Every write that was acknowledged is in the log on disk, so that even SIGQUIT loses none.
  for (const [signal, wait] of [
    ["SIGINT", 30_000],
    ["SIGQUIT", 10_000],
  ] as const) {
    if (!gone()) process.kill(pid, signal);
    if (await waitFor(gone, wait)) return;
  }
  throw new PostgresStartFailed(
    `An earlier server of ${data}, process ${pid}, does not end; nothing was started. End it first.`,
  );
}
