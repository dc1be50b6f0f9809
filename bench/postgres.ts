import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chown, mkdir, open, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { copyBinaries, findBinaries } from "../lib/embedded/postgres/binaries.ts";
import { SERVER_SETTINGS } from "../lib/embedded/postgres/settings.ts";

const run = promisify(execFile);

/** A PostgreSQL in a folder of its own, for all contenders alike. */
export interface PostgresServer {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  /** The superuser's connection string to a database. */
  url(database: string): string;
  stop(): Promise<void>;
}

/**
 * The same for every contender; what is written is on the disk when a commit returns. No checkpoint
 * falls into a run: Aurora has none.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // As wavegate has it on one machine.
  shared_buffers: SERVER_SETTINGS.shared_buffers as string,
  work_mem: "256MB",
  maintenance_work_mem: "256MB",
  jit: "off",
  max_wal_size: "16GB",
  checkpoint_timeout: "15min",
  // What a stage wrote is looked at behind it.
  wal_keep_size: "16GB",
  synchronous_commit: "on",
  fsync: "on",
  timezone: "UTC",
  max_connections: "60",
};

/**
 * Starts the server in `dir` on a free port, initialised where needed; root runs it as `postgres`.
 *
 * @param programs the folder of its programs
 */
export async function startPostgresServer(dir: string, programs: string): Promise<PostgresServer> {
  const as = await account();
  await mkdir(dir, { recursive: true });
  if (as) await chown(dir, as.uid, as.gid);
  const data = join(dir, "data");
  if (!(await readdir(dir)).includes("data")) {
    await run(
      join(programs, "initdb"),
      ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
      { ...as, cwd: dir },
    );
  }
  await rm(join(data, "postmaster.pid"), { force: true });
  const port = await freePort();
  const log = await open(join(dir, "postgres.log"), "a");
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(programs, "postgres"), ["-D", data, "-p", String(port), ...settings], {
    ...as,
    cwd: dir,
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  const version = await ready(child, url("postgres"), dir);
  return {
    port,
    pid: child.pid ?? 0,
    version,
    url,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    },
  };
}

/** One statement as the superuser. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Makes a database anew, empty or as a copy of `template`. */
export async function freshDatabase(
  server: PostgresServer,
  name: string,
  template = "template0",
): Promise<string> {
  const admin = server.url("postgres");
  await query(admin, `drop database if exists ${name} with (force)`);
  await query(admin, `create database ${name} template ${template}`);
  return server.url(name);
}

async function ready(child: ChildProcess, url: string, dir: string): Promise<string> {
  for (let waited = 0; waited < 60_000 && child.exitCode === null; waited += 50) {
    try {
      const [row] = await query<{ version: string }>(url, "show server_version");
      return Object.values(row ?? {})[0] as string;
    } catch {
      await sleep(50);
    }
  }
  throw new Error(`PostgreSQL did not start; the reason is at the end of ${dir}/postgres.log.`);
}

/** The programs of the PostgreSQL that wavegate brings along, where its account may run them. */
export const ownPrograms = async (parent: string): Promise<string> =>
  join((await copyBinaries(await findBinaries(), parent)).native, "bin");

async function account(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, "postgres"])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("No free port was found.");
  return address.port;
}
