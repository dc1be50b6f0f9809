import type { FieldFinding, Finding } from "./findings.ts";

/** A condition on one staged row; compiled to a SQL predicate, shown to people as it stands. */
export type Condition =
  | { readonly missing: string }
  | { readonly present: string }
  /** A finding noted on the row, e.g. `birth_date_impossible`, or of one field, e.g. `joined_on_unreadable`. */
  | { readonly noted: Finding | FieldFinding }
  | { readonly field: string; readonly is: readonly string[] }
  /**
   * The state of a referenced thing: its mapping's status or, by code, its type, or `unreadable` where
   * what it belongs to cannot be read.
   */
  | { readonly reference: string; readonly is: readonly string[] }
  /** A day or a time that is over when the run is started. */
  | { readonly passed: string }
  /** Of two days or times the one is before the other. */
  | { readonly before: string; readonly than: string }
  /** A time before a setting of the run; where one of the two is not there it does not hold. */
  | { readonly time: string; readonly earlierThan: string }
  /** A column of the row of the platform that the row is already; where it is none it does not hold. */
  | { readonly there: string; readonly is: readonly string[] }
  /** A time of that row is before a time of this one. */
  | { readonly there: string; readonly before: string }
  /** A column of that row would be written. */
  | { readonly changes: string }
  /** Whoever started the run said a setting of it, with whatever value. */
  | { readonly said: string }
  /** What a setting of the run says is another than what a field holds; where nothing was said it does not hold. */
  | { readonly other: string; readonly thanSetting: string }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };
