import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { isIntegerKey, keyColumns, type SourceKey } from "../../define/keys.ts";
import { headerBelow, placeOf } from "../csv/header.ts";
import { SourceRowUnreadable, SourceSchemaMismatch } from "../errors.ts";
import { type Place, START, type TableRecord } from "../place.ts";
import { asRead } from "./as-read.ts";
import {
  asInteger,
  type Integer,
  isWhole,
  type Key,
  type KeyOrder,
  keyOrder,
  Numbers,
} from "./keys.ts";
import { openTable, refuseUnclear, type TableFile } from "./table-file.ts";

/** What one reading of a whole file taught: every row has its fields, and an integer key is one of its own. */
export interface Survey {
  readonly header: readonly string[];
  /** Where the columns of the key are. */
  readonly keyAt: readonly number[];
  /** All keys, ascending. */
  readonly keys: readonly Key[];
  /** Rows without a whole key. */
  readonly absent: number;
  readonly order: KeyOrder;
  /** Whether the rows stand in key order. */
  readonly ordered: boolean;
  /** Where to begin reading for keys greater than `after`; only useful when ordered. */
  readonly places: readonly { readonly after: Key; readonly place: Place }[];
  readonly state: string;
  /** How the rows are read. */
  readonly table: TableFile;
}

const PLACE_EVERY = 5_000;
const SHOWN = 10;

