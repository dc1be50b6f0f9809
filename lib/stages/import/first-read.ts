import { columnsElse, type TimestampField } from "../../define/fields.ts";
import { dayAndTimeReader } from "../../normalize/moment.ts";
import type { LegacyRow } from "../../sources/source.ts";
import { butNone, type Reader, valueReader } from "./value-readers.ts";

type Read = ReturnType<Reader>;

/**
 * Reads a field's own column, or where it is empty or a zero date the first of the others that is not. Of columns none of
 * which holds anything the first zero date is told.
 *
 * @param at where a column is in the row
 */
export function firstRead<Read extends { readonly reason: string | null }>(
  field: { readonly from: string },
  at: (column: string) => number,
  own: (row: LegacyRow) => Read,
  other: (raw: string | null) => Read,
): (row: LegacyRow) => Read {
  const others = columnsElse(field).map(at);
  if (others.length === 0) return own;
  const isNone = ({ reason }: Read) => reason === "missing" || reason === "zero";
  return (row) => {
    let none = own(row);
    if (!isNone(none)) return none;
    for (const each of others) {
      const read = other(row[each] ?? null);
      if (!isNone(read)) return read;
      if (none.reason === "missing") none = read;
    }
    return none;
  };
}

/** Reads one column of a row. */
export const ofColumn =
  <Read>(index: number, read: (raw: string | null) => Read): ((row: LegacyRow) => Read) =>
  (row) =>
    read(row[index] ?? null);

/** Reads a timestamp of its own column, and of that of its time of day where it names one. */
export function timestampReader(
  field: TimestampField,
  at: (column: string) => number,
): (row: LegacyRow) => Read {
  const index = at(field.from);
  if (field.at === undefined) return ofColumn(index, valueReader(field));
  const oneClock = valueReader(field.at) as (raw: string | null) => Clock;
  const clock = firstRead(field.at, at, ofColumn(at(field.at.from), oneClock), oneClock);
  const both = dayAndTimeReader(field);
  const day = butNone(field, (raw) => raw);
  return (row) => both(day(row[index] ?? null), clock(row));
}

type Clock = Parameters<ReturnType<typeof dayAndTimeReader>>[1];
