import { cellText } from "../csv.ts";
import { columnsOfPeople } from "./masks.ts";
import type { Row } from "./row.ts";

/** Columns that hold keys of either side, which are compared as they stand in a CSV, or something masked. */
const asTheyStand = new Set([
  ...["id", "row", "legacy_id", "target_id", "changed_columns"],
  ...columnsOfPeople,
]);

/**
 * What the words of a row are behind their cells: a definition may call things, and a source have words, that a
 * spreadsheet would take for a formula, and their cells show an apostrophe more (D20).
 *
 * @param said whatever names them otherwise: each text in it, and each name of a property
 */
export function wordsOfCells(...said: readonly unknown[]): (row: Row) => Row {
  const words = new Map<string, string>();
  const note = (value: unknown): void => {
    if (typeof value === "string") {
      const cell = cellText(value);
      if (cell !== value) words.set(cell, value);
    } else if (typeof value === "object" && value !== null) {
      if (!Array.isArray(value)) for (const name of Object.keys(value)) note(name);
      for (const each of Object.values(value)) note(each);
    }
  };
  for (const each of said) note(each);
  if (words.size === 0) return (row) => row;
  return (row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, cell]) => [
        column,
        asTheyStand.has(column) ? cell : (words.get(cell) ?? cell),
      ]),
    );
}
