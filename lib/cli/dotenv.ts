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

const SETTING = /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(["'`])?/;
const NOTHING = /^\s*(?:#.*)?$/;

/**
 * Refuses lines that are neither settings nor remarks: the parser passes over them, and a setting that is
 * written otherwise would count for nothing. They are told by number, as one may hold a password.
 */
function refuseNoSettings(path: string, text: string): void {
  const wrong: number[] = [];
  let open: string | undefined;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (open !== undefined) {
      if (line.includes(open)) open = undefined;
      continue;
    }
    const setting = SETTING.exec(at === 0 ? line.replace("\uFEFF", "") : line);
    if (setting === null) {
      if (!NOTHING.test(line)) wrong.push(at + 1);
      continue;
    }
    const [begin, quote] = setting;
    // A quoted value may go on over the next lines.
    if (quote !== undefined && !line.slice(begin.length).includes(quote)) {
      open = text
        .split(/\r?\n/)
        .slice(at + 1)
        .some((later) => later.includes(quote))
        ? quote
        : undefined;
    }
  }
  if (wrong.length === 0) return;
  const lines = wrong.slice(0, 5).join(", ") + (wrong.length > 5 ? " …" : "");
  throw new CannotRun(
    "SettingsUnreadable",
    `${path} has ${wrong.length === 1 ? "a line that is no setting: number" : "lines that are no settings: number"} ${lines}. ` +
      "Nothing was written; a setting is NAME=value, a remark begins with #.",
  );
}

async function readDotEnv(path: string): Promise<Record<string, string>> {
  try {
    const text = await readFile(path, "utf8");
    refuseNoSettings(path, text);
    return parseEnv(text) as Record<string, string>;
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    throw new CannotRun(
      "SettingsUnreadable",
      `${path} cannot be read (${code}). Nothing was written; its settings count everywhere, so make it readable or take it away.`,
    );
  }
}
