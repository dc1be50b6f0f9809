import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * A process's start time as the system tells it, or undefined when there is no such process.
 * Together with the id it names a process for good: ids are used again, pairs are not.
 */
export function startedAt(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return ps(pid, "lstart=");
  // The second field is the name in brackets and may hold blanks; the 3rd is the state, where Z is
  // a process that has ended and was not yet taken note of; the 22nd is the start time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

/** A process's command line, its parts separated by blanks. */
function commandOf(pid: number): string | undefined {
  return read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ") ?? ps(pid, "command=");
}

/** Whether this process is a PostgreSQL server of the data folder, and not one that got its id. */
export function isServerOf(data: string, pid: number): boolean {
  if (!isAlive(pid)) return false;
  const command = commandOf(pid) ?? "";
  return command.includes("postgres") && ` ${command} `.includes(` ${data} `);
}

/** Waits until the condition holds, at most `milliseconds`; tells whether it did. */
export async function waitFor(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  if (process.platform === "linux") return undefined;
  try {
    return execFileSync("ps", ["-ww", "-o", column, "-p", String(pid)], {
      encoding: "utf8",
    }).trim();
  } catch {
    return undefined;
  }
}
