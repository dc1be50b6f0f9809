import { join } from "node:path";
import { linkColumns } from "../../compile/columns.ts";
import { partsOf } from "../../define/several.ts";
import { commitLogColumns } from "../commit-log.ts";
import type { Manifest } from "../manifest.ts";
import type { Facts } from "./facts.ts";
import { csvLines, csvRecords, jsonFile, jsonLines, UnreadableFile } from "./files.ts";
import { LedgerFacts } from "./ledger.ts";
import { type ReportFacts, readReport } from "./report.ts";
import type { Row } from "./row.ts";
import { type ReviewedColumns, RowFacts } from "./rows.ts";
import { wordsOfCells } from "./words.ts";

/** What reading every list of an audit bundle once tells. */
export interface Lists {
  readonly rows: RowFacts;
  readonly ledger: LedgerFacts;
  /** By file name: mappings are few. */
  readonly mappings: Readonly<Record<string, readonly Row[]>>;
  readonly report: ReportFacts | undefined;
}

/** Records by file name, and in words which files are not what their names say. */
export interface Read {
  readonly records: Record<string, number>;
  readonly unreadable: string[];
}

/** The first column that a review export has not. */
const FIRST_OF_THE_END = "import_state";

/** The columns that an audit bundle has beside those of a review export, but those of ids. */
const END = [FIRST_OF_THE_END, "state_reason", "state_detail", "wave", "target_table", "target_id"];

const LEDGER = commitLogColumns.map(({ name }) => name);

/** Reads the lists of an audit bundle, one record at a time. */
export async function readLists(
  directory: string,
  manifest: Manifest,
  facts: Facts | undefined,
): Promise<Lists & Read> {
  const wanted = new Set(facts?.samples.map(({ staged_id }) => staged_id));
  const definition = facts?.definition;
  const rows = new RowFacts(definition, facts?.summary.pinned_to.seed ?? "", wanted);
  const ledger = new LedgerFacts();
  const words = wordsOfCells(definition, facts?.summary.dry_runs, facts?.waves);
  const mappings: Record<string, Row[]> = {};
  let report: ReportFacts | undefined;
  const readers: Record<string, (path: string) => Promise<number>> = {
    "rows.csv.gz": async (path) => {
      const end = definition && [...END, ...partsOf(definition).flatMap(linkColumns)];
      for await (const { record, cells } of csvLines(path, FIRST_OF_THE_END, end)) {
        if (record === undefined) rows.heading(cells);
        else rows.note(words(record), cells);
      }
      return rows.records;
    },
    "commit-log.csv.gz": async (path) => {
      for await (const entry of csvRecords(path, LEDGER)) ledger.note(words(entry));
      return ledger.records;
    },
    "migration-report.json": async (path) => {
      report = await readReport(
        path,
        definition ? partsOf(definition).flatMap(({ entity }) => entity.from) : [],
      );
      return 0;
    },
  };
  // Without the rules the report's tables are not known by name.
  if (definition === undefined) delete readers["migration-report.json"];
  const { records, unreadable } = await readEach(directory, manifest, async (name, path) => {
    const read = readers[name];
    if (read) return read(path);
    if (name === "migration-report.json") return 0;
    if (!name.startsWith("mappings-")) return countRecords(name, path);
    mappings[name] = await Array.fromAsync(csvRecords(path));
    return mappings[name].length;
  });
  return { rows, ledger, mappings, report, records, unreadable };
}

/** The lists of a review export: only how many records they have, and whether the rows are masked. */
export async function readReviewLists(
  directory: string,
  manifest: Manifest,
  columns: ReviewedColumns,
): Promise<{ rows: RowFacts } & Read> {
  const rows = new RowFacts(undefined, "", new Set(), columns);
  const words = wordsOfCells(columns.said);
  const read = await readEach(directory, manifest, async (name, path) => {
    if (name !== "rows.csv.gz") return countRecords(name, path);
    for await (const { record, cells } of csvLines(path, FIRST_OF_THE_END)) {
      if (record === undefined) rows.heading(cells);
      else rows.note(words(record), cells);
    }
    return rows.records;
  });
  return { rows, ...read };
}

async function readEach(
  directory: string,
  manifest: Manifest,
  read: (name: string, path: string) => Promise<number>,
): Promise<Read> {
  const records: Record<string, number> = {};
  const unreadable: string[] = [];
  for (const { name, rows } of manifest.files) {
    try {
      if (rows !== null || name === "migration-report.json") {
        records[name] = await read(name, join(directory, name));
      }
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      unreadable.push(error.message);
    }
  }
  return { records, unreadable };
}

async function countRecords(name: string, path: string): Promise<number> {
  if (name.endsWith(".jsonl")) return countOf(jsonLines(path));
  if (/\.csv(\.gz)?$/.test(name)) return countOf(csvRecords(path));
  const list = await jsonFile<unknown>(path);
  if (!Array.isArray(list)) throw new UnreadableFile(`${name} is not a list`);
  return list.length;
}

async function countOf(values: AsyncIterable<unknown>): Promise<number> {
  let records = 0;
  for await (const _ of values) records += 1;
  return records;
}
