import { randomUUID } from "node:crypto";
import { link, lstat, readFile, readlink, rename, symlink } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { removeFile } from "./durable.ts";

/** Work under a lock takes milliseconds; an older lock was left behind by a process that died. */
const ABANDONED_AFTER_MS = 10_000;
const GIVE_UP_AFTER_MS = 20_000;

/** The lock of a shared file was held for too long by another process; nothing was written. */
export class LockTimeout extends Error {
  override readonly name = "LockTimeout";
}

interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly token: string;
}

/** Runs `work` while no other process on this folder runs work under the same lock file. */
export async function withFileLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  const owner: Owner = { host: hostname(), pid: process.pid, token: randomUUID() };
  await acquire(lockFile, owner);
  try {
    return await work();
  } finally {
    await release(lockFile, owner);
  }
}

async function acquire(lockFile: string, owner: Owner): Promise<void> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  while (!(await tryTake(lockFile, owner))) {
    if (await isAbandoned(lockFile)) await breakLock(lockFile);
    else if (performance.now() > deadline) {
      throw new LockTimeout(
        `Another process holds ${lockFile}. Nothing was written; try again, and remove the file if no other wavegate runs.`,
      );
    } else await wait(5 + Math.random() * 20);
  }
}

/** A link to what names the owner: it appears with its content, so that nobody ever reads half of one. */
async function tryTake(lockFile: string, owner: Owner): Promise<boolean> {
  try {
    await symlink(JSON.stringify(owner), lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isAbandoned(lockFile: string): Promise<boolean> {
  const owner = await readOwner(lockFile);
  if (owner === undefined) return false;
  if (owner.host === hostname() && !isAlive(owner.pid)) return true;
  const since = await lstat(lockFile).catch(() => undefined);
  return since !== undefined && Date.now() - since.mtimeMs > ABANDONED_AFTER_MS;
}

/** Two processes may see the same dead lock: whoever finds a live one in its hand puts it back. */
async function breakLock(lockFile: string): Promise<void> {
  const taken = `${lockFile}.${randomUUID()}`;
  try {
    await rename(lockFile, taken);
  } catch {
    return;
  }
  if (!(await isAbandoned(taken))) await link(taken, lockFile).catch(() => undefined);
  await removeFile(taken);
}

async function release(lockFile: string, owner: Owner): Promise<void> {
  const current = await readOwner(lockFile);
  if (current?.token === owner.token) await removeFile(lockFile);
}

async function readOwner(lockFile: string): Promise<Owner | undefined> {
  try {
    const owner = await readlink(lockFile).catch((error: NodeJS.ErrnoException) => {
      // A plain file, as locks were before.
      if (error.code === "EINVAL") return readFile(lockFile, "utf8");
      throw error;
    });
    return JSON.parse(owner) as Owner;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
