import { execFile } from "node:child_process";
import { mkdir, readdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { checkSource } from "../../author/check/source.ts";
import { checkWords } from "../../author/check/words.ts";
import { quote } from "../../author/guess.ts";
import { locate } from "../../author/lines.ts";
import { newDefinition } from "../../author/new/definition.ts";
import { constantOf } from "../../author/new/definition-text.ts";
import { withPlus } from "../../author/new/plus.ts";
import { names } from "../../author/problem.ts";
import { elsewhere, onThePath, referring, targetTables } from "../../author/target.ts";
import type { Migration } from "../../define/definition.ts";
import { writeNew } from "../../services/whole-file.ts";
import { several } from "../../services/words.ts";
import { isJson } from "../../sources/file-fault.ts";
import { tableOf } from "../../sources/folder/table-file.ts";
import { openSource } from "../../sources/open.ts";
import { type SourceSettings, settingsPrefix, sourceSettings } from "../../sources/settings.ts";
import { type ListedTable, listTables, otherFiles } from "../../sources/tables.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { projectFolder } from "../migrations.ts";
import { askingUrl } from "./ask-url.ts";
import { eachTarget, problemLines } from "./check.ts";

/** Rows of each table that are looked at to guess what its columns are. */
const rowsLookedAt = 1_000;

/** `wavegate new NAME`: writes a definition of what both sides look like, and says what is left to say. */
export async function newMigration(
  { io }: Frame,
  name: string,
  options: { source: string; target: string; table?: string },
  root: string = projectFolder,
): Promise<Answer> {
  const folder = join(root, "migrations", name);
  await requireNew(name, folder);
  const { settings, env } = await settingsOf(name, options.source, io.env, io.cwd);
  const listed = await listTables(settings, rowsLookedAt, options.table);
  const tables = listed.filter(({ unread }) => unread === undefined);
  const past = passedOver(listed, await otherFiles(settings));
  if (!tables.some(({ columns }) => columns.length > 0)) {
    throw new CannotRun(
      "SourceEmpty",
      [
        "The source has no table that can be read. Nothing was written; --source takes a folder with files of CSV or JSON, or a connection of .env.",
        ...past,
      ].join(" "),
    );
  }
  if (options.table !== undefined && !tables.some(({ table }) => table === options.table)) {
    throw new CannotRun(
      "Usage",
      `The source has no table “${options.table}” that can be read: there are ${names(
        tables.map(({ table }) => table),
        12,
      )}. Nothing was written.`,
    );
  }
  const { targets, keys, others } = await askingUrl(options.target, async (ask) => ({
    targets: await withPlus(ask, await targetTables(ask)),
    keys: await referring(ask),
    others: await elsewhere(ask),
  }));
  const { text, left: toSay } = newDefinition(
    name,
    settings.connection,
    tables,
    targets,
    keys,
    options.table,
  );
  const left = [
    ...toSay,
    ...past,
    ...ofRanges(tables),
    ...tables.flatMap(({ unnamed }) => unnamed ?? []),
    ...others.map(
      (schema) => `The platform has tables in the schema “${schema}”. ${onThePath(schema)}`,
    ),
  ];
  const file = join(folder, "definition.ts");
  await writeDefinition(name, file, await formatted(root, file, text));
  const held = await heldAgainst(file, name, settings, options.target).catch(async (error) => {
    // What cannot be read is mended first, and may have other columns then.
    await rm(file);
    await rmdir(folder).catch(() => {});
    throw error;
  });
  const problems = locate(root, name, held);
  const shown = relative(io.cwd, file).startsWith("..") ? file : relative(io.cwd, file);
  const errors = problems.filter(({ level }) => level === "error").length;
  return {
    json: { migration: name, file: shown, settings: env, left, problems },
    text: [
      `Wrote ${shown}. Nothing was written anywhere else.`,
      ...(env.length === 0
        ? []
        : ["", "Settings of its source, for .env:", ...env.map((line) => `  ${line}`)]),
      "",
      ...problems.flatMap(problemLines),
      ...left.map((each) => `Left to say: ${each}`),
      errors === 0
        ? `It fits both sides as it is; every guess in it is marked. Look at each, then \`wavegate check ${name}\`.`
        : `${several(errors, "error")} to mend before it fits both sides; \`wavegate check ${name}\` says them again.`,
    ],
  };
}

/** What of the source no definition is drafted of, and why. */
function passedOver(listed: readonly ListedTable[], files: readonly string[]): string[] {
  const denied = listed.flatMap(({ table, unread }) =>
    unread === undefined ? [] : [`The legacy table “${table}” was passed over: ${unread}`],
  );
  if (files.length === 0) return denied;
  const named = files.slice(0, 5).map((file) => `“${file}”`);
  const more = files.length > named.length ? ` and ${files.length - named.length} more` : "";
  return [
    ...denied,
    `Of ${named.join(", ")}${more} nothing was read: a table is a file called NAME.csv, with its columns in the first line, or NAME.jsonl, NAME.ndjson or NAME.json, with an object for each row. Export what is needed as one.`,
  ];
}

/** Columns that come as a text of both bounds. */
const ofRanges = (tables: readonly ListedTable[]): string[] =>
  tables.flatMap(({ table, ranges = [] }) =>
    ranges.map(
      (column) =>
        `“${column}” of “${table}” is a range, which range(date(${quote(column)})) and its like read as it is. To look at its bounds, read a view that has lower(${column}) and upper(${column}) as columns.`,
    ),
  );

async function requireNew(name: string, folder: string): Promise<void> {
  if (!/^[a-z][a-z0-9-]{0,30}$/u.test(name)) {
    throw new CannotRun(
      "Usage",
      "A migration’s name is made of small letters, digits and “-”, at most 31, and begins with a letter. Nothing was written.",
    );
  }
  // One without anything, or with a part of a definition, a process that was killed may have left.
  const found = await readdir(folder).catch(({ code }) => (code === "ENOENT" ? [] : ["no folder"]));
  if (found.some((each) => !unfinished.test(each))) throw migrationExists(name);
}

const unfinished = /^definition\.ts\.[0-9a-f-]{36}\.part$/u;

const migrationExists = (name: string): CannotRun =>
  new CannotRun(
    "MigrationExists",
    `There is a folder migrations/${name} already. Nothing was written; give another name, or change what is there and run \`wavegate check ${name}\`.`,
  );

/** All of it, or nothing: neither a part nor a folder without any stands in the way of the next try. */
async function writeDefinition(name: string, file: string, text: string): Promise<void> {
  const made = await mkdir(dirname(file), { recursive: true });
  try {
    await writeNew(file, text);
  } catch (error) {
    if (made !== undefined) await rmdir(dirname(file)).catch(() => {});
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? migrationExists(name) : error;
  }
}

/** A folder's settings have the migration's own name; a connection's are those of the environment. */
async function settingsOf(
  name: string,
  source: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<{ settings: SourceSettings; env: string[] }> {
  const path = isAbsolute(source) ? source : resolve(cwd, source);
  if (!(await there(path))) {
    requireConnection(source, env);
    return { settings: sourceSettings(source, env), env: [] };
  }
  const prefix = settingsPrefix(name);
  const files = await readdir(path).catch(({ code }) => {
    if (code !== "ENOTDIR") return [];
    throw new CannotRun(
      "SourceMissing",
      `“${source}” is a file. Nothing was written; --source takes the folder in which it lies, whose other files are tables as well.`,
    );
  });
  const driver = files.some((file) => tableOf(file) !== undefined && !isJson(file))
    ? "csv"
    : "json";
  return {
    settings: { driver: "csv", connection: name, path },
    env: [`${prefix}_DB_DRIVER=${driver}`, `${prefix}_DB_PATH=${path}`],
  };
}

/** Who mistypes a folder is not told of a connection that nobody meant. */
function requireConnection(source: string, env: Readonly<Record<string, string | undefined>>) {
  const named = /^[A-Za-z][A-Za-z0-9_-]*$/u.test(source);
  const prefix = settingsPrefix(source);
  if (named && Object.keys(env).some((key) => key.startsWith(`${prefix}_DB_`))) return;
  throw new CannotRun(
    "SourceMissing",
    `There is no folder “${source}”${named ? `, and no setting ${prefix}_DB_DRIVER of a connection called so` : ""}. Nothing was written; --source takes a folder with files of CSV or JSON, or a connection of .env.`,
  );
}

const there = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** In the project's own form, where its formatter is installed: else it is only less pretty. */
async function formatted(root: string, file: string, text: string): Promise<string> {
  const formatter = join(root, "node_modules", ".bin", "biome");
  const asked = promisify(execFile)(formatter, ["format", `--stdin-file-path=${file}`], {
    cwd: root,
  });
  asked.child.stdin?.on("error", () => {}).end(text);
  return asked.then(
    ({ stdout }) => stdout || text,
    () => text,
  );
}

async function heldAgainst(file: string, name: string, settings: SourceSettings, target: string) {
  const made = (await import(pathToFileURL(file).href)) as Record<string, Migration>;
  const migration = made[constantOf(name)] as Migration;
  const source = await openSource(settings);
  try {
    const today = new Date().toISOString().slice(0, 10);
    const { problems } = await checkSource(migration, source, today);
    const platform = await askingUrl(target, (ask) => eachTarget(migration, ask));
    return [...checkWords(migration), ...problems, ...platform];
  } finally {
    await source.close();
  }
}
