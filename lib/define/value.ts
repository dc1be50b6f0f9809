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
  | { readonly run: "id" | "started" };
