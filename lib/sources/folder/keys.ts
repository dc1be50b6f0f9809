import { isIntegerKey, keyColumns, keyParts, keyText, type SourceKey } from "../../define/keys.ts";

/** A whole number of 64 bits, exact: a number as far as numbers are. */
export type Integer = number | bigint;

const USUAL = /^-?\d{1,15}$/;
/** A whole number, also as a spreadsheet or a decimal column writes it: ` 5 `, `+7`, `1.0`. */
const WHOLE = /^\s*([+-]?\d{1,40})(?:\.0*)?\s*$/;

/** A thousand to some, and one to others. */
const AMBIGUOUS = /^\s*[+-]?[1-9]\d{0,2}\.000\s*$/;

/** Whether the text is a whole number, of however many digits. */
export const isWhole = (text: string | null | undefined): boolean =>
  WHOLE.test(text ?? "") && !AMBIGUOUS.test(text ?? "");

/** The text as an integer, or null when it is none of 64 bits. A whole number written as a decimal is that number (D33). */
export function asInteger(text: string | null | undefined): Integer | null {
  if (text === null || text === undefined) return null;
  if (USUAL.test(text)) return Number(text);
  const [, digits] = WHOLE.exec(text) ?? [];
  if (digits === undefined || AMBIGUOUS.test(text)) return null;
  const exact = BigInt(digits.replace("+", ""));
  if (BigInt.asIntN(64, exact) !== exact) return null;
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : exact;
}

/** How every number is written by a database: `007` and `-0` are texts. */
const PLAIN = /^(?:0|-?[1-9]\d{0,19})$/;

/** A key as it is compared: a number, a text, or a list of them. */
export type Key = Integer | string | readonly (Integer | string)[];

/** How the keys of one file are compared, once all of them are known. */
export interface KeyOrder {
  /** The key of these texts; null where a part of it is absent. */
  of(parts: readonly (string | null)[]): Key | null;
  /** The key that `keyText` wrote. */
  read(text: string): Key;
  write(key: Key): string;
  compare(left: Key, right: Key): number;
}

/** Whether each column has held plain integers only: what a database would call a number. */
export class Numbers {
  readonly #plain: boolean[];

  constructor(columns: number) {
    this.#plain = Array.from({ length: columns }, () => true);
  }

  take(parts: readonly (string | null)[]): void {
    for (const [at, part] of parts.entries()) {
      if (part !== null && this.#plain[at] && !PLAIN.test(part)) this.#plain[at] = false;
    }
  }

  get columns(): readonly boolean[] {
    return this.#plain;
  }
}

/** Numbers by their size, everything else by its bytes, column by column. */
export function keyOrder(key: SourceKey, numbers: readonly boolean[]): KeyOrder {
  const columns = keyColumns(key).length;
  const declared = isIntegerKey(key);
  const one = (part: string, at: number): Integer | string => {
    if (declared) return asInteger(part) ?? Number.NaN;
    return numbers[at] ? wholeNumber(part) : part;
  };
  const of = (parts: readonly (string | null)[]): Key | null => {
    // Called for every row: of one column nothing is gathered.
    const [only = null] = parts;
    if (columns === 1) return only === null ? null : one(only, 0);
    if (keyText(parts) === null) return null;
    return (parts as readonly string[]).map(one);
  };
  const listed = (value: Key): readonly (Integer | string)[] =>
    typeof value === "object" ? value : [value];
  return {
    of,
    read: (text) => of(keyParts(text, columns)) as Key,
    write: (value) => keyText(listed(value).map(String)) as string,
    compare: (left, right) => {
      if (typeof left !== "object" || typeof right !== "object") {
        return byValue(left as Integer | string, right as Integer | string);
      }
      for (const [at, part] of left.entries()) {
        const order = byValue(part, right[at] as Integer | string);
        if (order !== 0) return order;
      }
      return 0;
    },
  };
}

/** Beyond 64 bits too, as an unsigned column may hold them. */
const wholeNumber = (text: string): Integer => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
};

function byValue(left: Integer | string, right: Integer | string): number {
  if (typeof left === "string" && typeof right === "string") return byBytes(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The order of texts by their bytes in UTF-8, as databases compare them without a language. */
export function byBytes(left: string, right: string): number {
  const most = Math.min(left.length, right.length);
  for (let at = 0; at < most; at++) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a === b) continue;
    // Halves of pairs stand for characters above all others, though their own numbers are lower.
    const pairs = Number(isHalf(a)) - Number(isHalf(b));
    return pairs === 0 ? a - b : pairs;
  }
  return left.length - right.length;
}

const isHalf = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
