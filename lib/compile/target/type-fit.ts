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

const wholeNumber = /^(smallint|integer|bigint)$/;
/** Whether a type, as one below all domains, is one of whole numbers. */
export const isWhole = (base: string): boolean => wholeNumber.test(base);
const exactNumber = /^(smallint|integer|bigint|numeric(\(\d+,-?\d+\))?)$/;

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
  return alike && `not pg_input_is_valid((${written})::text, ${literal(type)})`;
}

/** What of a value a column would not keep. */
export interface Loss {
  /** What the column holds, in words: “2 digits behind the point”. */
  readonly holds: string;
  /** When a value would lose something, as SQL. */
  readonly loses: string;
}

/**
 * What a column would leave out of a field's value without a word, as an insert does it: digits of a number that it does
 * not keep, and of an instant the time of its day, which is another day in each zone. Undefined where it keeps all.
 */
export function lossFor(
  migration: Migration,
  value: Value,
  { base }: Pick<TargetColumn, "base">,
  is: string,
): Loss | undefined {
  if (!("staged" in value)) return undefined;
  const column = valueColumn(migration, value.staged);
  const own = importedColumns(migration).find(({ name }) => name === column)?.type ?? "text";
  if (base === "date" && own === "timestamptz")
    return { holds: "a day and no time", loses: `(${is})::date::timestamptz <> (${is})` };
  if (base === "date" && own === "text") {
    const time = `(${readAs(is, "timestamp without time zone")})`;
    return { holds: "a day and no time", loses: `${time} <> date_trunc('day', ${time})` };
  }
  if (!exactNumber.test(own) && own !== "text") return undefined;
  const number = own === "text" ? `(${readAs(is, "numeric")})` : `(${is})::numeric`;
  if (floating.test(base))
    return { holds: "fewer digits", loses: `${number} <> (${readAs(is, base)})::text::numeric` };
  const digits = digitsKept(base);
  // A text with such digits, or a whole number into another type of those, is none of the column's, or the same.
  if (digits === undefined || (isWhole(base) && own !== "numeric")) return undefined;
  return {
    holds: digits > 0 ? behindThePoint(digits) : wholeBy(10 ** -digits),
    loses: `${number} <> round(${number}, ${digits})`,
  };
}

const behindThePoint = (digits: number): string =>
  `${digits === 1 ? "1 digit" : `${digits} digits`} behind the point`;
const wholeBy = (step: number): string =>
  step === 1 ? "whole numbers" : `whole numbers that end with ${`${step}`.slice(1)}`;

const floating = /^(real|double precision)$/;

/** How many digits behind the point a type of exact numbers keeps; undefined of other types, and where it keeps all. */
function digitsKept(base: string): number | undefined {
  if (isWhole(base)) return 0;
  if (base === "money") return 2;
  const scale = /^numeric\(\d+,(-?\d+)\)$/.exec(base)?.[1];
  return scale === undefined ? undefined : Number(scale);
}
