import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process that cannot be mistaken for a later one that was given the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, in the operating system's own words. */
  readonly began: string;
}

/** The mark of this process. */
export async function ownMark(): Promise<ProcessMark> {
  return { pid: process.pid, began: (await beginning(process.pid)) ?? "unknown" };
}

/** Whether the very process of this mark still runs. */
export async function stillRuns(mark: ProcessMark): Promise<boolean> {
  return Number.isInteger(mark.pid) && mark.pid > 1 && (await beginning(mark.pid)) === mark.began;
}

/** Undefined when no such process runs (one that ended and was not waited for counts as ended). */
async function beginning(pid: number): Promise<string | undefined> {
  return process.platform === "linux" ? linuxBeginning(pid) : psBeginning(pid);
}

async function linuxBeginning(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1");
    // The command's name stands in parentheses and may hold anything; the fields follow the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, ticks] = [fields[0], fields[19]];
    if (state === "Z" || state === "X" || ticks === undefined) return undefined;
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "latin1")).trim();
    return `${boot} ${ticks}`;
  } catch {
    return undefined;
  }
}

async function psBeginning(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)], {
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
