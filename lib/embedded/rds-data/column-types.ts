import { unsupportedResult } from "./errors.ts";

/** How a column's text from the database becomes a `Field`. */
export type Kind = "long" | "double" | "boolean" | "blob" | "decimal" | "time" | "zoned" | "text";

export interface ColumnType {
  /** As PostgreSQL names it, such as `int4` or `_text`. */
  readonly name: string;
  readonly kind: Kind;
  readonly array: boolean;
  /** `java.sql.Types`, which the service reports; for arrays that of the elements. */
  readonly jdbc: number;
}

const scalar = (name: string, kind: Kind, jdbc: number): ColumnType => ({
  name,
  kind,
  array: false,
  jdbc,
});
const arrayOf = (element: ColumnType): ColumnType => ({
  ...element,
  name: `_${element.name}`,
  array: true,
});

const bool = scalar("bool", "boolean", -7);
const int2 = scalar("int2", "long", 5);
const int4 = scalar("int4", "long", 4);
const int8 = scalar("int8", "long", -5);
const float4 = scalar("float4", "double", 7);
const float8 = scalar("float8", "double", 8);
const numeric = scalar("numeric", "decimal", 2);
const text = scalar("text", "text", 12);
const varchar = scalar("varchar", "text", 12);
const bpchar = scalar("bpchar", "text", 1);
const name = scalar("name", "text", 12);
const date = scalar("date", "text", 91);
const time = scalar("time", "time", 92);
const timestamp = scalar("timestamp", "time", 93);
const timestamptz = scalar("timestamptz", "zoned", 93);
const uuid = scalar("uuid", "text", 1111);
const json = scalar("json", "text", 1111);
const bit = scalar("bit", "text", -7);

/** The types that the service documents as results, by PostgreSQL's fixed object ids. */
const SUPPORTED: ReadonlyMap<number, ColumnType> = new Map([
  [16, bool],
  [17, scalar("bytea", "blob", -2)],
  [19, name],
  [20, int8],
  [21, int2],
  [23, int4],
  [25, text],
  [114, json],
  [650, scalar("cidr", "text", 1111)],
  [700, float4],
  [701, float8],
  [869, scalar("inet", "text", 1111)],
  [1042, bpchar],
  [1043, varchar],
  [1082, date],
  [1083, time],
  [1114, timestamp],
  [1184, timestamptz],
  [1700, numeric],
  [2950, uuid],
  [3802, scalar("jsonb", "text", 1111)],
  [199, arrayOf(json)],
  [1000, arrayOf(bool)],
  [1003, arrayOf(name)],
  [1005, arrayOf(int2)],
  [1007, arrayOf(int4)],
  [1009, arrayOf(text)],
  [1014, arrayOf(bpchar)],
  [1015, arrayOf(varchar)],
  [1016, arrayOf(int8)],
  [1021, arrayOf(float4)],
  [1022, arrayOf(float8)],
  [1115, arrayOf(timestamp)],
  [1182, arrayOf(date)],
  [1183, arrayOf(time)],
  [1185, arrayOf(timestamptz)],
  [1231, arrayOf(numeric)],
  [1561, arrayOf(bit)],
  [2951, arrayOf(uuid)],
]);

/** What a catalog says about a type that is not among PostgreSQL's own. */
export interface CatalogType {
  readonly oid: number;
  readonly typname: string;
  /** `e` is an enumeration. */
  readonly typtype: string;
}

/** The ids among these that a catalog must be asked about. */
export const unknownTypes = (oids: readonly number[]) => oids.filter((oid) => !SUPPORTED.has(oid));

/**
 * The column's type: one of PostgreSQL's own, an enumeration, or a vector.
 *
 * @throws {ServiceError} UnsupportedResultException for the rest, as the service does: cast it to
 * text.
 */
export function columnType(oid: number, catalog: ReadonlyMap<number, CatalogType>): ColumnType {
  const supported = SUPPORTED.get(oid);
  if (supported) return supported;
  const found = catalog.get(oid);
  if (found?.typtype === "e") return scalar(found.typname, "text", 12);
  if (found?.typname === "vector") return scalar("vector", "text", 1111);
  const shown = found?.typname.toUpperCase() ?? oid;
  throw unsupportedResult(`The result contains the unsupported data type ${shown}.`);
}
