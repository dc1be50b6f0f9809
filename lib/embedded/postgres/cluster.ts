import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandLine, type Setting } from "./account.ts";
import { PostgresStartFailed, PostgresUnavailable } from "./errors.ts";
import { lastWords } from "./last-words.ts";

/** The superuser that every cluster is made with. */
export const SUPERUSER = "postgres";

/**
 * Makes sure that there is a cluster with a password, and returns the superuser's password (kept
 * in `directory/password`, readable by its owner only). An interrupted first use leaves nothing
 * half made: the cluster gets its name only when it is complete.
 */
export async function ensureCluster(
  directory: string,
  setting: Setting,
  durable: boolean,
): Promise<string> {
  const path = join(directory, "password");
  const known = await readFile(path, "utf8").catch(() => undefined);
  const initialised = await exists(join(setting.data, "PG_VERSION"));
  if (known !== undefined && initialised) return known.trim();
  if (initialised) {
    throw new PostgresUnavailable(
      `The database in ${directory} has lost its password file; nothing was started. Put it back, ` +
        "or move the folder away to begin anew.",
    );
  }
  const password = known?.trim() || randomBytes(24).toString("base64url");
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  await initialise(setting, password, durable);
  return password;
}

async function initialise(setting: Setting, password: string, durable: boolean): Promise<void> {
  const draft = `${setting.data}.new`;
  const passwordFile = `${setting.data}.password`;
  await rm(draft, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (setting.runner.kind === "account") {
    await chown(passwordFile, setting.runner.account.uid, setting.runner.account.gid);
  }
  try {
    await runInitdb(setting, [
      `--pgdata=${draft}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Sorting and letter case by language, as an Aurora cluster's en_US.UTF-8 has them, but the
      // same on every machine: what relies on the order of bytes must say COLLATE "C".
      "--locale=C",
      // Which letters are letters: pg_trgm compares no name in another script without it.
      "--lc-ctype=C.UTF-8",
      "--locale-provider=icu",
      "--icu-locale=en-US",
      ...(durable ? [] : ["--no-sync"]),
    ]);
    await rename(draft, setting.data);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function runInitdb(setting: Setting, options: string[]): Promise<void> {
  const { command, args, ...identity } = commandLine(setting, "initdb", options);
  const child = spawn(command, args, {
    ...identity,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const [code] = await once(child, "close");
  if (code !== 0) {
    throw new PostgresStartFailed(
      `The database could not be made in ${setting.data}: ${lastWords(said)}`,
    );
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
