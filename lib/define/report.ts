import type { Condition } from "./condition.ts";

/** A number that a dry run shows: rows for which the condition holds. `says` is what people read. */
export interface Count {
  readonly id: string;
  readonly says: string;
  readonly when: Condition;
}

/** What a stop condition measures. */
export type Measure =
  /** A share (0–1) of all rows, or of those for which `of` holds. */
  | { readonly share: Condition; readonly of?: Condition }
  /** A number of rows. */
  | { readonly rows: Condition }
  /**
   * Rows for which the condition, which looks at decisions, says that a reference by code is real,
   * although the definition's rule says that it is a placeholder.
   */
  | { readonly takenForReal: string; readonly where: Condition };

/** A reason to stop before anything is signed (R7, D15): it holds when more than `above` is measured. */
export interface Stop {
  readonly id: string;
  readonly says: string;
  readonly measure: Measure;
  readonly above: number;
}

/** Counts that belong together in a dry run's report, in the order in which they are read. */
export interface Section {
  readonly id: string;
  readonly says: string;
  readonly lines: readonly Count[];
  /** A last line for the rows for which none of the others holds. */
  readonly rest?: string;
}

/** What a dry run shows of a migration (R6, M13), beside its plan. */
export interface Report {
  readonly counts: readonly Count[];
  /** Staged columns of which every value is counted, with what people read. */
  readonly distributions: readonly { readonly column: string; readonly says: string }[];
  readonly sections: readonly Section[];
  /** What mappings are listed by, beside all rows that name one: the weightiest first (R8). */
  readonly mappings?: readonly Count[];
}

export interface SampleQuota {
  readonly id: string;
  readonly says: string;
  readonly rows: number;
  readonly when: Condition;
}

export const count = (id: string, says: string, when: Condition): Count => ({ id, says, when });
export const distribution = (column: string, says: string) => ({ column, says });
export const section = (
  id: string,
  says: string,
  lines: Count[],
  options: { rest?: string } = {},
): Section => ({ id, says, lines, ...options });
/** A share of all rows, or of those for which `of` holds. */
export const share = (part: Condition, of?: Condition): Measure =>
  of === undefined ? { share: part } : { share: part, of };
export const rows = (when: Condition): Measure => ({ rows: when });
export const takenForReal = (
  referenceName: string,
  where: Condition,
): Extract<Measure, { takenForReal: string }> => ({
  takenForReal: referenceName,
  where,
});
/** Stops a sign-off when more than `above` is measured. */
export const stop = (id: string, says: string, measure: Measure, above: number): Stop => ({
  id,
  says,
  measure,
  above,
});