/** Size and time of change: what must stay the same while a run reads. */
export async function fileState(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${mtimeMs}`;
}

/**
 * Reads a file once and checks it. Ragged lines are named, ten at most, in one `SourceRowUnreadable`,
 * before anything is staged; where the key is declared an integer, rows without one or with the same one
 * as well.
 */
export async function survey(path: string, key: SourceKey): Promise<Survey> {
  const state = await fileState(path);
  const table = await openTable(path);
  refuseUnclear(path, table.json, keyColumns(key));
  const surveyor = new Surveyor(basename(path), table, key, await titleAbove(path, table, key));
  for await (const record of table.rows(START, surveyor.keyAt)) {
    surveyor.take(record);
    surveyor.ends = { byte: record.endsAt, line: record.endsOn };
  }
  return surveyor.conclude(state);
}

/** What is said of a header that lacks a column of the key, where a line below has them all. */
async function titleAbove(
  path: string,
  { header, json }: TableFile,
  key: SourceKey,
): Promise<string> {
  if (json !== undefined || keyColumns(key).every((column) => header.includes(column))) return "";
  const line = await headerBelow(path, keyColumns(key));
  return line === undefined ? "" : `Line ${line} names it: take away what stands above that line. `;
}

/** Of a header alone: where none is, the first line is somebody's, and nothing of it is told (W14). */
function refuseTwice(file: string, header: readonly string[]): void {
  const known = new Map<string, number>();
  for (const [at, name] of header.entries()) {
    const alike = asRead(name);
    const first = known.get(alike);
    if (first !== undefined) refuseAlike(file, header, first, at);
    if (alike !== "") known.set(alike, at);
  }
}

function refuseAlike(file: string, header: readonly string[], first: number, twice: number): never {
  const [one, other] = [header[first] as string, header[twice] as string];
  throw new SourceSchemaMismatch(
    `${file} has two columns "${one}"${one === other ? "" : ` and "${other}"`}, number ${first + 1} and number ${twice + 1} of its header row; nothing was read. ` +
      `${one === other ? "" : "They differ only in case or in what cannot be seen. "}Which of them is meant nobody can tell: rename or remove one, or export the table again.`,
  );
}

function refuseMissing(
  file: string,
  { header, json }: TableFile,
  missing: string,
  below: string,
): never {
  const alike = header.find((name) => asRead(name) === asRead(missing));
  const like =
    alike === undefined ? "" : `It has one that reads like it: ${spelledOut(alike, missing)}. `;
  const [list] = json?.lists ?? [];
  throw new SourceSchemaMismatch(
    json === undefined
      ? `${file} has no column "${missing}" in its header row; nothing was read. ${like}${below}` +
          "Columns are separated by commas, or by semicolons, tabs or bars where the header has no comma, and it names them as the definition does."
      : list === undefined
        ? `${file} has no "${missing}" in any of its objects; nothing was read. ${like}It names columns as the definition does, what is within an object with a point between: "address.city".`
        : `${file} is one object without "${missing}", and nothing was read: its rows may be the list "${list}" in it. Each row is an object of its own, one a line or all in one list: jq -c ${quoted(list)} ${file}, of version 1.7 or newer, which keeps long numbers, writes them so.`,
  );
}

/** What jq takes for the elements of a list, for a shell. */
const quoted = (list: string): string => `'.[${JSON.stringify(list).replaceAll("'", "'\\''")}][]'`;

/** The keys of a file as they come: integers where they have to be, else texts. */
interface Keys {
  /** Says what is wrong with the key, if anything is. */
  take(parts: readonly (string | null)[], line: number): string | null;
  /** How many were taken. */
  readonly length: number;
  /** The keys as they are compared, in the file's order. */
  conclude(): { keys: Key[]; order: KeyOrder; absent: number; problems: readonly string[] };
}

class IntegerKeys implements Keys {
  readonly #key: string;
  readonly #keys: Integer[] = [];
  readonly #lines: number[] = [];
  #ordered = true;

  constructor(key: string) {
    this.#key = key;
  }

  get length(): number {
    return this.#keys.length;
  }

  take([text]: readonly (string | null)[], line: number): string | null {
    const value = asInteger(text);
    if (value === null) {
      return isWhole(text)
        ? `line ${line} has ${text} in "${this.#key}", which no signed 64-bit integer holds`
        : `line ${line} has no integer in "${this.#key}"`;
    }
    const last = this.#keys.at(-1);
    if (last !== undefined && value <= last) this.#ordered = false;
    this.#keys.push(value);
    this.#lines.push(line);
    return null;
  }

  conclude() {
    const problems = this.#ordered ? [] : this.#duplicates();
    return { keys: this.#keys, order: keyOrder(this.#key, [true]), absent: 0, problems };
  }

  #duplicates(): string[] {
    const first = new Map<Integer, number>();
    return this.#keys.flatMap((value, i) => {
      const line = this.#lines[i] ?? 0;
      const before = first.get(value);
      if (before !== undefined)
        return [`line ${line} has the same "${this.#key}" as line ${before}`];
      first.set(value, line);
      return [];
    });
  }
}

class AnyKeys implements Keys {
  readonly #key: SourceKey;
  readonly #taken: (readonly (string | null)[] | string)[] = [];
  readonly #numbers: Numbers;

  constructor(key: SourceKey) {
    this.#key = key;
    this.#numbers = new Numbers(keyColumns(key).length);
  }

  get length(): number {
    return this.#taken.length;
  }

  take(parts: readonly (string | null)[]): null {
    this.#numbers.take(parts);
    const [only] = parts;
    this.#taken.push(parts.length === 1 && typeof only === "string" ? only : parts);
    return null;
  }

  conclude() {
    const order = keyOrder(this.#key, this.#numbers.columns);
    const keys: Key[] = [];
    for (const parts of this.#taken) {
      const key = order.of(typeof parts === "string" ? [parts] : parts);
      if (key !== null) keys.push(key);
    }
    return { keys, order, absent: this.#taken.length - keys.length, problems: [] };
  }
}

/** A column's name with what cannot be seen of it, or what else is different. */
function spelledOut(name: string, wanted: string): string {
  const shown = name.replace(/[[\p{Cf}\p{Cc}\p{Zs}]--[ ]]/gv, (character) => {
    const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
    return `<U+${code}>`;
  });
  return `"${shown}"${shown === name && name.toLowerCase() === wanted.toLowerCase() ? ", in another case" : ", with what cannot be seen"}`;
}

/** Takes records one by one and remembers keys, places and what is wrong. */
class Surveyor {
  /** Where the columns of the key are. */
  readonly keyAt: readonly number[];
  /** Where the record before ended. */
  ends = START;
  readonly #file: string;
  readonly #table: TableFile;
  readonly #header: readonly string[];
  readonly #keys: Keys;
  readonly #places: { before: readonly (string | null)[]; place: Place }[] = [];
  readonly #problems: string[] = [];
  /** Rows that end in separators, by their lines: how many fields they have. */
  readonly #trailing = new Map<number, number>();
  #before: readonly (string | null)[] = [];
  #wrong = 0;

  /** @param below what is said where the header lacks a column of the key */
  constructor(file: string, table: TableFile, key: SourceKey, below: string) {
    const { header } = table;
    this.#file = file;
    this.#table = table;
    this.#header = header;
    this.keyAt = keyColumns(key).map((column) => placeOf(file, header, column));
    this.#keys = isIntegerKey(key) ? new IntegerKeys(key) : new AnyKeys(key);
    const missing = keyColumns(key).find((column) => !header.includes(column));
    if (missing !== undefined && table.json?.rows !== 0) refuseMissing(file, table, missing, below);
    if (table.json === undefined) refuseTwice(file, header);
  }

  take({ fields, line }: TableRecord): void {
    if (this.#table.json === undefined && this.#isNoRow(fields, line)) return;
    const parts = this.keyAt.map((at) => fields[at] ?? null);
    if (this.#keys.length > 0 && this.#keys.length % PLACE_EVERY === 0) {
      this.#places.push({ before: this.#before, place: this.ends });
    }
    const problem = this.#keys.take(parts, line);
    if (problem === null) this.#before = parts;
    else this.#note(problem);
  }

  /** Whether a line has other columns than the header, or is the header. */
  #isNoRow(fields: readonly (string | null)[], line: number): boolean {
    if (this.#endsInNothing(fields)) {
      this.#trailing.set(line, fields.length);
    } else if (fields.length !== this.#header.length) {
      this.#note(
        `line ${line} has ${fields.length} ${fields.length === 1 ? "field" : "fields"}, the header ${this.#header.length}`,
      );
      return true;
    }
    if (!this.#repeatsHeader(fields)) return false;
    this.#note(`line ${line} is the header once more, as where two files were put together`);
    return true;
  }

  /** Whether a row is the header, with a mark of the byte order before it or without; one column alone may hold its name. */
  #repeatsHeader(fields: readonly (string | null)[]): boolean {
    const header = this.#header;
    if (header.length < 2 || fields[1]?.trim() !== header[1]) return false;
    return header.every((name, at) => (fields[at] ?? "").trim() === name);
  }

  /** Whether a row has more fields than the header, and nothing in them. */
  #endsInNothing(fields: readonly (string | null)[]): boolean {
    if (fields.length <= this.#header.length) return false;
    return fields.slice(this.#header.length).every((field) => field === null || field === "");
  }

  /**
   * Separators at the end of every row, as many, are a program's; at the end of some of them they may come of one
   * within a value that nobody quoted, and then what is before them stands in the wrong columns.
   */
  #refuseSomeTrailing(): void {
    const lengths = new Set(this.#trailing.values());
    const rows = this.#keys.length;
    if (lengths.size === 0 || (lengths.size === 1 && this.#trailing.size === rows && rows > 1))
      return;
    for (const [line, length] of this.#trailing)
      this.#note(
        `line ${line} has ${length} fields, the header ${this.#header.length}, as not every line has`,
      );
  }

  conclude(state: string): Survey {
    this.#refuseSomeTrailing();
    const { keys, order, absent, problems } = this.#keys.conclude();
    for (const problem of problems) this.#note(problem);
    this.#refuse();
    const ordered =
      absent === 0 &&
      keys.every((key, at) => at === 0 || order.compare(keys[at - 1] as Key, key) <= 0);
    const places = ordered
      ? this.#places.map(({ before, place }) => ({ after: order.of(before) as Key, place }))
      : [];
    return {
      header: this.#header,
      keyAt: this.keyAt,
      table: this.#table,
      keys: ordered ? keys : keys.sort(order.compare),
      absent,
      order,
      ordered,
      places,
      state,
    };
  }

  #note(problem: string): void {
    this.#wrong += 1;
    if (this.#problems.length < SHOWN) this.#problems.push(problem);
  }

  #refuse(): void {
    if (this.#wrong === 0) return;
    const more = this.#wrong - this.#problems.length;
    const shown = this.#problems.join("; ") + (more > 0 ? `; and ${more} more` : "");
    throw new SourceRowUnreadable(
      `${this.#file}: ${shown}. Nothing was read; correct these lines or export the table again.`,
    );
  }
}
