import type { Value } from "./value.ts";

/**
 * How a column of the platform tells that a row is there already: it holds the value, in any case of its
 * letters, or it lies so near to it.
 */
export type SameAs = Value & {
  /** Letters are compared in lower case. */
  readonly lower?: true;
  /** How far a time or number may be from it: an interval, as PostgreSQL reads it, or a number. */
  readonly within?: string;
  /** Found by this way alone a row is nobody's for certain: it is held, and a person looks. */
  readonly perhaps?: true;
};

/**
 * Columns that together tell it, the first one never null and compared exactly; of the others null equals null.
 * A list, as an order means something.
 */
export type Same = readonly (readonly [column: string, as: SameAs])[];

/**
 * In which way alone a column of a row that is there is written: by an earlier time, where it is null, upwards by an
 * order of words, where another column of the row is written as well, or at a place in its JSON, beside all that
 * stands there.
 */
export type Only =
  | "earlier"
  | "missing"
  | "beside"
  | { readonly upwards: readonly string[] }
  | { readonly at: readonly string[] };

/** What is written of a column of a row that is there. */
export type Updated = Value & { readonly only?: Only };

/** Columns of a row that is there which are written, where they differ from what the legacy row says. */
export interface Update {
  readonly update: Readonly<Record<string, Updated>>;
}

/** What becomes of a row that is there already: it is left as it is, brought up to date, or asked about. */
export type There = "keep" | "conflict" | Update;

/**
 * What a row is on the platform: nothing (`none`), one row (`one`), one that has nothing to write (`same`) or
 * something (`differs`) where it would be brought up to date, several, one that another row is as well (`shared`), or
 * one that it may be and not for certain (`perhaps`).
 */
export const thereStates = [
  "none",
  "one",
  "same",
  "differs",
  "several",
  "shared",
  "perhaps",
] as const;
export type ThereState = (typeof thereStates)[number];

/** Those of {@link thereStates} that rows of a kind can be: where they are brought up to date, one is the same or differs. */
export const thereStatesOf = (entity: { readonly there?: There }): readonly ThereState[] => {
  const never = isUpdated(entity) ? ["one"] : ["same", "differs"];
  return thereStates.filter((state) => !never.includes(state));
};

/** The columns that are written of a row that is there, each with where its value comes from. */
export const updatesOf = ({
  there,
}: {
  readonly there?: There;
}): Readonly<Record<string, Updated>> => (typeof there === "object" ? there.update : {});

/** Whether waves change rows that are there already. */
export const isUpdated = (entity: { readonly there?: There }): boolean =>
  Object.keys(updatesOf(entity)).length > 0;

const given = <V extends Value>(value: string | V): V | { readonly staged: string } =>
  typeof value === "string" ? { staged: value } : value;

/**
 * `same({ email: lower("mail") })`: which row of the platform a row is, by columns of the table that it is written
 * into, each with the field or other value that it holds.
 */
export const same = (columns: Readonly<Record<string, string | SameAs>>): Same =>
  Object.entries(columns).map(([column, value]) => [column, given(value)] as const);
/** By what rows of a kind are wanted once: each by itself. */
export const oncesOf = <Once extends { readonly fields: unknown }>({
  once,
}: {
  readonly once?: Once | readonly Once[] | undefined;
}): readonly Once[] => (once === undefined ? [] : "fields" in once ? [once] : once);

/** A field by which a row is wanted once. */
export interface OnceField {
  readonly name: string;
  readonly lower?: true | undefined;
  /** How far from the row before it a time or number may lie. */
  readonly within?: string | undefined;
}
/** What `once` names, a field by itself or one compared otherwise; of any other value no name. */
export const onceField = (of: string | SameAs): OnceField =>
  typeof of === "string"
    ? { name: of }
    : { name: "staged" in of ? of.staged : "", lower: of.lower, within: of.within };
/** A time as `is` and `once` take it for a distance, such as `90 minutes` or `1:30`. */
export const isTimeSpan = (within: string): boolean =>
  /^(?:\d{1,4}:[0-5]\d(?::[0-5]\d)?|(?:\d{1,6} ?(?:second|sec|minute|min|hour|day|week)s? ?)+)$/u.test(
    within,
  );
/** A number for a distance. */
export const isSpan = (within: string): boolean => /^\d{1,9}(?:\.\d{1,6})?$/u.test(within);

/** `same({ last_name: perhaps("last"), phone: "mobile" })`: likely, and nobody's for certain. */
export const perhaps = (value: string | SameAs): SameAs => ({ ...given(value), perhaps: true });
export const lower = (value: string | Value): SameAs => ({
  ...given(value),
  lower: true,
});
/** `within("start", "60 minutes")`; beside a column that is compared exactly. */
export const within = (value: string | Value, distance: string): SameAs => ({
  ...given(value),
  within: distance,
});
/** `update({ phone: "mobile", tier_id: of("tier") })`: what is written of a row that is there. */
export const update = (columns: Readonly<Record<string, string | Updated>>): Update => ({
  update: Object.fromEntries(
    Object.entries(columns).map(([column, value]) => [column, given(value)]),
  ),
});
const only = (value: string | Value, how: Only): Updated => ({ ...given(value), only: how });
/** `onlyEarlier("joined")`: a time, where the one that is there is later, or none. */
export const onlyEarlier = (value: string | Value): Updated => only(value, "earlier");
/** `onlyMissing("key")`: where nothing is there. */
export const onlyMissing = (value: string | Value): Updated => only(value, "missing");
/** `onlyUpwards("role", ["member", "moderator"])`: where what is there stands before it in the list. */
export const onlyUpwards = (value: string | Value, order: readonly string[]): Updated =>
  only(value, { upwards: order });
/** `onlyBeside(started)`: where another column of the row is written. */
export const onlyBeside = (value: string | Value): Updated => only(value, "beside");
/** `placed(["imported", "visits"], "visits")`: at that place of a JSON object, beside all that stands in it. */
export const placed = (at: readonly string[], value: string | Value): Updated =>
  only(value, { at });
