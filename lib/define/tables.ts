import type { Inherited, SourceTable } from "./definition.ts";
import { keyColumns, type SourceKey } from "./keys.ts";

/**
 * A legacy table: its key first, then the other columns that are read. The key is a column of any type, or
 * a list of several; `integerKey("id")` is one that has to be an integer, and is staged as one.
 */
export const table = (
  key: string | readonly string[] | IntegerKey,
  ...columns: string[]
): SourceTable => {
  const known: SourceKey =
    typeof key === "string" ? [key] : "integer" in key ? key.integer : [...key];
  return { key: known, columns: [...new Set([...keyColumns(known), ...columns])] };
};
/**
 * Other names under which a source may have columns: an export of another language or version. A column with none
 * may be missing. `named(table("no", "mail", "note"), { mail: ["e-mail"], note: [] })`.
 */
export const named = (
  of: SourceTable,
  names: Readonly<Record<string, readonly string[]>>,
): SourceTable => ({ ...of, named: names });

/**
 * Columns that, where they are empty, hold what another row has that the row names: of two with that name and another
 * value neither. `inherited(table("no", "level", "head"), { level: { named: "head", by: ["no"] } })`.
 */
export const inherited = (
  of: SourceTable,
  columns: Readonly<Record<string, Inherited>>,
): SourceTable => ({ ...of, inherited: columns });

/**
 * A table that the definition writes down, as the legacy system has none such: its key, and its rows, with what they
 * lack as null. `catalogue("code", [{ code: "active", label: "Active", place: 10 }, …])`.
 */
export function catalogue(
  key: string,
  rows: readonly Readonly<Record<string, string | number | boolean | null>>[],
): SourceTable {
  const columns = [...new Set([key, ...rows.flatMap((row) => Object.keys(row))])];
  const text = (value: string | number | boolean | null | undefined) =>
    value === null || value === undefined ? null : String(value);
  return {
    key: [key],
    columns,
    rows: rows.map((row) => columns.map((column) => text(row[column]))),
  };
}
/**
 * Tables that are read from another connection than the migration's, whose settings are of that name:
 * `source: { users: table("id"), ...connection("subs", { user_subs: table("legacy_id", "sub") }) }`.
 */
export const connection = <const Tables extends Readonly<Record<string, SourceTable>>>(
  name: string,
  tables: Tables,
): { readonly [Name in keyof Tables]: SourceTable } =>
  Object.fromEntries(
    Object.entries(tables).map(([table, of]) => [table, { ...of, connection: name }]),
  ) as { [Name in keyof Tables]: SourceTable };

/** A key of whole numbers of 64 bits, never null, each once: anything else is refused before it is read. */
export const integerKey = (column: string): IntegerKey => ({ integer: column });

interface IntegerKey {
  readonly integer: string;
}
