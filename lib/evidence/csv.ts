/** A value of a cell; null and undefined are an empty one. */
export type Cell = string | number | boolean | null | undefined;

/** Ends a line (RFC 4180). */
export const LINE_END = "\r\n";

/**
 * Characters with which a spreadsheet lets a formula begin (D20), and their full-width and small forms,
 * which some convert on reading.
 */
export const FORMULA_STARTS = "=+-@＝＋－＠−﹦﹢﹣﹫";

/** White space and invisible characters that a spreadsheet skips before it looks for a formula. */
export const SKIPPED_BEFORE_FORMULA: string =
  "\t\n\v\f\r \u00a0\u00ad\u061c\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" +
  "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u3000\ufeff" +
  // Letters without a shape, joiners, variation selectors and marks of format.
  "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3164\uffa0" +
  "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f";

/**
 * What steers a terminal, or turns the order of what is read: shown as the replacement character. The
 * inside of a bracket expression, in the notation that JavaScript and PostgreSQL share.
 */
export const STEERING: string =
  "\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";

/** What a spreadsheet of another language, or a careless one, takes for the end of a cell: `;=1+1` runs. */
export const SEPARATORS = ";\t\r\n|\u2028\u2029";

/** Characters as code points, for a bracket expression of both. */
const bracketed = (characters: string): string =>
  [...characters]
    .map((each) => `\\u${each.codePointAt(0)?.toString(16).padStart(4, "0")}`)
    .join("");

/** A formula behind a separator: what stands between them is kept, and an apostrophe put before it. */
export const FORMULA_WITHIN = `([${bracketed(SEPARATORS)}][${bracketed(SKIPPED_BEFORE_FORMULA)}]*)([${bracketed(FORMULA_STARTS)}])`;

const skipped = new Set(SKIPPED_BEFORE_FORMULA);
const steering = new RegExp(`[${STEERING}\\u0000]`, "gu");
const formulaWithin = new RegExp(FORMULA_WITHIN, "gu");
const needsQuotes = /[",\r\n]|^\s|\s$/;

/** Whether a spreadsheet might run a cell with this text instead of showing it (D20). */
export function startsFormula(text: string): boolean {
  if (text.startsWith("\t") || text.startsWith("\r")) return true;
  for (const character of text) {
    if (!skipped.has(character)) return FORMULA_STARTS.includes(character);
  }
  return false;
}

/**
 * One cell: quoted where RFC 4180 needs it; text that begins a formula, or that has one behind something
 * that may be taken for a cell's end, gets an apostrophe there, in quotes; nothing in it steers a terminal.
 */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const formula = startsFormula(value);
  const text = value.replace(formulaWithin, "$1'$2").replace(steering, "\ufffd");
  if (!formula && text === value && !needsQuotes.test(value)) return value;
  return `"${formula ? "'" : ""}${text.replaceAll('"', '""')}"`;
}

/** A text as a reader of {@link csvCell} finds it. */
export function cellText(value: string): string {
  const text = value.replace(formulaWithin, "$1'$2").replace(steering, "\ufffd");
  return startsFormula(value) ? `'${text}` : text;
}

/** One line with its end. */
export const csvLine = (cells: readonly Cell[]): string => cells.map(csvCell).join(",") + LINE_END;
