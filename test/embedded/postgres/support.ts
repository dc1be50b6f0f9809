import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { isAlive, isServerOf, waitFor } from "../../../lib/embedded/postgres/processes.ts";

/** A folder that others may not enter, as a checkout in a home may be. */
export const newFolder = () => mkdtemp(join(tmpdir(), "wavegate-postgres-"));

/**
 * Removes the folder, and the data that root may have had to put elsewhere, once the server of an
 * owner that a test has killed is through with it.
 */
export async function removeFolder(directory: string): Promise<void> {
  const elsewhere = await readFile(join(directory, "location"), "utf8").catch(() => undefined);
  const data = elsewhere ?? join(directory, "data");
  const pid = await serverId(data).catch(() => undefined);
  if (pid) await waitFor(() => !isServerOf(data, pid), 30_000);
  if (elsewhere) await rm(join(elsewhere, ".."), { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
}

/** Runs one statement as the superuser. */
export async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

interface OwnerProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it said: a connection string, or an error. */
  readonly said: { url: string; name?: string; message?: string };
}

/** Starts a process that starts PostgreSQL, and waits until it has said how that went. */
export async function startOwner(directory: string, isolation = ""): Promise<OwnerProcess> {
  const script = new URL("./owner-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, directory, isolation], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { child, pid: child.pid as number, said: JSON.parse(String(line)) };
}

/** Ends a process that a test started, as nothing can prevent. */
export async function kill9(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** The id in the data folder's lock file. */
export async function serverId(data: string): Promise<number> {
  const [line] = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
  return Number(line);
}

/** A process whose parent has not taken note of its end is gone, too. */
export async function isRunning(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "x) R");
  return state.split(") ")[1]?.[0] !== "Z";
}
