import type { Marks } from "./marks.ts";

/**
 * How columns of their own are made of one column of the legacy system: the texts between marks, in order, the last of
 * them with whatever is left, or with `cutFrom: "end"` the first; texts of so many characters each, one more behind them
 * with whatever is left; or which bits of a whole number are set, `1` or `0`.
 */
export type Parted =
  | {
      readonly by: Marks;
      readonly into: readonly string[];
      readonly cutFrom?: "end";
    }
  | { readonly widths: readonly number[]; readonly into: readonly string[] }
  | { readonly bits: Readonly<Record<string, number>> };

/** A table, as far as it tells what of its columns are parts. */
interface Table {
  readonly parted?: Readonly<Record<string, Parted>>;
}

/** The columns that one is parted into. */
export const partNames = (how: Parted): readonly string[] =>
  "bits" in how ? Object.keys(how.bits) : how.into;

/** The column that a column of a table is a part of. */
export const wholeOf = (table: Table | undefined, column: string): string | undefined =>
  Object.entries(table?.parted ?? {}).find(([, how]) => partNames(how).includes(column))?.[0];
