import type { Field } from "../../define/definition.ts";
import { piecesOf } from "../../define/pieces.ts";

/** What is wrong with a text's letters. */
export const isBothCases = ({ lower, upper }: { lower?: boolean; upper?: boolean }) =>
  lower === true && upper === true && "is in small letters and in capitals: say one of both.";

/** What is wrong with a text that is composed of columns. */
export function composed(field: Extract<Field, { kind: "composed" }>): (string | false)[] {
  if (field.of.length === 0) return ["is composed of nothing."];
  const unfit = field.of.flatMap((text) => {
    const pieces = piecesOf(text);
    const columns = pieces.filter((piece) => "column" in piece).length;
    const around = pieces.flatMap((piece) => ("text" in piece ? [piece.text] : [])).join("");
    if (columns === 0)
      return [
        `is composed of “${text}”, which names no column: write it beside one, as in “{column}, ${text}”, with which it is left out.`,
      ];
    return columns > 1 && /[()[\]«»“”„<>]/u.test(around)
      ? [
          `is composed of “${text}”, of which half a bracket is left where a column holds nothing: give what stands in brackets a text of its own, as in composed("{title}", "({year})").`,
        ]
      : [];
  });
  return [isBothCases(field), ...unfit];
}

/** What is wrong with a choice of words. */
export const choice = (field: Extract<Field, { kind: "choice" }>): (string | false)[] => [
  field.containing !== undefined &&
    field.otherwise === undefined &&
    "looks for words within texts, each of which would be listed as one that nobody said: say `otherwise`.",
  [...(field.beginnings ?? []), ...(field.containing ?? [])].some(([word]) => word.trim() === "") &&
    "looks for a word that is none: every text has it.",
  Object.keys(field.means).length +
    (field.beginnings ?? []).length +
    (field.containing ?? []).length ===
    0 && "has no words to choose from.",
];
