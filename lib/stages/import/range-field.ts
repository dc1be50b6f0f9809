import type { Field } from "../../define/definition.ts";
import type { BoundField, Lasting } from "../../define/fields.ts";
import type { Fault } from "../../define/findings.ts";
import { boundsOf, rangeOf } from "../../normalize/bounds.ts";
import { endOf } from "../../normalize/lasting.ts";
import { numberReader } from "../../normalize/number.ts";
import { presentText } from "../../normalize/value.ts";
import type { LegacyRow } from "../../sources/source.ts";
import { ofColumn, timestampReader } from "./first-read.ts";
import { type Reader, valueReader } from "./value-readers.ts";

type Range = Extract<Field, { kind: "range" }>;

/**
 * Makes the function that makes a range of two columns of a row, or of one that holds ranges. A bound that is missing, or
 * that the legacy system has for none, is open, which is noted where how long it lasts is missing; of two such columns there
 * is no range, nor where a bound cannot be read, or where nothing is between them.
 *
 * @param at where a column is in the row
 */
export function rangeReader(
  { starts, ends, last, whole, open = [] }: Range,
  at: (column: string) => number,
): (row: LegacyRow) => Made {
  const none = new Set(open);
  const bound = (
    field: BoundField | Lasting,
    at: (column: string) => number,
  ): ((row: LegacyRow) => Read) => {
    const index = at(field.from);
    const read =
      field.kind === "timestamp"
        ? timestampReader(field, at)
        : ofColumn(
            index,
            field.kind === "lasting" ? numberReader({ whole: true }) : valueReader(field),
          );
    return (row) => (none.has(presentText(row[index] ?? null) ?? "") ? unbounded : read(row));
  };
  const made = (bounds: readonly Read[], isIn: Parameters<typeof rangeOf>[3]): Made => {
    const noted = bounds.flatMap(({ reason }) =>
      reason === null || reason === "missing" ? [] : [reason],
    );
    // What is noted and has a value is one that clocks showed twice, or never; a zero date is none.
    const lost = bounds.some(
      ({ value, reason }) => value === null && reason !== null && !openAt.has(reason),
    );
    const [from, to] = bounds.map(({ value }) => value);
    if (lost || (from === null && to === null)) return { value: null, noted };
    const { value, reason } = rangeOf(starts.kind, from ?? null, to ?? null, isIn);
    return { value, noted: reason === null ? noted : [...noted, reason] };
  };
  if (whole === true) {
    const read = bound(starts, () => 0);
    const index = at(starts.from);
    return (row) => {
      const text = presentText(row[index] ?? null);
      if (text === null) return { value: null, noted: [] };
      const found = boundsOf(text);
      if (found === "empty" || found === undefined)
        return { value: null, noted: [found ?? "unreadable"] };
      const bounds = found.bounds.map((each) => read([each]));
      // Without beginning and end it is one all the same, and says so.
      return bounds.every(
        ({ value, reason }) => value === null && (reason ?? "missing") === "missing",
      )
        ? { value: "(,)", noted: [] }
        : made(bounds, found.isIn);
    };
  }
  const [first, second] = [bound(starts, at), bound(ends, at)];
  return (row) => {
    const begins = first(row);
    const end = ends.kind === "lasting" ? endOfRow(begins, second(row), ends) : second(row);
    return made([begins, end], { first: true, last: last === "in" });
  };
}

interface Made {
  readonly value: string | null;
  readonly noted: readonly Fault[];
}

type Read = ReturnType<Reader>;

/** Where a range ends that lasts so long: open where that is not said, which is noted; unreadable where it begins nowhere. */
function endOfRow(begins: Read, lasts: Read, { unit }: Lasting): Read {
  if (lasts.value === null)
    return lasts.reason === "missing" && begins.value !== null
      ? { value: null, reason: "absent" }
      : lasts;
  if (begins.value === null)
    return begins.reason === null || openAt.has(begins.reason)
      ? { value: null, reason: "unreadable" }
      : missing;
  const value = endOf(begins.value, Number(lasts.value), unit);
  return value === null ? { value, reason: "out_of_bounds" } : { value, reason: null };
}

/** Reasons for which a bound is open. */
const openAt: ReadonlySet<string> = new Set(["missing", "zero", "absent"]);
const unbounded = { value: null, reason: null } as const;
const missing = { value: null, reason: "missing" } as const;
