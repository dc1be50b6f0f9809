import { spawn } from "node:child_process";
import { access, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { CannotRun } from "../failure.ts";

/** PostgreSQL's own client programs, all of one version. */
export interface ClientTools {
  readonly folder: string;
  readonly major: number;
}

type Program = "pg_dump" | "pg_restore" | "psql";
const programs: readonly Program[] = ["pg_dump", "pg_restore", "psql"];

/** Where Debian puts the programs of each version; what its PATH names is a wrapper that picks one of them. */
const debian = "/usr/lib/postgresql";

/** The newest client programs of this machine. Errors: `ToolsMissing`. */
export async function clientTools(
  env: Readonly<Record<string, string | undefined>>,
  ofDebian = debian,
): Promise<ClientTools> {
  const versions = await readdir(ofDebian).catch(() => []);
  const folders = [
    ...versions
      .filter((name) => /^\d+$/u.test(name))
      .sort((one, other) => Number(other) - Number(one))
      .map((name) => join(ofDebian, name, "bin")),
    ...(env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
  ];
  for (const folder of folders) {
    if (!(await allIn(folder))) continue;
    const { out } = await runTool({ folder }, "pg_dump", ["--version"], {});
    const major = Number(/\)\s*(\d+)/u.exec(out)?.[1]);
    if (major > 0) return { folder, major };
  }
  throw new CannotRun(
    "ToolsMissing",
    "PostgreSQL's client programs pg_dump, pg_restore and psql are not installed. Nothing was changed; on Debian: apt-get install postgresql-client.",
  );
}

const allIn = async (folder: string): Promise<boolean> =>
  (await Promise.allSettled(programs.map((name) => access(join(folder, name))))).every(
    ({ status }) => status === "fulfilled",
  );

/** How a program ended; what it wrote of errors is its last line alone. */
interface ToolEnded {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/**
 * Runs a program that ends when its own input does: whoever started it holds the other end, which closes however they
 * end, be it that they are killed. Left alone, psql would replace the platform when nobody is there any more to tell of it.
 */
const bound = `
exec 3<&0
"$@" </dev/null 3<&- & program=$!
( read -r _ <&3; kill "$program" ) >/dev/null 2>&1 & watch=$!
exec 3<&-
wait "$program"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

/** Runs one of them. A database is named by the environment, as arguments are anybody's to read. */
export async function runTool(
  { folder }: Pick<ClientTools, "folder">,
  program: Program,
  args: readonly string[],
  database: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<ToolEnded> {
  signal?.throwIfAborted();
  const child = spawn("/bin/sh", ["-c", bound, program, join(folder, program), ...args], {
    // Ctrl-C reaches a whole group: what is under way is ended from here, once.
    detached: true,
    env: {
      ...process.env,
      LC_ALL: "C",
      PGAPPNAME: "wavegate",
      PGCONNECT_TIMEOUT: "10",
      // Left out: they would mean another server than the one that is named.
      ...{
        PGSERVICE: undefined,
        PGSERVICEFILE: undefined,
        PGHOSTADDR: undefined,
        PGOPTIONS: undefined,
      },
      ...database,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const end = () => void child.stdin.end();
  signal?.addEventListener("abort", end, { once: true });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => signal?.removeEventListener("abort", end));
  signal?.throwIfAborted();
  return { code, out, said: err.trim().split("\n").at(-1) ?? "" };
}

/** What the programs read of a connection string, by their environment. */
export function environmentOf(text: string): Record<string, string> {
  const url = new URL(text);
  const database = decodeURIComponent(url.pathname.slice(1));
  const found: Record<string, string> = {
    PGHOST: url.searchParams.get("host") ?? url.hostname.replace(/^\[|\]$/gu, ""),
    PGPORT: url.port || "5432",
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: database,
    PGSSLMODE: url.searchParams.get("sslmode") ?? "",
    PGSSLROOTCERT: url.searchParams.get("sslrootcert") ?? "",
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== ""));
}
