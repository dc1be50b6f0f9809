import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where the server's two programs are. */
export interface MariaDbPrograms {
  readonly server: string;
  readonly initialise: string;
}

/** MariaDB is not there and cannot be installed from here; the message says what to do. */
class MariaDbMissing extends Error {
  override readonly name = "MariaDbMissing";
}

/** Finds MariaDB's programs; as root on Debian or Ubuntu installs them where they are missing. */
export async function findOrInstallMariaDb(): Promise<MariaDbPrograms> {
  const found = await find();
  if (found !== null) return found;
  await install();
  const installed = await find();
  if (installed !== null) return installed;
  throw new MariaDbMissing(
    "mariadb-server was installed, but mariadbd and mariadb-install-db are not where programs are; put their folder on PATH.",
  );
}

async function find(): Promise<MariaDbPrograms | null> {
  const server = await programNamed("mariadbd", "mysqld");
  const initialise = await programNamed("mariadb-install-db", "mysql_install_db");
  return server === null || initialise === null ? null : { server, initialise };
}

async function programNamed(...names: string[]): Promise<string | null> {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  for (const name of names) {
    for (const folder of folders.filter((each) => each !== "")) {
      const path = join(folder, name);
      if (
        await access(path, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
  }
  return null;
}

async function install(): Promise<void> {
  const manually =
    "install the package mariadb-server (Debian, Ubuntu: apt-get install mariadb-server) and start again";
  if ((await programNamed("apt-get")) === null) {
    throw new MariaDbMissing(`MariaDB is not installed and there is no apt-get here: ${manually}.`);
  }
  if (process.getuid?.() !== 0) {
    throw new MariaDbMissing(`MariaDB is not installed and only root can install it: ${manually}.`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const options = ["-y", "--no-install-recommends"];
  try {
    await run("apt-get", ["update"], { env });
    await run("apt-get", ["install", ...options, "mariadb-server"], { env, maxBuffer: 1 << 26 });
  } catch (cause) {
    throw new MariaDbMissing(`apt-get could not install mariadb-server: ${manually}.`, { cause });
  }
}
