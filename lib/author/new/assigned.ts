import type { Field, Guessed } from "../guess.ts";
import type { TargetColumn } from "../target.ts";
import { nearness } from "./alike.ts";

/** Whether no row that was looked at has anything in the column that a field is of. */
export function isEmpty({ guesses, columns, sample }: Guessed, { field }: Field): boolean {
  const at = columns.indexOf(guesses.find((guess) => guess.field === field)?.column ?? "");
  return at >= 0 && sample.every((row) => !row[at]?.trim());
}

/** Which column each field goes into: of several for one the nearest by its name comes first, and one that is empty last. */
export function assigned(
  fields: readonly Field[],
  columns: readonly TargetColumn[],
  isLast: (field: Field) => boolean,
): Map<Field, TargetColumn> {
  const pairs = fields.flatMap((field) =>
    columns.flatMap((column) => {
      const near = nearness(field, column);
      return near === undefined ? [] : [{ field, column, rank: isLast(field) ? 3 : near }];
    }),
  );
  const found = new Map<Field, TargetColumn>();
  const taken = new Set<TargetColumn>();
  for (const { field, column } of pairs.sort((one, other) => one.rank - other.rank)) {
    if (found.has(field) || taken.has(column)) continue;
    found.set(field, column);
    taken.add(column);
  }
  return found;
}
