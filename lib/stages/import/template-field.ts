import type { Field } from "../../define/definition.ts";
import { piecesOf } from "../../define/pieces.ts";
import { textReader } from "../../normalize/free-text.ts";
import type { LegacyRow } from "../../sources/source.ts";

/** The text, and whether it holds what a spreadsheet left of one. */
interface ReadTemplate {
  readonly value: string | null;
  readonly noted: readonly "spoilt"[];
}

/**
 * Makes the function that makes a text of a row's columns: the first of a template's texts all of whose columns hold
 * something, null where none is. Columns are tidied as texts are, and lines are kept.
 *
 * @param at where a column is in the row
 */
export function templateOf(
  { of }: Extract<Field, { kind: "template" }>,
  at: (column: string) => number,
): (row: LegacyRow) => ReadTemplate {
  const tidy = textReader({ lines: true });
  const texts = of.map((text) =>
    piecesOf(text).map((piece) =>
      "text" in piece ? piece : { index: at(piece.column), word: piece.word ?? null },
    ),
  );
  return (row) => {
    for (const pieces of texts) {
      let isSpoilt = false;
      const made = pieces.map((piece) => {
        if ("text" in piece) return piece.text;
        const { value, reason } = tidy(row[piece.index] ?? null);
        if (reason === "spoilt") isSpoilt = true;
        return value ?? piece.word;
      });
      if (!made.includes(null)) return { value: made.join(""), noted: isSpoilt ? ["spoilt"] : [] };
    }
    return { value: null, noted: [] };
  };
}
