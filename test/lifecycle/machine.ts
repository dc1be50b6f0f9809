import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { loadPlatform } from "../../scripts/demo/platform.ts";
import { bundledProduct } from "../support/product.ts";

const root = resolve(import.meta.dirname, "../..");

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A one-machine wavegate of a test's own, driven by its CLI alone. */
export interface TestMachine {
  readonly home: string;
  /** Runs a command, e.g. `["runs"]`; nothing is read from a terminal. */
  wavegate(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** Runs a command that has to succeed and returns its JSON document. */
  json<Answer>(args: readonly string[], env?: Record<string, string>): Promise<Answer>;
  /** A query as the database's administrator. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Kills the runtime with SIGKILL, as a power cut would. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Brings a machine up: runtime, platform with its sample, staging, and the approver `karima`. */
export async function testMachine(
  legacy: Record<string, string> = {
    LEGACY_DB_DRIVER: "csv",
    LEGACY_DB_PATH: join(root, "migrations/ecoin/sample/legacy"),
  },
  migration: "ecoin" | "wild-apricot" = "ecoin",
): Promise<TestMachine & { approver: { name: string; password: string } }> {
  const home = await mkdtemp(join(tmpdir(), "wavegate-machine-"));
  const environment = {
    ...process.env,
    WAVEGATE_PRODUCT: await bundledProduct(),
    ...legacy,
    WAVEGATE_HOME: home,
  };

  const wavegate: TestMachine["wavegate"] = (args, env = {}) =>
    new Promise((done, refuse) => {
      const child = spawn(process.execPath, [join(root, "bin/wavegate.ts"), ...args], {
        cwd: home,
        env: { ...environment, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk) => (stdout += chunk));
      child.stderr.on("data", (chunk) => (stderr += chunk));
      child.once("error", refuse);
      child.once("close", (code) => done({ code, stdout, stderr }));
    });
  const json: TestMachine["json"] = async (args, env) => {
    const ended = await wavegate([...args, "--output", "json"], env);
    if (ended.code !== 0)
      throw new Error(`wavegate ${args.join(" ")}: ${ended.code} ${ended.stderr}`);
    return JSON.parse(ended.stdout);
  };
  const databaseUrl = async () => {
    const file = JSON.parse(await readFile(join(home, "runtime.json"), "utf8"));
    return file.database.adminUrl as string;
  };
  // One connection for as long as the server lives: what is waited for is asked many times a second.
  let open: Promise<pg.Client> | undefined;
  const connected = (): Promise<pg.Client> => {
    const gone = () => {
      if (open === made) open = undefined;
    };
    const made = databaseUrl().then(async (connectionString) => {
      const client = new pg.Client({ connectionString });
      client.on("error", gone).on("end", gone);
      await client.connect();
      return client;
    });
    made.catch(gone);
    return made;
  };
  let last: Promise<unknown> = Promise.resolve();
  const query: TestMachine["query"] = async <Row extends pg.QueryResultRow>(
    text: string,
    values?: unknown[],
  ) => {
    // One after the other, as it is one connection.
    const answer = last.then(async () => {
      open ??= connected();
      return (await (await open).query<Row>(text, values)).rows;
    });
    last = answer.catch(() => {});
    return answer;
  };

  const up = await wavegate(["local", "up"]);
  if (up.code !== 0) throw new Error(`The machine did not come up: ${up.stderr}`);
  await loadPlatform(root, await databaseUrl(), { migration });
  await wavegate(["set-up", migration]);
  const added = await json<{ password: string }>([
    "people",
    "add",
    "karima",
    "--email",
    "karima@example.com",
    "--can",
    "view,review,commit",
  ]);
  return {
    home,
    wavegate,
    json,
    query,
    approver: { name: "karima", password: added.password },
    kill: async () => {
      const { pid } = JSON.parse(await readFile(join(home, "runtime.json"), "utf8")) as {
        pid: number;
      };
      process.kill(pid, "SIGKILL");
      while (isAlive(pid)) await sleep(20);
    },
    close: async () => {
      await open?.then((client) => client.end()).catch(() => {});
      await wavegate(["local", "down"]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits until something holds; a thing that cannot be asked yet (a database that starts) is asked again.
 *
 * @param instead what is to be told of where it does not come to that
 */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  seconds = 60,
  instead: () => Promise<unknown> = async () => ({}),
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end)
      throw new Error(
        `It did not come to this within ${seconds} s: ${what}. ${JSON.stringify(await instead())}`,
      );
    await sleep(100);
  }
}
