import type { Field } from "../define/definition.ts";
import type { Fault } from "../define/findings.ts";
import { rangeOf } from "../normalize/bounds.ts";
import { presentText } from "../normalize/value.ts";
import type { LegacyRow } from "../sources/source.ts";
import { type Reader, valueReader } from "./value-readers.ts";

type Range = Extract<Field, { kind: "range" }>;

/**
 * Makes the function that makes a range of two columns of a row. A bound that is missing, or that the legacy system has for
 * none, is open; of two such ones there is no range, nor where one cannot be read, or where nothing is between them.
 *
 * @param at where a column is in the row
 */
export function rangeReader(
  { starts, ends, last, open = [] }: Range,
  at: (column: string) => number,
): (row: LegacyRow) => { readonly value: string | null; readonly noted: readonly Fault[] } {
  const none = new Set(open);
  const bound = (index: number, read: Reader) => (row: LegacyRow) => {
    const raw = row[index] ?? null;
    return none.has(presentText(raw) ?? "") ? missing : read(raw);
  };
  const [first, second] = [
    bound(at(starts.from), valueReader(starts)),
    bound(at(ends.from), valueReader(ends)),
  ];
  return (row) => {
    const bounds = [first(row), second(row)];
    const noted = bounds.flatMap(({ reason }) =>
      reason === null || reason === "missing" ? [] : [reason],
    );
    // What is noted and has a value is one that clocks showed twice, or never; a zero date is none.
    const lost = bounds.some(
      ({ value, reason }) => value === null && reason !== "missing" && reason !== "zero",
    );
    const [from, to] = bounds.map(({ value }) => value);
    if (lost || (from === null && to === null)) return { value: null, noted };
    const { value, reason } = rangeOf(starts.kind, from ?? null, to ?? null, last);
    return { value, noted: reason === null ? noted : [...noted, reason] };
  };
}

const missing = { value: null, reason: "missing" } as const;
