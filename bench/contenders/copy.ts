import { spawn } from "node:child_process";
import type { Bench } from "../data.ts";
import { freshDatabase, query } from "../postgres.ts";
import { type Load, watchLoad } from "./load.ts";

const SCRIPT = new URL("direct-copy.ts", import.meta.url).pathname;

/** mysql2 → COPY over a direct connection, see `direct-copy.ts`. */
export async function directCopy(bench: Bench): Promise<Load> {
  const { mariadb, legacy, postgres } = bench;
  const url = await freshDatabase(postgres, "bench_copy");
  await query(url, "checkpoint");
  const from = `mysql://${legacy.LEGACY_DB_USERNAME}:${legacy.LEGACY_DB_PASSWORD}@127.0.0.1:${mariadb.port}/ecoin_legacy`;
  let said = "";
  const load = await watchLoad(bench, () => {
    const child = spawn(process.execPath, [SCRIPT, from, url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    return child;
  });
  return { ...load, rows: Number(said) };
}
