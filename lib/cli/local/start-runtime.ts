import { spawn } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requireSameDatabase } from "../../embedded/runtime/database.ts";
import type { Home } from "../../embedded/runtime/home.ts";
import { holderOf, type RuntimeFile, readyRuntime } from "../../embedded/runtime/runtime-file.ts";
import { withoutDotEnv } from "../dotenv.ts";
import { CannotRun } from "../failure.ts";
import type { Io } from "../io.ts";
import { requireSameCode } from "./place.ts";
import { withoutRoom } from "./room.ts";

const entry = join(import.meta.dirname, "..", "..", "embedded", "runtime", "main.ts");

/** A runtime that is ready, and whether this call is what started it. */
interface Up {
  readonly runtime: RuntimeFile;
  readonly already: boolean;
}

/**
 * Finds the folder's runtime, or starts it as a process of its own that outlives this one; returns
 * when it is ready. Of several that start one at the same time, one does and all wait for it.
 */
export async function bringUp(io: Io, home: Home): Promise<Up> {
  const running = await readyRuntime(home);
  if (running !== undefined) {
    await requireItsDatabase(io, home);
    requireSameCode(running, home);
    return { runtime: running, already: true };
  }
  const child = (await holderOf(home)) === undefined ? await spawnRuntime(io, home) : undefined;
  for (;;) {
    const runtime = await readyRuntime(home);
    if (runtime !== undefined) return { runtime, already: runtime.pid !== child?.pid };
    const over = child === undefined || child.hasEnded();
    if (over && (await holderOf(home)) === undefined)
      throw await whyEnded({ io, home, from: child?.logFrom ?? 0 });
    await sleep(100);
  }
}

/** One that runs already runs on the database it was started with, whatever the settings say by now. */
async function requireItsDatabase(io: Io, home: Home): Promise<void> {
  try {
    await requireSameDatabase(home, io.env.WAVEGATE_DATABASE_URL || undefined);
  } catch (error) {
    const { name, message } = error as Error;
    throw new CannotRun(name, message, { cause: error });
  }
}

interface Child {
  readonly pid: number | undefined;
  readonly hasEnded: () => boolean;
  /** Where its own words begin in the log. */
  readonly logFrom: number;
}

/** Functions and stand-ins share threads that wait for the disk: Node's four are too few for a wave with files. */
const waiting = { UV_THREADPOOL_SIZE: "16" };

async function spawnRuntime(io: Io, home: Home): Promise<Child> {
  await mkdir(home.folder, { recursive: true, mode: 0o700 });
  const log = await open(home.log, "a", 0o600);
  const logFrom = (await log.stat()).size;
  const child = spawn(process.execPath, [entry], {
    cwd: io.cwd,
    env: {
      ...waiting,
      // What one start compiled the next one, and each of its workers, starts with.
      NODE_COMPILE_CACHE: join(home.folder, "compiled"),
      ...withoutDotEnv(io.env),
      WAVEGATE_HOME: home.folder,
    } as NodeJS.ProcessEnv,
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  let ended = false;
  for (const event of ["exit", "error"]) {
    child.once(event, () => {
      ended = true;
    });
  }
  child.unref();
  return { pid: child.pid, hasEnded: () => ended, logFrom };
}

/** As Node and PostgreSQL say it. */
const lacksRoom = /\b(?:ENOSPC|EDQUOT)\b|No space left on device/u;

/** Why a runtime ended at once, by its own last words; on a full disk it may have left none. */
export async function whyEnded(
  { io, home, from = 0 }: { readonly io: Io; readonly home: Home; readonly from?: number },
  full = withoutRoom(io),
): Promise<CannotRun> {
  const written = (await readFile(home.log)).subarray(from).toString("utf8").trim();
  const last = written.split("\n").at(-1) ?? "";
  if (lacksRoom.test(last) || (last === "" && (await full) !== undefined))
    return new CannotRun(
      "RuntimeDidNotStart",
      `The runtime did not start: the disk of ${home.folder} is full. What is there stays as it is; make room, and run it again.`,
    );
  return new CannotRun(
    "RuntimeDidNotStart",
    `The runtime did not start. ${last || `It left no word in ${home.log}.`}`,
  );
}
