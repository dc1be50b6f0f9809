import { literal } from "../../data/sql.ts";
import type { Migration, Value } from "../../define/definition.ts";
import { importedColumns, valueColumn } from "../columns.ts";
import type { TargetColumn } from "./table.ts";

/** Whether a value's text is one of a type's; nothing is. */
export const isOne = (value: string, type: string): string =>
  `(${value} is null or pg_input_is_valid((${value})::text, ${literal(type)}))`;
/** A value as a type reads its text; null where it is none of the type. */
export const readAs = (value: string, type: string): string =>
  `case when pg_input_is_valid((${value})::text, ${literal(type)}) then (${value})::text::${type} end`;

/** A day as `03/04/2020`, `3.4.20`: which of its numbers is the month PostgreSQL takes by a setting, and nobody said. */
const dayInDoubt = "(^|[^0-9./-])[0-9]{1,3}[ ./-]+[0-9]{1,2}[ ./-]+[0-9]";

/** When a value's text is none of a column's type, or could be another day: as {@link TargetColumn}s have both. */
export const isNone = (value: string, type: string, base: string): string => {
  const none = `not pg_input_is_valid(${value}, ${literal(type)})`;
  return /^(date$|timestamp)/.test(base) && !base.endsWith("]")
    ? `(${none} or ${value} ~ ${literal(dayInDoubt)})`
    : none;
};

const wholeNumber = /^(smallint|integer|bigint)$/;
/** Whether a type, as one below all domains, is one of whole numbers. */
export const isWhole = (base: string): boolean => wholeNumber.test(base);
export const exactNumber = /^(smallint|integer|bigint|numeric(\(\d+,-?\d+\))?)$/;

/**
 * Whether a column of a type takes of another type's values just those whose text, {@link rounded}, it reads: both as the
 * types below all domains. Of floating numbers, times and what no wave could write that is not so, or not sure.
 */
export function readsAlike(theirs: string, ours: string): boolean {
  const element = ours.replace(/\[\]$/, "");
  if (element !== ours) return theirs.endsWith("[]") && takesText.test(element);
  return (
    theirs === ours ||
    takesText.test(ours) ||
    (exactNumber.test(theirs) && (exactNumber.test(ours) || /^(real|double precision)$/.test(ours)))
  );
}

/** A number as a column of whole ones takes it. */
export const rounded = (
  value: string,
  theirs: Pick<TargetColumn, "base">,
  ours: Pick<TargetColumn, "base">,
): string =>
  isWhole(ours.base) && theirs.base.startsWith("numeric") ? `round((${value})::numeric)` : value;

/** Types that take any text, or cut it off where nobody asked for more. */
export const takesText = /^(text|character( varying)?(\(\d+\))?|citext)$/;

/** Types of staged columns that the catalogue writes otherwise. */
const inFull = new Map([
  ["timestamp", "timestamp without time zone"],
  ["timestamptz", "timestamp with time zone"],
  ["time", "time without time zone"],
]);

/**
 * When a staged value is none of a column's type, as SQL; `true` where every value is one, and `false` where
 * nothing can be said.
 */
export function unfitFor(
  migration: Migration,
  value: Value,
  { type, base, labels }: TargetColumn,
  is: string,
): string | boolean {
  if (!("staged" in value)) return true;
  if (value.staged === "legacy_id" && type === "bigint") return true;
  const column = valueColumn(migration, value.staged);
  const own = importedColumns(migration).find(({ name }) => name === column)?.type;
  const staged = inFull.get(own ?? "text") ?? own ?? "text";
  if (takesText.test(type) || labels !== null || staged === type) return true;
  // A row's values as they came are JSON already: to be read as such, they would be made a text and taken apart.
  if (own === undefined && column === "raw_payload" && type === "jsonb") return true;
  // A wave gives a text to the column's own type, and other values as they are.
  const alike = staged === "text" || readsAlike(staged, base);
  const written = staged === "text" ? is : rounded(is, { base: staged }, { base });
  return alike && isNone(`(${written})::text`, type, base);
}
