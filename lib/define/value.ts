/** Where an inserted column's value comes from. */
export type Value =
  | { readonly staged: string }
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
  /** Null. */
  | { readonly nothing: true };

/** The values that a value is made of; itself, where it is no object. */
export const innerValues = (value: Value): readonly Value[] =>
  "object" in value ? value.object.flatMap(([, inner]) => innerValues(inner)) : [value];
