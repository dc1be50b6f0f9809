import { createHash } from "node:crypto";
import type { Field } from "../../define/definition.ts";
import { piecesOf } from "../../define/pieces.ts";
import type { LegacyRow } from "../../sources/source.ts";

/**
 * Makes the function that makes a digest of a row, null where one of its columns has no value and no word stands
 * for that.
 *
 * @param at where a column is in the row
 */
export function digestOf(
  { by, of }: Extract<Field, { kind: "digest" }>,
  at: (column: string) => number,
): (row: LegacyRow) => string | null {
  const pieces = piecesOf(of).map((piece) =>
    "text" in piece ? piece : { index: at(piece.column), word: piece.word ?? null },
  );
  return (row) => {
    let made = "";
    for (const piece of pieces) {
      const text = "text" in piece ? piece.text : (row[piece.index] ?? piece.word);
      if (text === null) return null;
      made += text;
    }
    return createHash(by).update(made, "utf8").digest("hex");
  };
}
