import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { SourceRowUnreadable, SourceSchemaMismatch } from "../errors.ts";
import { type Place, START } from "./place.ts";
import { type CsvRecord, readRecords } from "./records.ts";

/** What one reading of a whole file taught: every row has its fields and a key of its own. */
export interface Survey {
  readonly header: readonly string[];
  /** All keys, ascending. */
  readonly keys: readonly Key[];
  /** Whether the rows stand in key order. */
  readonly ordered: boolean;
  /** Where to begin reading for keys greater than `after`; only useful when ordered. */
  readonly places: readonly { readonly after: Key; readonly place: Place }[];
  readonly state: string;
}

const PLACE_EVERY = 5_000;
const SHOWN = 10;

/** Size and time of change: what must stay the same while a run reads. */
export async function fileState(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${mtimeMs}`;
}

/**
 * Reads a file once and checks it. Ragged lines and rows without a proper key are named, ten at
 * most, in one `SourceRowUnreadable`, before anything is staged; a key twice is one as well.
 */
export async function survey(path: string, key: string): Promise<Survey> {
  const state = await fileState(path);
  const file = basename(path);
  let surveyor: Surveyor | null = null;
  for await (const record of readRecords(path, START)) {
    if (surveyor === null) surveyor = new Surveyor(file, headerOf(file, record), key);
    else surveyor.take(record);
    surveyor.endsAt = record.endsAt;
  }
  if (surveyor !== null) return surveyor.conclude(state);
  throw new SourceSchemaMismatch(`${file} is empty: it needs a header row. Nothing was read.`);
}

function headerOf(file: string, { fields }: CsvRecord): string[] {
  const header = fields.map((name) => (name ?? "").trim());
  const twice = header.findIndex((name, at) => name !== "" && header.indexOf(name) !== at);
  if (twice === -1) return header;
  const name = header[twice] as string;
  throw new SourceSchemaMismatch(
    `${file} has two columns "${name}", number ${header.indexOf(name) + 1} and number ${twice + 1} of its header row; nothing was read. ` +
      "Which of them is meant nobody can tell: rename or remove one, or export the table again.",
  );
}

/** Takes records one by one and remembers keys, places and what is wrong. */
class Surveyor {
  /** Where the record before ended. */
  endsAt = 0;
  readonly #file: string;
  readonly #header: readonly string[];
  readonly #key: string;
  readonly #keyAt: number;
  readonly #keys: Key[] = [];
  readonly #lines: number[] = [];
  readonly #places: { after: Key; place: Place }[] = [];
  readonly #problems: string[] = [];
  #wrong = 0;
  #ordered = true;

  constructor(file: string, header: readonly string[], key: string) {
    this.#file = file;
    this.#header = header;
    this.#key = key;
    this.#keyAt = header.indexOf(key);
    if (this.#keyAt !== -1) return;
    throw new SourceSchemaMismatch(
      `${file} has no column "${key}" in its header row; nothing was read. ` +
        "Columns are separated by commas, and the header names them as the definition does.",
    );
  }

  take({ fields, line }: CsvRecord): void {
    if (fields.length !== this.#header.length) {
      this.#note(
        `line ${line} has ${fields.length} ${fields.length === 1 ? "field" : "fields"}, the header ${this.#header.length}`,
      );
      return;
    }
    const text = fields[this.#keyAt];
    const value = asKey(text);
    if (value === null) {
      const beyond = /^-?\d{1,40}$/.test(text ?? "");
      this.#note(
        beyond
          ? `line ${line} has ${text} in "${this.#key}", which no signed 64-bit integer holds`
          : `line ${line} has no integer in "${this.#key}"`,
      );
      return;
    }
    const last = this.#keys.at(-1);
    if (last !== undefined && value <= last) this.#ordered = false;
    if (last !== undefined && this.#keys.length % PLACE_EVERY === 0) {
      this.#places.push({ after: last, place: { byte: this.endsAt, line } });
    }
    this.#keys.push(value);
    this.#lines.push(line);
  }

  conclude(state: string): Survey {
    const ordered = this.#ordered;
    if (!ordered) this.#noteDuplicates();
    this.#refuse();
    const keys = ordered ? this.#keys : this.#keys.sort(byKey);
    const places = ordered ? this.#places : [];
    return { header: this.#header, keys, ordered, places, state };
  }

  #note(problem: string): void {
    this.#wrong += 1;
    if (this.#problems.length < SHOWN) this.#problems.push(problem);
  }

  #noteDuplicates(): void {
    const first = new Map<Key, number>();
    for (const [i, value] of this.#keys.entries()) {
      const line = this.#lines[i] ?? 0;
      const before = first.get(value);
      if (before === undefined) first.set(value, line);
      else this.#note(`line ${line} has the same "${this.#key}" as line ${before}`);
    }
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

/** A key of a signed 64-bit integer, exact: a number as far as numbers are. */
export type Key = number | bigint;

/** The text as a key, or null when it is not an integer of 64 bits. */
export function asKey(text: string | null | undefined): Key | null {
  if (text === null || text === undefined || !/^-?\d{1,40}$/.test(text)) return null;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(text);
  return BigInt.asIntN(64, exact) === exact ? exact : null;
}

/** The order of keys; numbers and larger integers compare with each other. */
export const byKey = (a: Key, b: Key): number => (a < b ? -1 : a > b ? 1 : 0);
