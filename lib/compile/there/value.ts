import type { Migration, Value } from "../../define/definition.ts";
import { importedColumns, valueColumn } from "../columns.ts";
import { standingValue } from "../references/above.ts";
import { rounded } from "../target/type-fit.ts";
import { valueInto } from "../target/value-into.ts";

/** What is known of a column of the table in which rows may be already. */
export interface ColumnThere {
  /** As `format_type` writes it; `base` is the type below all domains, written in the same way. */
  readonly type: string;
  readonly base: string;
  /** Whether it may be null. */
  readonly required: boolean;
  readonly array?: boolean;
  /** Characters it holds, where that is limited. */
  readonly longest?: number;
  /** Its collation, quoted; that of texts where it has none. */
  readonly collation: string;
}

/** The columns of a table, by name. */
export type ColumnTypes = Readonly<Record<string, ColumnThere>>;

export function typeOf(types: ColumnTypes, column: string): ColumnThere {
  const found = types[column];
  if (found !== undefined) return found;
  throw new Error(`“${column}” is no column of the table.`);
}

/** A value over a staged row `s` and its joins, what a row above is included. */
export function valueAt(migration: Migration, value: Value): string {
  if ("of" in value) return standingValue(migration, value);
  const into = valueInto(migration, value);
  // A list without elements says nothing: what is there is not emptied by it.
  const isList = "staged" in value && migration.entity.fields[value.staged]?.kind === "list";
  return isList ? `nullif(${into}, '[]')` : into;
}

/** A value as the text of it is given to a column: a list of JSON, into an array, as one of those is written. */
export function writtenAs(
  migration: Migration,
  value: Value,
  types: ColumnTypes,
  column: string,
): string {
  const is = valueAt(migration, value);
  const kind = "staged" in value ? migration.entity.fields[value.staged]?.kind : undefined;
  if (!typeOf(types, column).array || (kind !== "list" && kind !== "json")) return is;
  return `case when jsonb_typeof(${is}) = 'array' then array(select jsonb_array_elements_text(${is}))::text else (${is})::text end`;
}

/** The same of what is written: a number as a column of whole ones takes it. */
export function updatedTo(
  migration: Migration,
  value: Value,
  types: ColumnTypes,
  column: string,
): string {
  const is = writtenAs(migration, value, types, column);
  if (!("staged" in value)) return is;
  const name = valueColumn(migration, value.staged);
  const staged = importedColumns(migration).find((each) => each.name === name)?.type ?? "text";
  return rounded(is, { base: staged }, typeOf(types, column));
}
