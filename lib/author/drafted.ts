import type { ListedTable } from "../sources/tables.ts";
import type { Guess } from "./guess.ts";

/** A legacy table with what its columns look like. */
export interface Guessed extends ListedTable {
  readonly guesses: readonly Guess[];
  /** The columns that tell its rows apart, and why. */
  readonly keyed: {
    readonly columns: readonly string[];
    readonly integer: boolean;
    readonly because: string;
  };
}

/** A field of a definition as it is drafted. */
export interface Field {
  readonly field: string;
  readonly kind: string;
  readonly code: string;
  readonly because: string;
}
