import type { ListedTable } from "../sources/tables.ts";

/** What a column of the source probably is: how it is written in a definition, and why. */
export interface Guess {
  readonly column: string;
  /** The field of the definition. */
  readonly field: string;
  readonly kind: string;
  /** As it stands in the definition, e.g. `email("mail", { placeholders: [] })`. */
  readonly code: string;
  readonly because: string;
}

/** A legacy table with what its columns look like. */
export interface Guessed extends ListedTable {
  readonly guesses: readonly Guess[];
  /** The columns that tell its rows apart, and why. */
  readonly keyed: {
    readonly columns: readonly string[];
    readonly integer: boolean;
    readonly because: string;
  };
}

/** A field of a definition as it is drafted. */
export interface Field {
  readonly field: string;
  readonly kind: string;
  readonly code: string;
  readonly because: string;
}

export type Found = Pick<Guess, "kind" | "code" | "because"> | undefined;

/** Of a column's values nearly all have to look alike; the rest is noted when rows are read. */
export const nearlyAll = 0.9;

/**
 * As TypeScript reads it. What cannot be seen, turns the direction of what is read or ends a line for some readers is
 * written by its number: a definition is checked by people who look at it.
 */
export const quote = (text: string): string =>
  JSON.stringify(text).replaceAll(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, (sign) =>
    sign
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );

/** A text as the key of an object; `__proto__` is one only in brackets. */
export const keyOf = (text: string): string => {
  if (text === "__proto__") return `["__proto__"]`;
  return /^[A-Za-z_$][\w$]*$/u.test(text) ? text : quote(text);
};

/** A name has so many letters. */
export const lettersAtMost = 40;

/** Letters of Latin that are none of ASCII with a mark. */
const written: Readonly<Record<string, string>> = {
  ...{ ø: "o", æ: "ae", œ: "oe", ß: "ss", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" },
};

/** A column as a field is called: `Date Joined` → `date_joined`, `Prénom` → `prenom`, `2nd phone` → `field_2nd_phone`. */
export const fieldName = (column: string): string =>
  column
    .replaceAll(/([a-z0-9])([A-Z])/gu, "$1_$2")
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .replaceAll(/[^\p{ASCII}]/gu, (letter) => written[letter.toLowerCase()] ?? letter)
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_+|_+$/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/gu, "")
    .replace(/^(?=\d)/u, "field_")
    .slice(0, lettersAtMost) || "field";

export const share = (values: readonly string[], fits: (value: string) => boolean): number =>
  values.length === 0 ? 0 : values.filter(fits).length / values.length;
export const called = (column: string, words: RegExp): boolean =>
  fieldName(column)
    .split("_")
    .some((word) => words.test(word));

/** A server gives a TIMESTAMP of MySQL or MariaDB in UTC, wherever its clock hangs. */
export const inUtc = (found: Found, column: string, type: string | undefined): Found =>
  found?.kind === "timestamp" && type === "timestamp"
    ? {
        ...found,
        code: `timestamp(${quote(column)}, { zone: "UTC" })`,
        because: "a TIMESTAMP: an instant, which is read in UTC",
      }
    : found;
