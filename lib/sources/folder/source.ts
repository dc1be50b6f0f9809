import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { isIntegerKey, type SourceKey } from "../../define/keys.ts";
import { placeOf } from "../csv/header.ts";
import { SourceChanged, SourceSchemaMismatch, SourceUnreachable } from "../errors.ts";
import { START } from "../place.ts";
import { type CsvSettings, settingsPrefix } from "../settings.ts";
import type {
  Header,
  KeyRange,
  KnownPolicy,
  LegacyRow,
  Source,
  SourceIdentity,
  TableFacts,
  WantedTables,
} from "../source.ts";
import type { WhichReading } from "../wild-apricot/reading.ts";
import { alikeIn } from "./as-read.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Key } from "./keys.ts";
import { fileState, type Survey, survey } from "./survey.ts";
import { fileIdentity, remember, type Surveyed, surveyedBefore } from "./surveyed.ts";
import { fileOf, noFileOf, openTable, refuseUnclear } from "./table-file.ts";

const notOnAws =
  "On AWS there is no folder: load the files into tables of a MySQL or PostgreSQL database there, by the same names, and name that one.";
const notInBucket = `Tables are not read from a bucket: put its files into a folder of the machine that reads them (\`aws s3 sync\`). ${notOnAws}`;

/** Opens a folder of files, see `openSource`. */
export async function openFolderSource(
  { path, connection, organization }: CsvSettings,
  which?: WhichReading,
): Promise<Source> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) {
    const setting = `${settingsPrefix(connection)}_DB_PATH`;
    throw new SourceUnreachable(
      `csv ${path}`,
      found === null ? "there is no such folder" : "it is a file, not a folder",
      {
        next: /^s3:/iu.test(path)
          ? notInBucket
          : `Name the folder with the files, one <table>.csv, .jsonl, .ndjson or .json for each table, in ${setting}. ${notOnAws}`,
      },
    );
  }
  return new FolderSource(
    path,
    organization ?? undefined,
    which !== undefined && "fingerprint" in which ? which.fingerprint : undefined,
  );
}

/** One file for each table; each file is read once to check it, and then by key ranges. */
class FolderSource implements Source {
  readonly description: string;
  readonly guarded = true;
  readonly #folder: string;
  readonly #organization: string | undefined;
  /** Of the files that a run began with. */
  readonly #begunWith: string | undefined;
  readonly #surveys = new Map<
    string,
    Promise<{ readonly whole: Survey; readonly surveyed: Surveyed }>
  >();
  /** One and the same for all that is asked of this source, so that a file that changes meanwhile is refused. */
  readonly #known = new Map<string, Surveyed>();

  constructor(folder: string, organization?: string, begunWith?: string) {
    this.#folder = folder;
    this.#organization = organization;
    this.#begunWith = begunWith;
    this.description = `files in ${folder}`;
  }

