import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What a process and the ones it started used so far. */
export interface Usage {
  /** Seconds of processor time. */
  readonly cpu: number;
  /** MiB, the most that was resident at once. */
  readonly peak: number;
}

const TICKS = 100;

/** Processor time of a process with all its children, living or ended, in seconds. */
export function cpuOf(pid: number): number {
  const own = statOf(pid);
  if (!own) return 0;
  const living = childrenOf(pid).reduce((sum, child) => {
    const stat = statOf(child);
    return sum + (stat ? stat.self : 0);
  }, 0);
  return own.self + own.ended + living;
}

function statOf(pid: number): { self: number; ended: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const at = (index: number) => Number(fields[index]) / TICKS;
    return { self: at(11) + at(12), ended: at(13) + at(14) };
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  return textsBelow(`/proc/${pid}/task`, "children")
    .flatMap((list) => list.trim().split(" "))
    .filter((child) => child !== "")
    .map(Number);
}

/** What stands in a file of each folder; threads end while somebody looks. */
function textsBelow(folder: string, file: string): string[] {
  try {
    return readdirSync(folder).map((each) => readFileSync(`${folder}/${each}/${file}`, "utf8"));
  } catch {
    return [];
  }
}

/** Peak resident memory of a process in MiB, since its start or the last {@link forgetPeak}. */
export function peakOf(pid: number): number {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Lets {@link peakOf} count from now on. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Time, processor time and peak memory of work in other processes. */
export async function measure<Result>(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<Result>,
): Promise<{ result: Result; seconds: number; usage: Record<string, Usage> }> {
  const names = Object.entries(pids);
  for (const [name, pid] of names) if (name !== "postgres" && name !== "mariadb") forgetPeak(pid);
  const before = new Map(names.map(([name, pid]) => [name, cpuOf(pid)]));
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  const usage: Record<string, Usage> = {};
  for (const [name, pid] of names) {
    usage[name] = { cpu: cpuOf(pid) - (before.get(name) ?? 0), peak: peakOf(pid) };
  }
  return { result, seconds, usage };
}

/** The middle of some figures. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1] ?? 0, sorted[middle] ?? 0];
  return (low + high) / 2;
}
