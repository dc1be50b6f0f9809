import { plainOf } from "./extended.ts";
import { Members, type Node, Plain } from "./node.ts";

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPENS, CLOSES, LIST, LIST_ENDS] = [0x7b, 0x7d, 0x5b, 0x5d];
/** Lists and objects within each other: MongoDB has a hundred at most. */
const deepest = 200;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** What Python and others write for a number that is none; a field of numbers reads it by nothing. */
const words = new Set(["null", "true", "false", "NaN", "Infinity", "-Infinity"]);
/** What a name may look like that is told in a message: by others somebody may be known. */
export const plainName = /^[\p{L}_$][\p{L}\p{N}_.$-]{0,39}$/u;

/** More bytes may follow, and what stands here is not whole without them. */
export class MoreNeeded extends Error {}

/** Bytes that are no JSON: what is wrong, in words, and where. */
export class JsonDamaged extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reads values of JSON (RFC 8259) out of some bytes. Errors: {@link JsonDamaged}, {@link MoreNeeded}. */
export class JsonReader {
  at: number;
  readonly #bytes: Buffer;
  readonly #isLast: boolean;

  constructor(bytes: Buffer, at: number, isLast: boolean) {
    this.#bytes = bytes;
    this.at = at;
    this.#isLast = isLast;
  }

  /** The byte that follows blanks; undefined at the end of everything. */
  next(): number | undefined {
    const bytes = this.#bytes;
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    }
    if (this.#isLast) return undefined;
    throw new MoreNeeded();
  }

  /** The object that begins here. */
  object(depth = 0): Members {
    const begins = this.at;
    if (depth > deepest) throw this.damaged(`it is nested more than ${deepest} deep`);
    const members = new Members();
    this.at += 1;
    if (this.#within() === CLOSES) this.at += 1;
    else
      do {
        if (this.#within() !== QUOTE) throw this.damaged("a name in quotation marks is missing");
        const name = this.#string();
        if (this.#within() !== COLON) throw this.damaged("a colon is missing behind a name");
        this.at += 1;
        this.#within();
        const value = this.#value(depth + 1);
        if (members.of.has(name)) members.twice ??= { name, text: "" };
        members.of.set(name, value);
      } while (this.#goesOn(CLOSES, "}"));
    if (members.twice !== undefined)
      members.twice.text = this.#bytes.toString("utf8", begins, this.at);
    return members;
  }

  damaged(message: string): JsonDamaged {
    return new JsonDamaged(message, Math.min(this.at, this.#bytes.length));
  }

  /** As `next`, where something has to follow. */
  #within(): number {
    const byte = this.next();
    if (byte === undefined) throw this.damaged("the object is never closed");
    return byte;
  }

  /** Whether a comma follows, and not the end. */
  #goesOn(end: number, sign: string): boolean {
    const byte = this.#within();
    if (byte !== COMMA && byte !== end)
      throw this.damaged(`a comma or ${sign} is missing behind a value`);
    this.at += 1;
    return byte === COMMA;
  }

  #value(depth: number): Node {
    const byte = this.#bytes[this.at];
    if (byte === QUOTE) return this.#string();
    if (byte === OPENS) return plainOf(this.object(depth));
    if (byte === LIST) return this.#list(depth);
    return this.#plain();
  }

  #list(depth: number): Node {
    if (depth > deepest) throw this.damaged(`it is nested more than ${deepest} deep`);
    const found: Node[] = [];
    this.at += 1;
    if (this.#within() === LIST_ENDS) this.at += 1;
    else
      do {
        this.#within();
        found.push(this.#value(depth + 1));
      } while (this.#goesOn(LIST_ENDS, "]"));
    return found;
  }

  #string(): string {
    const bytes = this.#bytes;
    const begins = this.at + 1;
    let [at, escaped, ascii] = [begins, false, true];
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        escaped = true;
        at += 1;
      } else if (byte < 0x20) {
        this.at = at;
        throw this.damaged(
          byte === 0x0a || byte === 0x0d
            ? "a text is not closed on its line"
            : "a control character stands in a text",
        );
      } else if (byte >= 0x80) ascii = false;
    }
    if (at >= bytes.length) {
      if (!this.#isLast) throw new MoreNeeded();
      throw this.damaged("a text is never closed");
    }
    const text = bytes.toString(ascii ? "latin1" : "utf8", begins, at);
    const from = this.at;
    this.at = at + 1;
    if (!escaped) return text;
    try {
      return JSON.parse(`"${text}"`);
    } catch {
      this.at = from;
      throw this.damaged("a backslash in a text is followed by what means nothing");
    }
  }

  #plain(): Node {
    const bytes = this.#bytes;
    const begins = this.at;
    while (this.at < bytes.length && isOfWord(bytes[this.at] as number)) this.at += 1;
    if (this.at === bytes.length && !this.#isLast) throw new MoreNeeded();
    const text = bytes.toString("latin1", begins, this.at);
    if (text === "null") return null;
    if (words.has(text) || NUMBER.test(text)) return new Plain(text);
    this.at = begins;
    throw this.damaged(text === "" ? "a value is missing" : "a value is none that JSON has");
  }
}

/** Of a number, or of a word. */
const isOfWord = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2b ||
  byte === 0x2d ||
  byte === 0x2e;

/** A name as a message tells it. */
export const toldName = (name: string): string => (plainName.test(name) ? `"${name}"` : "a name");
