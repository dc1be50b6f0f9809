/** A row as it is staged: the texts that it was read as, and what was made of them. */
type RowOfSet = readonly [texts: readonly (string | null)[], ...values: unknown[]];

/**
 * Rows of JSON on their way to the database, as they will stand in a request's body: an array in a text of JSON. Letters
 * are written as those bytes at once; as texts of a row, a set and a request they would be gone through and copied six
 * times.
 *
 * A row's first element becomes one text, which `text::text[]` reads back and which is the same of the same texts.
 */
export class RowSet {
  #bytes = Buffer.allocUnsafe(640_000);
  #at = 0;
  #rows = 0;

  /** Bytes so far. */
  get size(): number {
    return this.#at;
  }

  add(row: RowOfSet): void {
    this.#put(this.#rows === 0 ? begin : between);
    this.#rows += 1;
    this.#array(row[0]);
    for (let n = 1; n < row.length; n++) {
      this.#put(comma);
      this.#value(row[n]);
    }
    this.#put(close);
  }

  /** The set as a text of JSON, its quotes included; nothing may be added any more. */
  end(): Uint8Array {
    this.#put(this.#rows === 0 ? nothing : end);
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
    else if (standsAlone(text) && !MEANT.test(text)) this.#put(Buffer.from(text));
    else {
      this.#put(quoteOfElement);
      if (!this.#letters(text, inQuotes)) {
        this.#put(Buffer.from(inJson(inJson(text.replace(/["\\]/g, "\\$&")))));
      }
      this.#put(quoteOfElement);
    }
  }

  #value(value: unknown): void {
    if (value === null) this.#put(none);
    else if (typeof value === "string") {
      this.#put(quote);
      if (!this.#letters(value, inQuotes)) this.#put(Buffer.from(inJson(inJson(value))));
      this.#put(quote);
    } else this.#put(Buffer.from(inJson(JSON.stringify(value) ?? "null")));
  }

  /**
   * Writes a text whose letters all stand for themselves. Of one in which any means something else, or is written by two
   * as emoji are, it writes nothing, and says so.
   */
  #letters(text: string, meaning: Uint8Array): boolean {
    // A letter is three bytes at most.
    this.#room(text.length * 3);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let n = 0; n < text.length; n++) {
      const code = text.charCodeAt(n);
      if (code < 0x80) {
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

/** Letters of ASCII that JSON writes otherwise, and those as well that an array's text has only in quotes. */
const [inQuotes, inArray] = ['"\\', '"\\{},'].map((signs) =>
  Uint8Array.from({ length: 0x80 }, (_, code) =>
    Number(code < 0x20 || signs.includes(String.fromCharCode(code))),
  ),
) as [Uint8Array, Uint8Array];

/** What {@link inArray} has, and half a pair of surrogates alone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const MEANT = /[\u0000-\u001F"\\{},\p{Cs}]/u;

/** Whether a text without such letters stands in an array without quotes: it is not taken for none, nor for nothing. */
const standsAlone = (text: string): boolean =>
  text !== "" &&
  !text.startsWith(" ") &&
  !text.endsWith(" ") &&
  (text.length !== 4 || text.toLowerCase() !== "null");

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const [begin, between, close, nothing, end] = ['"[[', ",[", "]", '"[]"', ']"'].map((each) =>
  Buffer.from(each),
) as [Buffer, Buffer, Buffer, Buffer, Buffer];
const [comma, none, noElement, quote, quoteOfElement, openArray, closeArray] = [
  ...[",", "null", "NULL", '\\"', '\\\\\\"', '\\"{', '}\\"'],
].map((each) => Buffer.from(each)) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
