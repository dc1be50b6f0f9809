import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "../data.ts";
import { cpuOf, peakOf } from "../meter.ts";

/** What a bare load of the legacy tables took, and what arrived. */
export interface Load {
  readonly seconds: number;
  /** Seconds of processor time of the program itself. */
  readonly cpu: number;
  /** The same of the servers that it read from and wrote to, as wavegate's count with it. */
  readonly servers: { readonly postgres: number; readonly mariadb: number };
  /** MiB, of the program. */
  readonly peak: number;
  /** Rows of the two tables of people that arrived. */
  readonly rows: number;
  readonly exitCode: number;
}

/** Processor time of a load as a whole: the program's and the servers'. */
export const wholeCpu = ({ cpu, servers }: Load): number =>
  cpu + servers.postgres + servers.mariadb;

/** Starts a loading program and waits for its end. */
export async function watchLoad(
  { postgres, mariadb }: Bench,
  start: () => ChildProcess,
): Promise<Omit<Load, "rows">> {
  const ofServers = () => ({ postgres: cpuOf(postgres.pid), mariadb: cpuOf(mariadb.pid) });
  const before = ofServers();
  const started = performance.now();
  const child = start();
  const used = { cpu: 0, peak: 0 };
  const look = setInterval(() => {
    used.cpu = Math.max(used.cpu, cpuOf(child.pid ?? 0));
    used.peak = Math.max(used.peak, peakOf(child.pid ?? 0));
  }, 50);
  const [exitCode] = await once(child, "exit");
  clearInterval(look);
  const seconds = (performance.now() - started) / 1000;
  const after = ofServers();
  const servers = {
    postgres: after.postgres - before.postgres,
    mariadb: after.mariadb - before.mariadb,
  };
  return { seconds, ...used, servers, exitCode };
}
