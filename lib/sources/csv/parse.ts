import type { LegacyRow } from "../source.ts";
import { bytesInFile, type Encoding } from "../utf16.ts";
import type { Separator } from "./separators.ts";

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** The mark that some programs put before UTF-8. */
export const MARK: Buffer = Buffer.from([0xef, 0xbb, 0xbf]);

/** How a file is written. */
export interface Written {
  readonly separator: Separator;
  /** Lines end in a line feed, as `\n` or as `\r\n`; else in a carriage return alone. */
  readonly feeds: boolean;
  /** What the bytes were in their file. */
  readonly encoding: Encoding;
}

/** A record as it stands in the bytes that were read. */
interface ParsedRecord {
  readonly fields: LegacyRow;
  /** Empty lines before it. */
  readonly empty: number;
  /** Whether it is made of separators alone, as spreadsheets write a row without a value. */
  readonly nothing: boolean;
  /** Ends of lines within its fields. */
  readonly breaks: number;
  /** Bytes of the file from the first one that was read to behind the end of its line. */
  readonly endsAt: number;
}

/** A record that cannot be read: what is wrong with it, in words. */
export class RecordDamaged extends Error {}

/** Bytes of a record, at most: where a quotation mark is missing, no more than these are held. */
export const LONGEST_RECORD = 16 * 1024 * 1024;
const tooLong = () =>
  new RecordDamaged("the record is longer than 16 MiB; a quotation mark may be missing");

/**
 * The records of CSV (RFC 4180) in UTF-8, as it is or by now, whose bytes come in pieces of any size, the first one no shorter than a mark. Empty lines
 * are none; an unquoted `\N` and an unquoted empty field are null. Errors: {@link RecordDamaged}.
 *
 * @param isWhole the bytes are a whole file, which may begin with a mark
 */
export async function* parseRecords(
  pieces: AsyncIterable<Buffer>,
  written: Written,
  isWhole: boolean,
): AsyncGenerator<ParsedRecord> {
  let before = 0;
  let held: Buffer[] = [];
  let size = 0;
  let enough = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    // A record of many pieces is not looked through again for each of them.
    if (size < Math.min(enough, LONGEST_RECORD + 1)) continue;
    const here = new Records(Buffer.concat(held), before, written, false);
    if (isWhole && before === 0) here.passMark();
    yield* here;
    before = here.passed();
    held = [here.rest()];
    size = here.rest().length;
    enough = 2 * size;
    if (size > LONGEST_RECORD) throw tooLong();
  }
  yield* new Records(Buffer.concat(held), before, written, true);
}

/** Takes one record after the other from some bytes; one that may go on behind them is left. */
class Records {
  /** Where the next record begins, or empty lines before it. */
  at = 0;
  readonly #bytes: Buffer;
  /** Bytes of the file up to `#counted`. */
  #before: number;
  #counted = 0;
  readonly #isLast: boolean;
  readonly #feeds: boolean;
  readonly #separator: number;
  readonly #end: number;
  readonly #encoding: Encoding;

  /** @param before bytes of the file that were read before these */
  constructor(bytes: Buffer, before: number, written: Written, isLast: boolean) {
    const { separator, feeds } = written;
    this.#bytes = bytes;
    this.#before = before;
    this.#isLast = isLast;
    this.#encoding = written.encoding;
    this.#feeds = feeds;
    this.#separator = separator.charCodeAt(0);
    this.#end = feeds ? NEWLINE : RETURN;
  }

  passMark(): void {
    if (this.#bytes.indexOf(MARK) === 0) this.at = MARK.length;
  }

  /** Bytes of the file up to where the next record begins. */
  passed(): number {
    this.#before += bytesInFile(this.#encoding, this.#bytes.subarray(this.#counted, this.at));
    this.#counted = this.at;
    return this.#before;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.at);
  }

  *[Symbol.iterator](): Generator<ParsedRecord> {
    for (let found = this.#next(); found; found = this.#next()) yield found;
  }

  #next(): ParsedRecord | undefined {
    let [at, empty] = [this.at, 0];
    for (let length = this.#endOfLine(at); length > 0; length = this.#endOfLine(at)) {
      at += length;
      empty += 1;
    }
    const begins = at;
    const fields: LegacyRow = [];
    while (at < this.#bytes.length || fields.length > 0) {
      const ends = this.#bytes[at] === QUOTE ? this.#quoted(at, fields) : this.#bare(at, fields);
      // Whether it ends there is seen by what is behind it.
      if (ends === undefined) return undefined;
      at = ends + 1;
      if (this.#bytes[ends] === this.#separator) continue;
      this.at = ends + this.#endOfLine(ends);
      if (this.at - begins > LONGEST_RECORD) throw tooLong();
      const breaks = count(this.#bytes.subarray(begins, ends), this.#end);
      const nothing = ends - begins === fields.length - 1;
      return { fields, empty, nothing, breaks, endsAt: this.passed() };
    }
    return undefined;
  }

  /** Bytes of the end of a line that stands here; 0 for none. */
  #endOfLine(at: number): number {
    const byte = this.#bytes[at];
    if (byte === this.#end) return 1;
    return this.#feeds && byte === RETURN && this.#bytes[at + 1] === NEWLINE ? 2 : 0;
  }

  /** Takes the field that begins here; where it ends, or undefined where that is not among the bytes. */
  #bare(begins: number, fields: LegacyRow): number | undefined {
    const bytes = this.#bytes;
    let at = begins;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === this.#separator || byte === this.#end) break;
      if (byte === QUOTE)
        throw new RecordDamaged("a quotation mark stands inside an unquoted field");
    }
    if (at === bytes.length && !this.#isLast) return undefined;
    const returned =
      this.#feeds && bytes[at] === NEWLINE && at > begins && bytes[at - 1] === RETURN;
    const ends = returned ? at - 1 : at;
    const text = begins === ends ? null : bytes.toString("utf8", begins, ends);
    fields.push(text === "\\N" ? null : text);
    return ends;
  }

  #quoted(begins: number, fields: LegacyRow): number | undefined {
    const bytes = this.#bytes;
    let closes = bytes.indexOf(QUOTE, begins + 1);
    let doubled = false;
    while (closes !== -1 && bytes[closes + 1] === QUOTE) {
      doubled = true;
      closes = bytes.indexOf(QUOTE, closes + 2);
    }
    if (closes === -1) {
      if (!this.#isLast) return undefined;
      throw new RecordDamaged("a quotation mark is never closed");
    }
    const ends = closes + 1;
    // Behind it may stand another quote, or the other half of an end of a line.
    if (ends + 1 >= bytes.length && !this.#isLast) return undefined;
    if (ends < bytes.length && bytes[ends] !== this.#separator && this.#endOfLine(ends) === 0)
      throw new RecordDamaged("something follows a closing quotation mark");
    const text = bytes.toString("utf8", begins + 1, closes);
    fields.push(doubled ? text.replaceAll('""', '"') : text);
    return ends;
  }
}

/** How often a byte stands in some. */
export function count(bytes: Buffer, byte: number): number {
  let found = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) found += 1;
  return found;
}
