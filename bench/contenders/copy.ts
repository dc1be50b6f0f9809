import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "../data.ts";
import { cpuOf, peakOf } from "../meter.ts";
import { freshDatabase, query } from "../postgres.ts";
import type { Load } from "./pgloader.ts";

const SCRIPT = new URL("direct-copy.ts", import.meta.url).pathname;

/** mysql2 → COPY over a direct connection, see `direct-copy.ts`. */
export async function directCopy({ mariadb, legacy, postgres }: Bench): Promise<Load> {
  const url = await freshDatabase(postgres, "bench_copy");
  await query(url, "checkpoint");
  const from = `mysql://${legacy.LEGACY_DB_USERNAME}:${legacy.LEGACY_DB_PASSWORD}@127.0.0.1:${mariadb.port}/ecoin_legacy`;
  const started = performance.now();
  const child = spawn(process.execPath, [SCRIPT, from, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const used = { cpu: 0, peak: 0 };
  const look = setInterval(() => {
    used.cpu = Math.max(used.cpu, cpuOf(child.pid ?? 0));
    used.peak = Math.max(used.peak, peakOf(child.pid ?? 0));
  }, 50);
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += chunk;
  });
  const [exitCode] = await once(child, "exit");
  clearInterval(look);
  return { seconds: (performance.now() - started) / 1000, ...used, rows: Number(said), exitCode };
}
