/** A row as it is staged: the texts that it was read as, and what was made of them. */
type RowOfSet = readonly [texts: readonly (string | null)[], ...values: unknown[]];

/**
 * Rows of JSON on their way to the database, as they will stand in a request's body: an array in a text of JSON. Each
 * row becomes bytes once, as texts of a set and of a request it would be gone through and copied four times more.
 *
 * A row's first element becomes one text, which `text::text[]` reads back and which is the same of the same texts.
 */
export class RowSet {
  #row = Buffer.allocUnsafe(4_096);
  #bytes = Buffer.allocUnsafe(640_000);
  #at = 0;
  #rows = 0;

  /** Bytes so far. */
  get size(): number {
    return this.#at;
  }

  add(row: RowOfSet): void {
    const json = JSON.stringify(row);
    // A letter is three bytes at most, and each of those two at most.
    if (json.length * 3 > this.#row.length) this.#row = Buffer.allocUnsafe(json.length * 3);
    const length = this.#row.write(json, 0, "utf8");
    this.#room(length * 2 + 64);
    this.#put(this.#rows === 0 ? begin : between);
    this.#rows += 1;
    this.#rest(this.#array(2), length);
  }

  /** The set as a text of JSON, its quotes included; nothing may be added any more. */
  end(): Uint8Array {
    this.#room(8);
    this.#put(this.#rows === 0 ? nothing : end);
    return this.#bytes.subarray(0, this.#at);
  }

  /** Writes a list of texts as an array's text; gives the place behind it in the row. */
  #array(from: number): number {
    this.#put(openArray);
    let at = from;
    while (this.#row[at] !== CLOSE) at = this.#element(at);
    this.#put(closeArray);
    return at + 1;
  }

  #element(from: number): number {
    const row = this.#row;
    if (row[from] === COMMA) {
      this.#bytes[this.#at++] = COMMA;
      return from + 1;
    }
    if (row[from] !== QUOTE) {
      this.#put(noElement);
      return from + "null".length;
    }
    let special = 0;
    let to = from + 1;
    for (let letter = row[to] as number; letter !== QUOTE; letter = row[to] as number) {
      special |= specials[letter] as number;
      to += letter === BACKSLASH ? 2 : 1;
    }
    if (special === 0 && standsAlone(row, from + 1, to)) {
      const bytes = this.#bytes;
      let at = this.#at;
      for (let n = from + 1; n < to; n++) bytes[at++] = row[n] as number;
      this.#at = at;
    } else this.#quoted(JSON.parse(row.toString("utf8", from, to + 1)));
    return to + 1;
  }

  #quoted(text: string): void {
    const element = Buffer.from(inJson(inJson(`"${text.replace(/["\\]/g, "\\$&")}"`)));
    // More than any other text may take, and room for what follows it as before.
    this.#room(element.length + this.#row.length * 2 + 64);
    this.#put(element);
  }

  /** Writes what is JSON already into the text of JSON that a set is. */
  #rest(from: number, length: number): void {
    const row = this.#row;
    const bytes = this.#bytes;
    let at = this.#at;
    for (let n = from; n < length; n++) {
      const letter = row[n] as number;
      if (letter === QUOTE || letter === BACKSLASH) bytes[at++] = BACKSLASH;
      bytes[at++] = letter;
    }
    this.#at = at;
  }

  #put(bytes: Uint8Array): void {
    for (let n = 0; n < bytes.length; n++) this.#bytes[this.#at++] = bytes[n] as number;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const more = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(more, 0, 0, this.#at);
    this.#bytes = more;
  }
}

const [QUOTE, COMMA, BACKSLASH, CLOSE] = [0x22, 0x2c, 0x5c, 0x5d] as const;
/** Letters that an array's text has only in quotes; those that JSON escapes show by a backslash. */
const specials = new Uint8Array(256);
for (const letter of "\\{},") specials[letter.charCodeAt(0)] = 1;

/** Whether a text without such letters stands in an array without quotes: it is not taken for none, nor for nothing. */
function standsAlone(row: Buffer, from: number, to: number): boolean {
  if (from === to || row[from] === 0x20 || row[to - 1] === 0x20) return false;
  return to - from !== 4 || row.toString("latin1", from, to).toLowerCase() !== "null";
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const [begin, between, nothing, end] = ['"[[', ",[", '"[]"', ']"'].map((each) =>
  Buffer.from(each),
) as [Buffer, Buffer, Buffer, Buffer];
const openArray = Buffer.from('\\"{');
const closeArray = Buffer.from('}\\"');
const noElement = Buffer.from("NULL");
