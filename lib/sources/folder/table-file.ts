import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { namesOf } from "../csv/header.ts";
import { readRecords } from "../csv/records.ts";
import { SourceRowUnreadable, SourceSchemaMismatch } from "../errors.ts";
import { fileFault, isJson } from "../file-fault.ts";
import type { JsonColumns, Unclear } from "../json/columns.ts";
import { jsonColumns, jsonRecords } from "../json/records.ts";
import { type Place, START, type TableRecord } from "../place.ts";
import { identityOf } from "./identity.ts";
import { isFile } from "./is-file.ts";

/** What the file of a table may end with, in capitals as well, as old systems write it. */
const endings = [".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json"];

/** The table of a file by its name; undefined of any other file. */
export function tableOf(file: string): string | undefined {
  const ending = extname(file);
  return endings.includes(ending.toLowerCase()) && !file.startsWith(".")
    ? file.slice(0, -ending.length)
    : undefined;
}

/** The file of a table; undefined where there is none. Errors: `SourceSchemaMismatch` where there are several. */
export async function fileOf(folder: string, table: string): Promise<string | undefined> {
  const name = basename(table);
  const [found, other] = await filesIn(folder, (file) => tableOf(file) === name);
  if (found !== undefined && other !== undefined)
    throw new SourceSchemaMismatch(
      `There are ${found} and ${other} in ${folder}; nothing was read. Each table is one file: which of them is meant nobody can tell, so move the other elsewhere.`,
    );
  return found === undefined ? undefined : join(folder, found);
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
export const tableFiles = (folder: string): Promise<string[]> =>
  filesIn(folder, (file) => tableOf(file) !== undefined);

async function filesIn(folder: string, which: (name: string) => boolean): Promise<string[]> {
  const names = await readdir(folder).catch((error) => {
    throw fileFault(folder, error);
  });
  const named = names.filter(which).sort();
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
  if (!isJson(path))
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
