import { isSpoilt } from "../../normalize/spoilt.ts";
import { holdsSomebody } from "../../review/shape.ts";
import { fieldName, type Guessed } from "../guess.ts";

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

/**
 * What a draft calls the rows of a word: spellings that differ in capitals or signs are one kind. A word that Latin letters do
 * not say whole is called by its place: `†` and `???`, or two of Arabic, would be one kind otherwise.
 */
export function kindOf(word: string, place: number): string {
  const isSaid = /[\p{Script=Latin}\d]/u.test(word) && !/(?!\p{Script=Latin})\p{L}/u.test(word);
  return isSaid ? fieldName(word) : `word_${place + 1}`;
}
