import { contactIn } from "../evidence/contacts.ts";
import { foldName } from "../normalize/name.ts";

/** Signs of a shape that are shown, at most. */
const longestShape = 60;

/** What a value looks like without what it says: each letter as `a`, each digit as `9`, as in `99/99/9999`. */
export function shapeOf(value: string): string {
  const line = value
    .replace(/[\p{L}\p{M}]/gu, "a")
    .replace(/\p{N}/gu, "9")
    .replace(/[^ -~]/gu, "·");
  return line.length > longestShape ? `${line.slice(0, longestShape - 1)}…` : line;
}

/**
 * Whether a word that should say something of a row, as a status does, is something about a person instead, as where
 * columns have moved: an address, a number of six digits or more (a date, a phone, an account), or a word of the
 * row's own name.
 */
export function holdsSomebody(word: string, name: string | null = null): boolean {
  if (contactIn(word) !== undefined || (word.match(/\p{Nd}/gu) ?? []).length >= 6) return true;
  const own = words(name ?? "");
  return words(word).some((each) => own.includes(each));
}

const words = (text: string): string[] =>
  foldName(text)
    .split(" ")
    .filter((word) => word.length > 2);

/** A status as those may see it who may not see the row whole: its shape where it is about somebody (M14, D20). */
export const wordOrShape = (word: string, name: string | null): string =>
  holdsSomebody(word, name) ? shapeOf(word) : word;
