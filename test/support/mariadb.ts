import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  asRoot,
  createLegacyDatabase,
  createReader,
  loadLegacyRows,
} from "../../scripts/mariadb/load.ts";
import { type StartOptions, startServer, stopServer } from "../../scripts/mariadb/server.ts";

/** A MariaDB of a test's own, with the legacy tables and a user that may only read. */
export interface TestMariaDb {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly socket: string;
  /** `LEGACY_DB_…`, as an environment holds them. */
  readonly settings: Record<string, string>;
  /** Runs SQL as root in the legacy database (several statements at once are fine). */
  query(sql: string, values?: unknown): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** Starts one; with `sample` (a folder of CSV files) its rows are loaded. */
export async function startMariaDb(
  options: StartOptions & { readonly sample?: string } = {},
): Promise<TestMariaDb> {
  const dir = await mkdtemp(join(tmpdir(), "mdb-"));
  const server = await startServer(dir, options).catch(async (error) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  const stop = async () => {
    await stopServer(server);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await createLegacyDatabase(server);
    if (options.sample !== undefined) await loadLegacyRows(server, options.sample);
    const settings = await createReader(server);
    const root = await asRoot(server, settings.LEGACY_DB_DATABASE);
    await root.query("SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'");
    return {
      host: server.host,
      port: server.port,
      socket: server.socket,
      settings,
      query: async (sql, values) =>
        (await root.query({ sql, values: values as unknown[] }))[0] as Record<string, unknown>[],
      stop: async () => {
        root.destroy();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
