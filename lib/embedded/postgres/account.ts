import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  chown,
  cp,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { type Binaries, copyBinaries, program } from "./binaries.ts";
import { PostgresUnavailable } from "./errors.ts";

/** A line of the machine's list of accounts. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * How the server's programs are run. PostgreSQL refuses to run as root, so root uses
 * - a user namespace, where root's own files belong to an ordinary account: nothing is copied, and
 *   a checkout in a folder that others may not enter works; or, where the system has none,
 * - an unprivileged account, with the data in a place of its own that this account can reach.
 */
type Runner =
  | { readonly kind: "self" }
  | { readonly kind: "namespace"; readonly account: Account }
  | { readonly kind: "account"; readonly account: Account };

/** Which of the ways for root to choose; `auto` is right outside tests. */
export type Isolation = "auto" | "namespace" | "account";

/** Everything needed to run the programs: how, which, and where the data is. */
export interface Setting {
  readonly runner: Runner;
  readonly binaries: Binaries;
  readonly data: string;
}

/** Where root keeps what an unprivileged account must be able to reach. */
const COMMON_PLACE = "/var/lib/wavegate";

/** Chooses how to run the programs for this folder: the way its data asks for, once there is any. */
export async function chooseSetting(
  directory: string,
  binaries: Binaries,
  isolation: Isolation,
): Promise<Setting> {
  const data = await locateData(directory);
  const owner = await ownerOf(data);
  const me = process.geteuid?.();
  if (me === undefined) {
    throw new PostgresUnavailable(
      "The embedded PostgreSQL runs on Linux and macOS only; nothing was started. Use WSL.",
    );
  }
  if (me !== 0) return { runner: selfFor(directory, owner, me), binaries, data };
  const account = ordinaryAccount(owner);
  const wanted = isolation === "auto" && owner ? "account" : isolation;
  if (wanted === "namespace" || (wanted === "auto" && namespaceWorks(account))) {
    return { runner: { kind: "namespace", account }, binaries, data };
  }
  return accountSetting(directory, binaries, data, account);
}

function selfFor(directory: string, owner: number | undefined, me: number): Runner {
  if (owner !== undefined && owner !== me) {
    throw new PostgresUnavailable(
      `The database in ${directory} belongs to another user (${owner}); nothing was started. ` +
        "Run as that user, or choose another folder.",
    );
  }
  return { kind: "self" };
}

/** The command, arguments and identity to spawn so that a program runs as the setting says. */
export function commandLine(setting: Setting, name: "initdb" | "postgres", args: string[]) {
  const { runner } = setting;
  const path = program(setting.binaries, name);
  switch (runner.kind) {
    case "self":
      return { command: path, args };
    case "namespace":
      return { command: "unshare", args: [...namespaceArguments(runner.account), path, ...args] };
    case "account":
      return { command: path, args, uid: runner.account.uid, gid: runner.account.gid };
  }
}

const namespaceArguments = ({ uid, gid }: Account) => [
  "--user",
  `--map-user=${uid}`,
  `--map-group=${gid}`,
  "--",
];

/** Whether this system lets us make a user namespace (containers often do not). */
export function namespaceWorks(account: Account): boolean {
  if (process.platform !== "linux") return false;
  const trial = spawnSync("unshare", [...namespaceArguments(account), "id", "-u"]);
  return trial.status === 0 && trial.stdout.toString().trim() === String(account.uid);
}

/** initdb wants an account with a name. The data's owner if there is one, else a harmless one. */
export function ordinaryAccount(owner?: number): Account {
  const accounts = readAccounts();
  const found = owner
    ? accounts.find(({ uid }) => uid === owner)
    : (accounts.find(({ name }) => name === "postgres") ??
      accounts.find(({ name }) => name === "nobody") ??
      accounts.find(({ uid }) => uid > 0));
  if (found) return found;
  throw new PostgresUnavailable(
    "PostgreSQL does not run as root and there is no ordinary account to run it as; nothing was " +
      "started. Create a user named postgres.",
  );
}

function readAccounts(): Account[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length >= 4 && !fields[0]?.startsWith("#"))
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

async function accountSetting(
  directory: string,
  binaries: Binaries,
  data: string,
  account: Account,
): Promise<Setting> {
  const reachable = canEnter(account, join(binaries.native, "bin"))
    ? binaries
    : await copyBinaries(binaries, COMMON_PLACE);
  const place = join(COMMON_PLACE, await shortHash(directory));
  await mkdir(place, { recursive: true, mode: 0o711 });
  await chown(place, account.uid, account.gid);
  const home = join(place, "data");
  if (data !== home) {
    await setAside(home);
    await moveData(data, home, account);
  }
  await writeFile(join(directory, "location"), home);
  return { runner: { kind: "account", account }, binaries: reachable, data: home };
}

/** Data of a folder that somebody deleted to begin anew. It is kept: nobody asked us to remove it. */
async function setAside(home: string): Promise<void> {
  if ((await ownerOf(home)) !== undefined) await rename(home, `${home}.${Date.now()}`);
}

/** Data that root made in a user namespace, where there is none any more: copied, then removed. */
async function moveData(from: string, to: string, account: Account): Promise<void> {
  if ((await ownerOf(from)) === undefined) return;
  await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  const changed = spawnSync("chown", ["-R", `${account.uid}:${account.gid}`, to]);
  if (changed.status !== 0)
    throw new PostgresUnavailable(`The data in ${to} cannot be handed over.`);
  await rm(from, { recursive: true });
}

const shortHash = async (directory: string) =>
  createHash("sha256")
    .update(await realpath(directory))
    .digest("hex")
    .slice(0, 16);

const canEnter = ({ uid, gid }: Account, folder: string) =>
  spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { uid, gid, cwd: "/" }).status === 0;

/** The data folder: beside everything else, unless an earlier start had to put it elsewhere. */
async function locateData(directory: string): Promise<string> {
  const elsewhere = await readFile(join(directory, "location"), "utf8").catch(() => "");
  return elsewhere.trim() || join(directory, "data");
}

/** Whose the cluster is, or undefined when there is none. Others may not look into the folder. */
const ownerOf = (data: string) =>
  stat(join(data, "PG_VERSION"))
    .catch((error) => (error.code === "EACCES" ? stat(data) : undefined))
    .then((found) => found?.uid);
