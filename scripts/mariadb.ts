#!/usr/bin/env node
/**
 * A private MariaDB with the legacy ECOIN database, to try a migration on:
 *   node scripts/mariadb.ts start [--dir DIR] [--sample DIR | --empty]
 *   node scripts/mariadb.ts stop  [--dir DIR]
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createLegacyDatabase, createReader, loadLegacyRows } from "./mariadb/load.ts";
import { startServer, stopServer, stopServerIn } from "./mariadb/server.ts";

const SAMPLE = fileURLToPath(new URL("../migrations/ecoin/sample/legacy", import.meta.url));
const USAGE =
  "Usage: node scripts/mariadb.ts start|stop [--dir DIR] [--sample DIR | --empty]. Nothing was done.";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: "string", default: ".wavegate/mariadb" },
      sample: { type: "string", default: SAMPLE },
      empty: { type: "boolean", default: false },
    },
  });
  const [verb, ...rest] = positionals;
  if (rest.length > 0 || (verb !== "start" && verb !== "stop")) throw new Error(USAGE);
  if (verb === "stop") {
    const stopped = await stopServerIn(values.dir);
    console.log(
      stopped ? `Stopped the server in ${values.dir}.` : `No server runs in ${values.dir}.`,
    );
    return;
  }
  await stopServerIn(values.dir);
  const server = await startServer(values.dir);
  try {
    await createLegacyDatabase(server);
    if (!values.empty) await loadLegacyRows(server, values.sample);
    const settings = await createReader(server);
    for (const [name, value] of Object.entries(settings)) console.log(`${name}=${value}`);
    console.error(
      `MariaDB runs with process id ${server.pid}; stop it with: node scripts/mariadb.ts stop --dir ${values.dir}`,
    );
  } catch (error) {
    await stopServer(server);
    throw error;
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