  async identify(): Promise<SourceIdentity> {
    const fingerprint = await fingerprintOf(this.#folder);
    const name = this.#organization;
    return {
      ...{ kind: "csv", fingerprint, privileges: null, readOnly: true, encrypted: null },
      ...(name === undefined ? {} : organizationIs(name, "manual")),
    };
  }

  async header(table: string): Promise<Header | undefined> {
    const path = await fileOf(this.#folder, table);
    if (path === undefined) return undefined;
    const names = new Set((await openTable(path)).header);
    return (column) => (names.has(column) ? column : undefined);
  }

  async inspect(tables: WantedTables): Promise<TableFacts[]> {
    const facts: TableFacts[] = [];
    for (const [table, { key, columns }] of Object.entries(tables)) {
      const path = await fileOf(this.#folder, table);
      if (path === undefined) {
        facts.push({ table, exists: false, rows: 0, missingColumns: [...columns] });
        continue;
      }
      const { header, rows, table: file } = await this.#surveyed(table, key);
      refuseUnclear(path, file.json, columns);
      const missingColumns = columns.filter(
        (column) => placeOf(basename(path), header, column) === -1 && !hasAny(file),
      );
      const alike = file.json === undefined ? [] : alikeIn(header, columns);
      facts.push({
        ...{ table, exists: true, rows, missingColumns },
        ...(alike.length === 0 ? {} : { alike }),
      });
    }
    return facts;
  }

  async ranges(table: string, key: SourceKey, rowsPerRange: number): Promise<KeyRange[]> {
    const { keys, absent, order } = (await this.#survey(table, key)).whole;
    const ranges: KeyRange[] = [];
    // Rows without a key are read with the first range.
    for (let from = 0, full = Math.max(1, rowsPerRange - absent); from < keys.length; ) {
      const last = keys[Math.min(from + full, keys.length) - 1] as Key;
      ranges.push({ table, after: ranges.at(-1)?.upTo ?? null, upTo: order.write(last) });
      from += full;
      while (from < keys.length && order.compare(keys[from] as Key, last) === 0) from += 1;
      full = rowsPerRange;
    }
    if (ranges.length === 0 && absent > 0) ranges.push({ table, after: null, upTo: null });
    return ranges;
  }

  async *read(
    table: string,
    key: SourceKey,
    columns: readonly string[],
    range: KeyRange,
    pageRows: number,
  ): AsyncGenerator<LegacyRow[]> {
    const known = await this.#surveyed(table, key);
    const path = await this.#path(table);
    await this.#refuseChanged(path, known);
    refuseUnclear(path, known.table.json, columns);
    const at = columns.map((column) => columnAt(path, known, column));
    // A whole number as the number that it is, however it is written: staging knows rows by it.
    const numberAt = isIntegerKey(key) ? known.keyAt[0] : undefined;
    const asked = (fields: LegacyRow, own: Key | null) =>
      at.map((i) => (i === numberAt ? String(own) : (fields[i] ?? null)));
    const rows = rowsWithin(known, range, [...new Set([...known.keyAt, ...at])], asked);
    let page: LegacyRow[] = [];
    for await (const { row } of known.ordered ? rows : inKeyOrder(rows, known)) {
      page.push(row);
      if (page.length < pageRows) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
    await this.#refuseChanged(path, known);
  }

  async close(): Promise<void> {}

  async #path(table: string): Promise<string> {
    const path = await fileOf(this.#folder, table);
    if (path === undefined) throw noFileOf(this.#folder, table);
    return path;
  }

  /** What is known of a file in whatever function it was surveyed, else by a survey of this one. */
  async #surveyed(table: string, key: SourceKey): Promise<Surveyed> {
    const id = JSON.stringify([table, key]);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const surveyed =
      surveyedBefore(await fileIdentity(await this.#path(table), key)) ??
      (await this.#survey(table, key)).surveyed;
    this.#known.set(id, surveyed);
    return surveyed;
  }

  /** A whole reading of a file, once for all that is asked of this source. */
  #survey(table: string, key: SourceKey) {
    const id = JSON.stringify([table, key]);
    const begun = this.#surveys.get(id);
    if (begun !== undefined) return begun;
    const made = (async () => {
      const path = await this.#path(table);
      const identity = await fileIdentity(path, key);
      const whole = await survey(path, key);
      return { whole, surveyed: remember(identity, whole) };
    })();
    this.#surveys.set(id, made);
    made.catch(() => this.#surveys.delete(id));
    return made;
  }

  async #refuseChanged(path: string, { state }: Surveyed): Promise<void> {
    if ((await fileState(path).catch(() => "gone")) === state) return this.#refuseOthers();
    throw new SourceChanged(
      `${basename(path)} changed while it was being read. Rows that were staged stay staged; ` +
        "files must not change during a run: start a new run with the new files.",
    );
  }

  /** Each range is read by itself: some of one export and some of the next would be a whole that nobody exported. */
  async #refuseOthers(): Promise<void> {
    const begunWith = this.#begunWith;
    if (begunWith === undefined) return;
    if ((await fingerprintOf(this.#folder).catch(() => "gone")) === begunWith) return;
    throw new SourceChanged(
      `The files in ${this.#folder} are not those that the run began with: one is another, came or went since its preflight, or an older wavegate began it, which told files otherwise. ` +
        "Rows that were staged stay staged; files must not change during a run: start a new run with the new files.",
    );
  }
}

/** A list without a row has whichever columns are asked for. */
const hasAny = ({ json }: Surveyed["table"]): boolean => json?.rows === 0;

function columnAt(path: string, { header, table }: Surveyed, column: string): number {
  const at = placeOf(basename(path), header, column);
  if (at !== -1 || hasAny(table)) return at;
  throw new SourceSchemaMismatch(
    table.json === undefined
      ? `${basename(path)} has no column "${column}"; nothing was read. Compare its header row with the definition.`
      : `${basename(path)} has no "${column}" in any of its objects; nothing was read. Compare their names with the definition.`,
  );
}

/** The one policy that a source can know. */
export const organizationIs = (value: string, source: KnownPolicy["source"]) => ({
  policies: { "display.organizationName": { value, source } },
});

interface KeyedRow {
  /** Null where it is absent. */
  readonly key: Key | null;
  /** The columns that are asked for: what else a file has is not held. */
  readonly row: LegacyRow;
}

/** The rows whose key is in the range, as they stand in the file; those without one are in the first. */
async function* rowsWithin(
  { order, ordered, places, keyAt, table }: Surveyed,
  range: KeyRange,
  only: readonly number[],
  asked: (fields: LegacyRow, key: Key | null) => LegacyRow,
): AsyncGenerator<KeyedRow> {
  const after = range.after === null ? null : order.read(range.after);
  const upTo = range.upTo === null ? null : order.read(range.upTo);
  const begins = (key: Key) => after !== null && order.compare(key, after) <= 0;
  const place = places.findLast((known) => begins(known.after))?.place ?? START;
  const parts = partsAt(keyAt);
  for await (const { fields } of table.rows(place, only)) {
    const key = order.of(parts(fields));
    if (key === null) {
      if (after === null) yield { key, row: asked(fields, key) };
    } else if (upTo !== null && order.compare(key, upTo) > 0) {
      if (ordered) return;
    } else if (!begins(key)) {
      yield { key, row: asked(fields, key) };
    }
  }
}

/** Takes the columns of a key out of a row. */
function partsAt(keyAt: readonly number[]): (fields: LegacyRow) => readonly (string | null)[] {
  const [only, ...others] = keyAt;
  if (only !== undefined && others.length === 0) return (fields) => [fields[only] ?? null];
  return (fields) => keyAt.map((at) => fields[at] ?? null);
}

/** A range is held in memory only where the file is not in key order; rows of one key stay as they stand. */
async function* inKeyOrder(
  rows: AsyncIterable<KeyedRow>,
  { order }: Surveyed,
): AsyncGenerator<KeyedRow> {
  const all: KeyedRow[] = [];
  for await (const row of rows) all.push(row);
  yield* all.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key !== null) - Number(b.key !== null);
    return order.compare(a.key, b.key);
  });
}
