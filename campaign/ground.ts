import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { type RunningPostgres, startPostgres } from "../lib/embedded/postgres/start.ts";
import {
  asRoot,
  createLegacyDatabase,
  createReader,
  DATABASE,
  loadLegacyRows,
} from "../scripts/mariadb/load.ts";
import { type MariaDbServer, startServer, stopServer } from "../scripts/mariadb/server.ts";
import { setUpTemplate, template } from "./runtime.ts";

const run = promisify(execFile);
const ecoin = new URL("../migrations/ecoin/", import.meta.url);
/** Every so many rows of the sample: a few hundred people, with its dirt in its proportions. */
const everyNth = 8;
const smallDisk = 96;

/** What all schedules share: both servers, and a database to copy. */
export interface Ground {
  readonly postgres: RunningPostgres;
  readonly mariadb: MariaDbServer;
  readonly legacy: Readonly<Record<string, string>>;
  /** A disk that can be filled; undefined where this machine cannot make one. */
  readonly disk: Disk | undefined;
  /** Makes a database from the template; on the small disk if asked. */
  createDatabase(name: string, onDisk: boolean): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A small disk with a tablespace on it. */
interface Disk {
  fill(): Promise<void>;
  empty(): Promise<void>;
}

/** Starts the servers and builds the template; where one of them does not start, nothing is left. */
export async function prepareGround(): Promise<Ground> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "wavegate-campaign-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  let disk: Awaited<ReturnType<typeof makeDisk>>;
  // The last but one to go: PostgreSQL writes to it.
  parts.defer(async () => disk?.remove());
  // Started by root, the servers run as users of their own, who have to get there.
  await chmod(folder, 0o755);
  const postgres = await startPostgres({ directory: join(folder, "postgres"), durable: false });
  parts.defer(() => postgres.stop());
  const mariadb = await startServer(join(folder, "mdb"), {});
  parts.defer(() => stopServer(mariadb));
  const superuser = new pg.Client({ connectionString: postgres.url });
  await superuser.connect();
  parts.defer(() => superuser.end());
  const [legacy] = await Promise.all([legacyRows(mariadb), buildTemplate(superuser, postgres.url)]);
  disk = await makeDisk(superuser, join(folder, "disk"));
  const made = parts.move();
  return {
    postgres,
    mariadb,
    legacy,
    disk: disk?.disk,
    createDatabase: async (name, onDisk) => {
      const where = onDisk ? "tablespace small_disk" : "";
      await superuser.query(`create database ${name} template ${template} ${where}`);
      return urlOf(postgres.url, name);
    },
    dropDatabase: async (name) => {
      // A checkpoint may fail for a disk of another database that is full at this moment.
      for (let left = 5; ; left--) {
        try {
          await superuser.query(`drop database if exists ${name} with (force)`);
          return;
        } catch (error) {
          if (left === 0 || !String(error).includes("checkpoint request failed")) throw error;
          await sleep(1_000);
        }
      }
    },
    close: () => made.disposeAsync(),
  };
}

/** The connection string to another database of the same server. */
export function urlOf(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function legacyRows(server: MariaDbServer): Promise<Record<string, string>> {
  await createLegacyDatabase(server);
  await loadLegacyRows(server, new URL("sample/legacy/", ecoin).pathname);
  const root = await asRoot(server, DATABASE);
  for (const table of ["stagiaires", "archives"]) {
    await root.query(`delete from ${table} where id % ${everyNth} <> 1`);
  }
  await root.end();
  return createReader(server);
}

async function buildTemplate(superuser: pg.Client, url: string): Promise<void> {
  await superuser.query(`create database ${template} template template0`);
  const client = new pg.Client({ connectionString: urlOf(url, template) });
  await client.connect();
  for (const file of ["platform-schema.postgres.sql", "sample/platform.sql"]) {
    await client.query(await readFile(new URL(file, ecoin), "utf8"));
  }
  await client.end();
  await setUpTemplate(urlOf(url, template));
}

/** A file system of its own takes root; without it the fault is reported as not run. */
async function makeDisk(
  superuser: pg.Client,
  folder: string,
): Promise<{ disk: Disk; remove(): Promise<void> } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { rows } = await superuser.query<{ data_directory: string }>("show data_directory");
  const owner = await stat(rows[0]?.data_directory ?? "/");
  try {
    await mkdir(folder);
    await run("mount", ["-t", "tmpfs", "-o", `size=${smallDisk}m,mode=0755`, "wavegate", folder]);
  } catch {
    return undefined;
  }
  const remove = async () => void (await run("umount", [folder]).catch(() => {}));
  try {
    const place = join(folder, "tablespace");
    await mkdir(place, { mode: 0o700 });
    await chown(place, owner.uid, owner.gid);
    await superuser.query(`create tablespace small_disk location '${place}'`);
  } catch {
    await remove();
    return undefined;
  }
  const filler = join(folder, "filler");
  const disk: Disk = {
    fill: () => writeFile(filler, Buffer.alloc(smallDisk * 1024 * 1024)).catch(() => {}),
    empty: () => rm(filler, { force: true }),
  };
  return { disk, remove };
}
