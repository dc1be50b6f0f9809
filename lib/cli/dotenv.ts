import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { CannotRun } from "./failure.ts";
import type { Io } from "./io.ts";

/** Which settings of an environment came out of `.env`. */
const added = new WeakMap<Io["env"], ReadonlySet<string>>();

/**
 * Puts the settings of the folder's `.env` behind the environment, for every command; what the
 * environment says itself wins. Errors: {@link CannotRun} for a file that cannot be read.
 */
export async function addDotEnv({ env, cwd }: Io): Promise<void> {
  if (added.has(env)) return;
  const file = await readDotEnv(resolve(cwd, ".env"));
  const names = Object.keys(file).filter((name) => env[name] === undefined);
  for (const name of names) env[name] = file[name];
  added.set(env, new Set(names));
}

/**
 * The environment as it was without `.env`: for a process that lives on and reads the file itself, so
 * that a setting corrected there counts.
 */
export const withoutDotEnv = (env: Io["env"]): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !added.get(env)?.has(name)));

async function readDotEnv(path: string): Promise<Record<string, string>> {
  try {
    return parseEnv(await readFile(path, "utf8")) as Record<string, string>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    throw new CannotRun(
      "SettingsUnreadable",
      `${path} cannot be read (${code}). Nothing was written; its settings count everywhere, so make it readable or take it away.`,
    );
  }
}
