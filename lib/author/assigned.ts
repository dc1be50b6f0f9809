import { columnFor } from "./alike.ts";
import type { Field, Guessed } from "./drafted.ts";
import { fieldName } from "./guess.ts";
import type { TargetColumn } from "./target.ts";

/** Whether no row that was looked at has anything in the column that a field is of. */
export function isEmpty({ guesses, columns, sample }: Guessed, { field }: Field): boolean {
  const at = columns.indexOf(guesses.find((guess) => guess.field === field)?.column ?? "");
  return at >= 0 && sample.every((row) => !row[at]?.trim());
}

/** Which column each field goes into: of several for one that which is called as it is comes first, and one that is empty last. */
export function assigned(
  fields: readonly Field[],
  columns: readonly TargetColumn[],
  isLast: (field: Field) => boolean,
): Map<Field, TargetColumn> {
  const rank = (field: Field): number =>
    isLast(field) ? 2 : columns.some(({ name }) => fieldName(name) === field.field) ? 0 : 1;
  const found = new Map<Field, TargetColumn>();
  for (const field of fields.toSorted((one, other) => rank(one) - rank(other))) {
    const taken = [...found.values()];
    const column = columnFor(
      field,
      columns.filter((each) => !taken.includes(each)),
    );
    if (column) found.set(field, column);
  }
  return found;
}
