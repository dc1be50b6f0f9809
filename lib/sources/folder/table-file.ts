import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { namesOf } from "../csv/header.ts";
import { readRecords } from "../csv/records.ts";
import { SourceRowUnreadable, SourceSchemaMismatch } from "../errors.ts";
import type { JsonColumns, Unclear } from "../json/columns.ts";
import { jsonColumns, jsonRecords } from "../json/records.ts";
import { type Place, START, type TableRecord } from "../place.ts";
import { identityOf } from "./identity.ts";
import { isFile } from "./is-file.ts";

/** What the file of a table may end with: its columns in the first line, or objects, one a line or all in one list. */
const endings = [".csv", ".jsonl", ".ndjson", ".json"] as const;

/** The table of a file by its name; undefined of any other file. */
export function tableOf(file: string): string | undefined {
  const ending = endings.find((each) => file.endsWith(each));
  return ending === undefined || file.startsWith(".") ? undefined : file.slice(0, -ending.length);
}

/** The file of a table; undefined where there is none. Errors: `SourceSchemaMismatch` where there are several. */
export async function fileOf(folder: string, table: string): Promise<string | undefined> {
  const name = basename(table);
  const paths = endings.map((ending) => join(folder, `${name}${ending}`));
  const [found, other] = (
    await Promise.all(paths.map(async (path) => ((await isFile(path)) ? [path] : [])))
  ).flat();
  if (found !== undefined && other !== undefined)
    throw new SourceSchemaMismatch(
      `There are ${basename(found)} and ${basename(other)} in ${folder}; nothing was read. Each table is one file: which of them is meant nobody can tell, so move the other elsewhere.`,
    );
  return found;
}

export const noFileOf = (folder: string, table: string): SourceSchemaMismatch =>
  new SourceSchemaMismatch(
    `There is no ${endings
      .map((ending) => `${basename(table)}${ending}`)
      .join(", ")
      .replace(
        /, ([^,]*)$/,
        " or $1",
      )} in ${folder}; nothing was read. Each table is one file of that name.`,
  );

/** Files of tables in a folder, by name. What is no file, as a folder of that name or a link to nothing, is no table. */
export async function tableFiles(folder: string): Promise<string[]> {
  const named = (await readdir(folder)).filter((name) => tableOf(name) !== undefined).sort();
  const are = await Promise.all(named.map((name) => isFile(join(folder, name))));
  return named.filter((_, at) => are[at]);
}

/** A table's file, whatever is written in it. */
export interface TableFile {
  readonly header: readonly string[];
  /** Of objects what their names are; undefined of a file with a header row. */
  readonly json: JsonColumns | undefined;
  /** @param only the columns that are needed, by their places: others may be left out */
  rows(from: Place, only?: readonly number[]): AsyncIterable<TableRecord>;
}

/** As many files are remembered. */
const mostFiles = 64;
const known = new Map<string, Promise<JsonColumns>>();

/** Errors: those of reading, `SourceRowUnreadable` and `SourceSchemaMismatch`. */
export async function openTable(path: string): Promise<TableFile> {
  if (path.endsWith(".csv"))
    return { header: await csvHeader(path), json: undefined, rows: (from) => csvRows(path, from) };
  const identity = await identityOf(path);
  const columns = known.get(identity) ?? jsonColumns(path);
  if (!known.has(identity) && known.size >= mostFiles)
    known.delete(known.keys().next().value as string);
  known.set(identity, columns);
  columns.catch(() => known.delete(identity));
  const json = await columns;
  return { header: json.names, json, rows: (from, only) => jsonRecords(path, from, json, only) };
}

/** A line of names, each without blanks around it. */
async function csvHeader(path: string): Promise<readonly string[]> {
  for await (const { fields } of readRecords(path, START)) return namesOf(fields);
  throw new SourceSchemaMismatch(
    `${basename(path)} is empty: it needs a header row. Nothing was read.`,
  );
}

async function* csvRows(path: string, from: Place): AsyncGenerator<TableRecord> {
  let header = from.byte === START.byte;
  for await (const record of readRecords(path, from)) {
    if (!header) yield record;
    header = false;
  }
}

/** Refuses columns of which nobody knows what some rows have in them. */
export function refuseUnclear(
  path: string,
  json: Pick<JsonColumns, "unclear"> | undefined,
  columns: readonly string[],
): void {
  for (const column of columns) {
    const why = json?.unclear.get(column);
    if (why !== undefined) throw new SourceRowUnreadable(unclearWords(basename(path), column, why));
  }
}

function unclearWords(file: string, column: string, why: Unclear): string {
  if (why.kind === "twice")
    return `${file}: "${column}" is a name and, under another, a name within an object; nothing was read. Which of them is meant nobody can tell: rename one in a copy.`;
  const more = why.rows - why.lines.length;
  const lines = `${why.lines.length === 1 ? "line" : "lines"} ${why.lines.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const table = JSON.stringify(tableOf(file));
  const inner = column.slice(why.name.length + 1).split(".")[0];
  return (
    `${file}: "${why.name}" is no object, or has a name twice, on ${lines}, so that nobody knows "${column}" there; nothing was read. ` +
    `Correct these lines, or read "${why.name}" and open it, which holds such rows: opened(joined(${table}, {}), ${JSON.stringify(why.name)}, ${JSON.stringify(inner)}).`
  );
}
