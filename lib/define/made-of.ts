/**
 * How rows of a table are made of rows that are staged already, before anything is judged: nothing of it is read from
 * the source.
 */
export type Made =
  /** One row for each element of a JSON list that stands in a column. */
  | { readonly each: string; readonly list: string }
  /** One row for each row of a table, with the one row of others that it names. */
  | { readonly joined: string; readonly with: Readonly<Record<string, Partner>> }
  /** One row for all rows that have the same in some columns: what the first of them by an order has. */
  | {
      readonly grouped: string;
      readonly by: readonly string[];
      readonly order: readonly string[];
    };

/** Another table, and which of its columns have to hold what a column of the row holds. */
export interface Partner {
  readonly table: string;
  readonly on: Readonly<Record<string, string>>;
  /** A row without one is right: what would be of it is null then. */
  readonly optional?: true;
}
