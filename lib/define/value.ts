/** Where an inserted column's value comes from. */
export type Value =
  /** `or` where it is missing: the platform's own default, of a column of new rows. */
  | { readonly staged: string; readonly or?: "default" }
  | { readonly mapped: string }
  | { readonly label: string }
  | { readonly linked: string }
  | { readonly constant: string }
  /** What a reference to an entity above is on the platform: a column of that row, its key unless said. */
  | { readonly of: string; readonly column?: string }
  /** The run: its id, or when it was started, the same in every wave and in both rounds of a drill. */
  | { readonly run: "id" | "started" }
  /** A JSON object; what is missing is left out of it. */
  | { readonly object: readonly (readonly [name: string, value: Value])[] }
  /** A UUID, as a key that is derived is made: of rows of a table of the platform, from staged columns. */
  | { readonly uuid: string; readonly from: readonly string[] }
  /** Null. */
  | { readonly nothing: true };

/** The values that a value is made of; itself, where it is no object. */
export const innerValues = (value: Value): readonly Value[] =>
  "object" in value ? value.object.flatMap(([, inner]) => innerValues(inner)) : [value];

export const staged = (column: string): Value => ({ staged: column });
/** A field or staged column, and where it is missing the platform's own default of the column that it is written into. */
export const orDefault = (column: string): Value => ({ staged: column, or: "default" });
/** Whether the platform's own default stands where a value is missing. */
export const hasDefault = (
  value: Value,
): value is { readonly staged: string; readonly or: "default" } =>
  "staged" in value && value.or === "default";
export const mapped = (referenceName: string): Value => ({ mapped: referenceName });
export const label = (referenceName: string): Value => ({ label: referenceName });
export const linked = (targetTable: string): Value => ({ linked: targetTable });
export const constant = (value: string): Value => ({ constant: value });
/** What a row above is on the platform: a column of it, its key unless said. */
export const of = (reference: string, column?: string): Value =>
  column === undefined ? { of: reference } : { of: reference, column };
/** A JSON object: `object({ type: "type" })`; what is missing is left out. */
export const object = (values: Readonly<Record<string, string | Value>>): Value => ({
  object: Object.entries(valuesOf(values)).sort(([one], [other]) => (one < other ? -1 : 1)),
});
/**
 * A UUID that is made of staged columns, the same whenever it is made, and the same that `derived` makes the key of rows of
 * that table: `kept({ club_id: constant("7"), id: uuidFrom("members", "legacy_id") })`.
 */
export const uuidFrom = (table: string, ...from: string[]): Value => ({ uuid: table, from });
/** Null, such as of a row that is no longer deleted. */
export const nothing: Value = { nothing: true };
export const run: Value = { run: "id" };
/** When the run was started: never the moment at which a wave is written. */
export const started: Value = { run: "started" };

/** Values of columns: a text is the field or staged column that one is made from. */
export const valuesOf = (
  values: Readonly<Record<string, string | Value>>,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(
    Object.entries(values).map(([column, value]) => [
      column,
      typeof value === "string" ? staged(value) : value,
    ]),
  );
