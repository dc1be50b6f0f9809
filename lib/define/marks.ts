/** What stands between the parts of a text: one mark, or any of several, in any case of their letters. */
export type Marks = string | readonly string[];

/** Whether nothing parts, or a mark that is nothing. */
export const partsNothing = (by: Marks): boolean =>
  typeof by === "string" ? by === "" : by.length === 0 || by.includes("");

/**
 * Several marks as a regular expression, of JavaScript as of PostgreSQL, to be met in any case of letters. Of two that
 * begin alike the longer one stands there, of `ext` and `ext.`, of `-` and `--`; a blank is any number of them, and the end of a line itself.
 */
export const anyMark = (marks: readonly string[]): string =>
  marks
    .toSorted((one, other) => other.length - one.length)
    .map((mark) => (/^ +$/u.test(mark) ? "\\s+" : escaped(mark)))
    .join("|");

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");

/** By what a text is split at its marks. */
export const splitAt = (by: Marks): string | RegExp =>
  typeof by === "string" ? by : new RegExp(anyMark(by), "iu");
