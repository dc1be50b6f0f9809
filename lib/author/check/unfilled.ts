import { error, names, type Problem, warning } from "../problem.ts";
import type { TargetColumn, TargetTable } from "../target.ts";

/** The columns that have to have a value and that an action gives none, but by a trigger perhaps. */
export const unfilled = (
  name: string,
  given: ReadonlySet<string>,
  table: TargetTable,
): readonly Problem[] =>
  table.columns
    .filter((column) => column.notNull && !column.filled && !given.has(column.name))
    .map((column) => lacking(name, table, column));

function lacking(name: string, table: TargetTable, { name: column, type, triggers }: TargetColumn) {
  const gives = `“${name}” gives no value to ${table.name}.${column}, which has to have one (${type})`;
  const add = `Add ${column}: staged("…") or constant("…") to the action’s values`;
  const [first] = triggers;
  return first === undefined
    ? error(
        "target_column_unfilled",
        name,
        `${gives}: the platform would refuse every row.`,
        `${add}.`,
      )
    : warning(
        "target_column_triggered",
        name,
        `${gives}: unless the trigger ${names(triggers)} gives it, the platform refuses every row, and the first wave shows it.`,
        `Look at what “${first}” does. ${add} where it gives none.`,
      );
}
