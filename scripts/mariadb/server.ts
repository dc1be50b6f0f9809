import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, chown, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import mysql from "mysql2/promise";
import { findOrInstallMariaDb, type MariaDbPrograms } from "./install.ts";

const run = promisify(execFile);

/** A private server: only this machine reaches it, root only through its socket, without a password. */
export interface MariaDbServer {
  readonly dir: string;
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly socket: string;
  readonly pid: number;
}

export interface StartOptions {
  /** Further options of mariadbd, such as `--ssl-ca=…`. */
  readonly options?: readonly string[];
}

const READY_MS = 60_000;
/** What the operating system leaves room for in a socket's address, with some to spare. */
const LONGEST_SOCKET = 100;

/**
 * Starts a server whose data are in `dir`, which is made and initialised where needed, on a free
 * port. Started by root it runs as the user `mysql`, never as root.
 */
export async function startServer(
  dir: string,
  { options = [] }: StartOptions = {},
): Promise<MariaDbServer> {
  const home = resolve(dir);
  const socket = join(home, "mariadb.sock");
  if (Buffer.byteLength(socket) > LONGEST_SOCKET) {
    throw new Error(`${home} is too long a path for a Unix socket; choose a shorter folder.`);
  }
  const programs = await findOrInstallMariaDb();
  const as = await prepareFolder(home);
  if (!(await exists(join(home, "data")))) await initialise(programs, home, as);
  const port = await freePort();
  const pidFile = join(home, "mariadb.pid");
  const child = await launch(programs, home, [
    `--socket=${socket}`,
    `--port=${port}`,
    `--pid-file=${pidFile}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--max-allowed-packet=64M",
    "--innodb-buffer-pool-size=256M",
    "--innodb-flush-log-at-trx-commit=2",
    ...as,
    ...options,
  ]);
  await ready(socket, child, join(home, "mariadb.log"));
  const pid = Number(await readFile(pidFile, "utf8"));
  return { dir: home, host: "127.0.0.1", port, socket, pid };
}

/** Makes the folder the server's own, and returns the option that says as whom it runs. */
async function prepareFolder(home: string): Promise<string[]> {
  const temporary = join(home, "tmp");
  await mkdir(temporary, { recursive: true });
  await chmod(home, 0o700);
  const user = await serverUser();
  if (user === null) return [];
  for (const folder of [home, temporary]) await chown(folder, user.uid, user.gid);
  return ["--user=mysql"];
}

/** Fills a draft and names it last, so that one that was cut off is not taken for a finished one. */
async function initialise(programs: MariaDbPrograms, home: string, as: string[]): Promise<void> {
  const draft = join(home, "data.draft");
  await rm(draft, { recursive: true, force: true });
  const options = ["--auth-root-authentication-method=normal", "--skip-test-db", ...as];
  await run(
    programs.initialise,
    ["--no-defaults", `--datadir=${draft}`, ...options, ...own(home)],
    {
      env: { ...process.env, TMPDIR: join(home, "tmp") },
    },
  );
  await rename(draft, join(home, "data"));
}

/** Servers that share a folder for temporary tables trip over each other's. */
const own = (home: string): string[] => [`--tmpdir=${join(home, "tmp")}`];

async function launch(
  programs: MariaDbPrograms,
  home: string,
  options: readonly string[],
): Promise<ChildProcess> {
  const log = await open(join(home, "mariadb.log"), "a");
  const data = `--datadir=${join(home, "data")}`;
  const child = spawn(programs.server, ["--no-defaults", data, ...own(home), ...options], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  child.unref();
  return child;
}

/** Asks the server to stop and waits until its process is gone. */
export async function stopServer({ pid }: Pick<MariaDbServer, "pid">): Promise<void> {
  if (!signal(pid, "SIGTERM")) return;
  for (let waited = 0; waited < READY_MS; waited += 50) {
    await sleep(50);
    if (!signal(pid, 0)) return;
  }
  throw new Error(`The server with process id ${pid} does not stop; look into its mariadb.log.`);
}

/** Stops the server that was started in a folder, if one runs there; true when there was one. */
export async function stopServerIn(dir: string): Promise<boolean> {
  const pidFile = join(resolve(dir), "mariadb.pid");
  const pid = Number(await readFile(pidFile, "utf8").catch(() => "0"));
  if (!Number.isInteger(pid) || pid <= 0 || !(await isOurs(pid, resolve(dir)))) return false;
  await stopServer({ pid });
  await rm(pidFile, { force: true });
  return true;
}

/** A number that was left behind may be another process by now: only the server of this folder counts. */
async function isOurs(pid: number, home: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(async () => {
    const { stdout } = await run("ps", ["-o", "args=", "-p", String(pid)]).catch(() => ({
      stdout: "",
    }));
    return stdout;
  });
  return command.includes(`--datadir=${join(home, "data")}`);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** The unprivileged user that the package made, when we are root and have to step down. */
async function serverUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, "mysql"])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

async function ready(socket: string, child: ChildProcess, log: string): Promise<void> {
  for (let waited = 0; waited < READY_MS; waited += 50) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    try {
      const connection = await mysql.createConnection({ socketPath: socket, user: "root" });
      await connection.end();
      return;
    } catch {
      await sleep(50);
    }
  }
  if (child.pid !== undefined) await stopServer({ pid: child.pid });
  const said = await readFile(log, "utf8").catch(() => "");
  const reason = said.trimEnd().split("\n").slice(-5).join("\n");
  throw new Error(`MariaDB did not start; what it said last in ${log}:\n${reason}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("No free port was found.");
  return address.port;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
