import type { Migration } from "../define/definition.ts";
import { notedIn } from "../define/looked-at.ts";
import { count } from "../services/words.ts";
import { longestText } from "../stages/import/clean-row.ts";
import { names, type Problem, warning } from "./problem.ts";

/** Spellings of a status that are told one by one, the commonest. */
const mostWords = 200;

/** The spellings of a status that no decision looks for, with how many rows have each; null for none at all. */
export function unlistedWords({
  field,
  unlisted,
}: {
  readonly field: string;
  readonly unlisted: ReadonlyMap<string | null, number>;
}): readonly Problem[] {
  const words = [...unlisted].sort(([, one], [, other]) => other - one);
  const rarer = words.slice(mostWords);
  return [
    ...words
      .slice(0, mostWords)
      .map(([word, rows]) =>
        warning(
          "status_unlisted",
          field,
          `${word === null ? "No value" : `“${word.slice(0, 60)}”`} of “${field}” is not looked for by any decision.`,
          "Say in a decision what it means; what nobody lists goes where “otherwise” says.",
          rows,
        ),
      ),
    ...(rarer.length === 0
      ? []
      : [
          warning(
            "status_unlisted",
            field,
            `${count(rarer.length)} rarer spellings of “${field}” are not looked for by any decision either.`,
            "Say of those above what they mean, and check again.",
            rarer.reduce((all, [, rows]) => all + rows, 0),
          ),
        ]),
  ];
}

/** That rows have a text that is not kept whole, unless a rule lets them go without the rest. */
export function cutTexts({ entity }: Migration, rows: number): readonly Problem[] {
  const ruled = entity.validate.some(
    ({ verdict, when }) => verdict !== "needs_review" && notedIn(when).includes("text_cut"),
  );
  if (rows === 0 || ruled) return [];
  return [
    warning(
      "text_cut",
      entity.from[0] ?? "",
      `A text in rows of ${names(entity.from)} is longer than what is kept of one, ${count(longestText)} characters: such a row is held.`,
      "Leave a column that nothing is made of out of the table’s columns, cut its texts in a copy of the source, or let such rows go without the rest by a rule about “text_cut”.",
      rows,
    ),
  ];
}
