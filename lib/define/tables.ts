import type { Inherited, SourceTable } from "./definition.ts";
import { keyColumns, type SourceKey } from "./keys.ts";
import { type Parted, partNames } from "./parted.ts";

/** A table whose columns types know by their names. */
interface TableOf<Column extends string> extends SourceTable {
  readonly columns: readonly Column[];
}

/** A table that says one thing more of itself. */
type With<Table, What> = Omit<Table, keyof What> & What;

/**
 * A legacy table: its key first, then the other columns that are read. The key is a column of any type, or
 * a list of several; `integerKey("id")` is one that has to be an integer, and is staged as one.
 */
export const table = <
  const Key extends string | readonly string[] | IntegerKey,
  const Columns extends readonly string[],
>(
  key: Key,
  ...columns: Columns
): TableOf<ColumnsOfKey<Key> | Columns[number]> => {
  const of: string | readonly string[] | IntegerKey = key;
  const known: SourceKey = typeof of === "string" ? [of] : "integer" in of ? of.integer : [...of];
  const all = [...new Set([...keyColumns(known), ...columns])];
  return { key: known, columns: all as (ColumnsOfKey<Key> | Columns[number])[] };
};

type ColumnsOfKey<Key> = Key extends string
  ? Key
  : Key extends readonly (infer Column extends string)[]
    ? Column
    : Key extends { readonly integer: infer Column extends string }
      ? Column
      : never;
/**
 * Other names under which a table may have columns: an export of another language or version, a second table of the same
 * people. A column with none may be missing. `named(table("no", "mail", "note"), { mail: ["e-mail"], note: [] })`.
 */
export const named = <
  Table extends SourceTable,
  const Names extends Readonly<Record<string, readonly string[]>>,
>(
  of: Table,
  names: Names,
): With<Table, { readonly named: Names }> => ({ ...of, named: names });

/**
 * Columns that, where they are empty, hold what another row has that the row names: of two with that name and another
 * value neither. `inherited(table("no", "level", "head"), { level: { named: "head", by: ["no"] } })`.
 */
export const inherited = <
  Table extends SourceTable,
  const Columns extends Readonly<Record<string, Inherited>>,
>(
  of: Table,
  columns: Columns,
): With<Table, { readonly inherited: Columns }> => ({ ...of, inherited: columns });

/**
 * Columns that are parts of others, which stay beside them: a name with a comma, two addresses in one field, the bits of
 * a number. `parted(table("no", "name", "flags"), { name: { by: ",", into: ["last", "first"] }, flags: { bits: { news: 1 } } })`.
 */
export const parted = <
  Table extends SourceTable,
  const Columns extends Readonly<Record<string, Parted>>,
>(
  of: Table,
  columns: Columns,
): With<
  Table,
  { readonly columns: readonly WithParts<Table, Columns>[]; readonly parted: Columns }
> => ({
  ...of,
  columns: [...new Set([...of.columns, ...Object.values(columns).flatMap(partNames)])] as WithParts<
    Table,
    Columns
  >[],
  parted: columns,
});

type WithParts<Table extends SourceTable, Columns> =
  | Table["columns"][number]
  | PartsOf<Columns[keyof Columns]>;
type PartsOf<How> = How extends { readonly into: readonly (infer Part extends string)[] }
  ? Part
  : How extends { readonly bits: infer Bits }
    ? keyof Bits & string
    : never;

/**
 * A table that the definition writes down, as the legacy system has none such: its key, and its rows, with what they
 * lack as null. `catalogue("code", [{ code: "active", label: "Active", place: 10 }, …])`.
 */
export function catalogue<
  const Key extends string,
  Row extends Readonly<Record<string, string | number | boolean | null | undefined>>,
>(key: Key, rows: readonly Row[]): TableOf<Key | NamesIn<Row>> {
  const columns = [...new Set([key, ...rows.flatMap((row) => Object.keys(row))])];
  const text = (value: string | number | boolean | null | undefined) =>
    value === null || value === undefined ? null : String(value);
  return {
    key: [key],
    columns: columns as (Key | NamesIn<Row>)[],
    rows: rows.map((row) => columns.map((column) => text(row[column]))),
  };
}

type NamesIn<Row> = Row extends unknown ? keyof Row & string : never;

/**
 * Tables that are read from another connection than the migration's, whose settings are of that name:
 * `source: { users: table("id"), ...connection("subs", { user_subs: table("legacy_id", "sub") }) }`.
 */
export const connection = <const Tables extends Readonly<Record<string, SourceTable>>>(
  name: string,
  tables: Tables,
): Tables =>
  Object.fromEntries(
    Object.entries(tables).map(([table, of]) => [table, { ...of, connection: name }]),
  ) as unknown as Tables;

/** A key of whole numbers of 64 bits, never null, each once: anything else is refused before it is read. */
export const integerKey = <const Column extends string>(column: Column): IntegerKey<Column> => ({
  integer: column,
});

interface IntegerKey<Column extends string = string> {
  readonly integer: Column;
}
