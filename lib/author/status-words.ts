import { isSpoilt } from "../normalize/spoilt.ts";
import { holdsSomebody } from "../review/shape.ts";
import type { Guessed } from "./guess.ts";

/** Words of a status that a draft lists, at most. */
const wordsAtMost = 40;

/**
 * What stands in a column that may be a status, word by word. A definition is read by many: what is about somebody, as
 * where columns have moved, and what a spreadsheet left of a word stands in none, and is a word that nobody listed.
 *
 * @param names what was guessed of the columns of the row's own name
 */
export function statusWords(
  main: Guessed,
  column: string | undefined,
  names: readonly { readonly column: string }[],
): string[] {
  const at = main.columns.indexOf(column ?? "");
  const own = names.map((name) => main.columns.indexOf(name.column));
  const words = main.sample.flatMap((row) => {
    const word = row[at]?.trim();
    return word &&
      !isSpoilt(word) &&
      !holdsSomebody(word, own.map((each) => row[each] ?? "").join(" "))
      ? word
      : [];
  });
  return [...new Set(words)].slice(0, wordsAtMost);
}
