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
  /**
   * A day or a time before one that is written down, as the field is: a day, `2015-01-01`; of a time without a zone what
   * its clock showed, `2015-01-01T18:30`; of one with a zone an instant, `2015-01-01T00:00:00+01:00`. Where it is missing
   * the condition does not hold, and a row of which that alone would decide something is held (`date_unknown`).
   */
  | { readonly dated: string; readonly isBefore: string }
  /**
   * A number that is so much or more, or that is less. Where it is missing neither holds, and a row of which that alone
   * would decide something is held (`number_unknown`).
   */
  | { readonly number: string; readonly atLeast: number }
  | { readonly number: string; readonly below: number }
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

/** Conditions keep what they name in their types, so that a name that nothing has does not compile. */
export const missing = <const Name extends string>(field: Name) => ({ missing: field });
export const present = <const Name extends string>(field: Name) => ({ present: field });
/** `earlier("published", "since")`: a time, before a setting of the run. */
export const earlier = <const Name extends string>(time: Name, than: string) => ({
  time,
  earlierThan: than,
});
export const noted = <const Name extends Finding | FieldFinding>(finding: Name) => ({
  noted: finding,
});
export const field = <const Name extends string>(fieldName: Name, ...is: string[]) => ({
  field: fieldName,
  is,
});
/** A day or a time that is over when the run is started. */
export const passed = <const Name extends string>(time: Name) => ({ passed: time });
/** Of two days or times the one is before the other; never where one of them is missing. */
export const before = <const One extends string, const Other extends string>(
  one: One,
  other: Other,
) => ({ before: one, than: other });
/** `datedBefore("lent_on", "2015-01-01")`: a day or a time, before one that is written down. */
export const datedBefore = <const Name extends string>(time: Name, isBefore: string) => ({
  dated: time,
  isBefore,
});
/** `atLeast("score", 50)`: a number that is so much, or more. */
export const atLeast = <const Name extends string>(number: Name, least: number) => ({
  number,
  atLeast: least,
});
/** `below("score", 50)`: a number that is less. */
export const below = <const Name extends string>(number: Name, limit: number) => ({
  number,
  below: limit,
});
/** A column of the row that is there: `thereIs("status", "banned")`. */
export const thereIs = (column: string, ...is: string[]) => ({ there: column, is });
/** A time of the row that is there is before one of this row: `thereBefore("updated_at", "enrolled")`. */
export const thereBefore = <const Name extends string>(column: string, time: Name) => ({
  there: column,
  before: time,
});
/** A column of the row that is there would be written, or was: `changes("role")`. */
export const changes = (column: string) => ({ changes: column });
/** Whoever started the run said this of it: `said("overwrite_edited")`. */
export const said = (setting: string) => ({ said: setting });
/** The run is about something else than this row: `otherThan("community", "only")`. */
export const otherThan = <const Name extends string>(column: Name, setting: string) => ({
  other: column,
  thanSetting: setting,
});
/** The same, as a line of a decision reads. */
export const is = field;
export const referenced = <const Name extends string>(referenceName: Name, ...is: string[]) => ({
  reference: referenceName,
  is,
});
export const all = <const Each extends readonly Condition[]>(...conditions: Each) => ({
  all: conditions,
});
export const any = <const Each extends readonly Condition[]>(...conditions: Each) => ({
  any: conditions,
});
export const not = <const Inner extends Condition>(condition: Inner) => ({ not: condition });
/** A condition that always holds: the last line of a list of rules. */
export const otherwise: { readonly all: readonly [] } = { all: [] };
