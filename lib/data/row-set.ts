/** A row as it is staged: the texts that it was read as, and what was made of them. */
type RowOfSet = readonly [texts: readonly (string | null)[], ...values: unknown[]];

/** What stands between the cells of a row and between rows, and for nothing: no text of any row of a set has one of them. */
export interface Signs {
  readonly cell: string;
  readonly row: string;
  readonly none: string;
}

/** Control characters of no more than two bytes, which JSON leaves as they are and which hardly any text has. */
const USUAL: Signs = { cell: "\u007F", row: "\u0080", none: "\u0081" };

/** The usual signs; beside a row that has one of them in its texts, others that it has not. */
export function signsBeside(row?: RowOfSet): Signs {
  if (row === undefined) return USUAL;
  const texts = JSON.stringify(row);
  const free: string[] = [];
  for (
    let code = 0xfdd0;
    free.length < 3 && code !== 0xfdcf;
    code = code === 0xfffd ? 0x80 : code + 1
  ) {
    const sign = String.fromCharCode(code);
    if (sign.isWellFormed() && !texts.includes(sign)) free.push(sign);
  }
  const [cell, between, none] = free;
  if (cell === undefined || between === undefined || none === undefined)
    throw new Error("A row has every letter there is; nothing can stand between its cells.");
  return { cell, row: between, none };
}

/**
 * Rows on their way to the database, as they will stand in a request's body: one text in JSON, of cells and rows with
 * {@link Signs} between them, which PostgreSQL takes apart in half the time of JSON. Letters are written as those bytes at
 * once; as texts of a row, a set and a request they would be gone through and copied six times.
 *
 * A row's first element becomes one cell, which `text::text[]` reads back and which is the same of the same texts. Of
 * the others a text is its cell, and what is none is JSON.
 */
export class RowSet {
  readonly signs: Signs;
  readonly #cell: Uint8Array;
  readonly #between: Uint8Array;
  readonly #none: Uint8Array;
  #bytes = Buffer.allocUnsafe(640_000);
  #at = 0;
  #rows = 0;
  /** Whether a text of the row that is written has one of the signs. */
  #clashes = false;

  constructor(signs: Signs = USUAL) {
    this.signs = signs;
    this.#cell = Buffer.from(signs.cell);
    this.#between = Buffer.from(signs.row);
    this.#none = Buffer.from(signs.none);
  }

  /** Bytes so far. */
  get size(): number {
    return this.#at;
  }

  /** Takes a row, unless one of its texts has one of the set's signs: then it answers no, and holds what it held. */
  add(row: RowOfSet): boolean {
    const begin = this.#at;
    this.#clashes = false;
    this.#put(this.#rows === 0 ? quote : this.#between);
    this.#array(row[0]);
    for (let n = 1; n < row.length; n++) {
      this.#put(this.#cell);
      this.#value(row[n]);
    }
    if (this.#clashes) this.#at = begin;
    else this.#rows += 1;
    return !this.#clashes;
  }

  /** The set as a text of JSON, its quotes included; nothing may be added any more. */
  end(): Uint8Array {
    this.#put(this.#rows === 0 ? nothing : quote);
    return this.#bytes.subarray(0, this.#at);
  }

  /** Writes a list of texts as an array's text. */
  #array(texts: readonly (string | null)[]): void {
    this.#put(openArray);
    for (let n = 0; n < texts.length; n++) {
      if (n > 0) this.#put(comma);
      this.#element(texts[n] ?? null);
    }
    this.#put(closeArray);
  }

  #element(text: string | null): void {
    if (text === null) this.#put(noElement);
    else if (standsAlone(text) && this.#letters(text, inArray)) return;
    else if (standsAlone(text) && !MEANT.test(text)) this.#text(text);
    else {
      this.#put(quoteOfElement);
      if (!this.#letters(text, inText)) this.#text(text.replace(/["\\]/g, "\\$&"));
      this.#put(quoteOfElement);
    }
  }

  #value(value: unknown): void {
    if (value === null) this.#put(this.#none);
    else if (typeof value !== "string") this.#text(JSON.stringify(value) ?? "null");
    else if (!this.#letters(value, inText)) this.#text(value);
  }

  /** Writes any text, unless it has a sign. */
  #text(text: string): void {
    const { cell, row, none } = this.signs;
    if (text.includes(cell) || text.includes(row) || text.includes(none)) this.#clashes = true;
    // A request would have another letter in its place.
    else if (!text.isWellFormed()) throw new Error("Half a pair of surrogates is no text.");
    else this.#put(Buffer.from(inJson(text)));
  }

  /**
   * Writes a text whose letters all stand for themselves. Of one in which any means something else, or is written by two
   * as emoji are, it writes nothing, and says so.
   */
  #letters(text: string, meaning: Uint8Array): boolean {
    if (this.signs !== USUAL) return false;
    // A letter is three bytes at most.
    this.#room(text.length * 3);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let n = 0; n < text.length; n++) {
      const code = text.charCodeAt(n);
      if (code < 0x82) {
        if (meaning[code] === 1) return false;
        bytes[at++] = code;
      } else if (code < 0x800) {
        bytes[at++] = 0xc0 | (code >> 6);
        bytes[at++] = 0x80 | (code & 0x3f);
      } else {
        if (code >= 0xd800 && code <= 0xdfff) return false;
        bytes[at++] = 0xe0 | (code >> 12);
        bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
        bytes[at++] = 0x80 | (code & 0x3f);
      }
    }
    this.#at = at;
    return true;
  }

  #put(bytes: Uint8Array): void {
    this.#room(bytes.length);
    const into = this.#bytes;
    let at = this.#at;
    for (let n = 0; n < bytes.length; n++) into[at++] = bytes[n] as number;
    this.#at = at;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const more = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(more, 0, 0, this.#at);
    this.#bytes = more;
  }
}

/** Letters that JSON writes otherwise and the usual signs, and those as well that an array's text has only in quotes. */
const [inText, inArray] = ['"\\', '"\\{},'].map((letters) =>
  Uint8Array.from({ length: 0x82 }, (_, code) =>
    Number(code < 0x20 || code >= 0x7f || letters.includes(String.fromCharCode(code))),
  ),
) as [Uint8Array, Uint8Array];

/** What an array's text has only in quotes, control characters, and half a pair of surrogates alone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const MEANT = /[\u0000-\u001F"\\{},\p{Cs}]/u;

/** Whether a text without such letters stands in an array without quotes: it is not taken for none, nor for nothing. */
const standsAlone = (text: string): boolean =>
  text !== "" &&
  !text.startsWith(" ") &&
  !text.endsWith(" ") &&
  (text.length !== 4 || text.toLowerCase() !== "null");

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const [nothing, quote, comma, noElement, quoteOfElement, openArray, closeArray] = [
  ...['""', '"', ",", "NULL", '\\"', "{", "}"],
].map((each) => Buffer.from(each)) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
