import type { Condition } from "./condition.ts";
import type { Marks } from "./marks.ts";

/**
 * How rows of a table are made of rows that are staged already, before anything is judged: nothing of it is read from
 * the source.
 */
export type Made =
  /** One row for each element of a list that stands in a column. */
  (
    | ({ readonly each: string; readonly list: string } & Elements)
    /** One row for each row of a table, with the one row of others that it names. */
    | { readonly joined: string; readonly with: Readonly<Record<string, Partner>> }
    /** One row for all rows that have the same in some columns: what the first of them by an order has. */
    | {
        readonly grouped: string;
        readonly by: readonly string[];
        readonly order: readonly string[];
        /** Which of the rows are grouped, by their fields; all of them unless said. */
        readonly where?: Condition;
        /** Further columns, `group.NAME`, from fields of the rows of a group. */
        readonly values?: Readonly<Record<string, OfGroup>>;
      }
  ) &
    Beside;

/** Which elements a list has, and what tells them apart. */
export interface Elements {
  /** It is a text, parted by this: `GIT; KLV`. JSON and arrays as PostgreSQL writes them need no such word. */
  readonly by?: Marks;
  /** A row is known by its element, of which each counts once, and not by its place in the list. */
  readonly key?: "item";
  /** What an element is called in columns, `item` unless said: of a list within an element, something else than that is. */
  readonly as?: string;
}

/** What stands beside the columns of a made row. */
interface Beside {
  /** Fields of the JSON objects that stand in columns, by the column: `column.field` then, in place of the column. */
  readonly opened?: Readonly<Record<string, readonly string[]>>;
  /** The place of the row, from 1, among those that have the same in some columns. */
  readonly numbered?: Numbered;
}

/** By what rows are numbered: whole numbers by their size, before texts by their bytes; what is missing comes last. */
export interface Numbered {
  readonly within: readonly string[];
  readonly by: readonly string[];
  /** A column whose numbers, from 1, are kept, each by the first row that has it: the others take those that are free. */
  readonly keep?: string;
}

/** What a group has of a field of its rows. */
export type OfGroup =
  | { readonly earliest: string }
  | { readonly latest: string }
  /** Of words that stand in a list the last one. */
  | { readonly highest: string; readonly order: readonly string[] }
  /** What the first row by a time has. */
  | { readonly first: string; readonly by: string }
  /** What the numbers of all rows come to; nothing that is a number where one of them could not be read. */
  | { readonly total: string }
  /** The texts of all rows, one behind the other with something between them, by a number or a time. */
  | { readonly text: string; readonly by: string; readonly with: string }
  /** A JSON list of an object for each row, by a time. */
  | { readonly list: readonly (readonly [name: string, field: string])[]; readonly by: string };

/** Another table, and which of its columns have to hold what a column of the row holds. */
export interface Partner {
  readonly table: string;
  readonly on: Readonly<Record<string, string>>;
  /** Small and capital letters are one, and so are blanks: `zoe@a.example` is found by ` Zoe@A.example`. */
  readonly case?: "ignored";
  /** A row without one is right: what would be of it is null then. */
  readonly optional?: true;
  /**
   * A row with several is one row for each of them: `NAME.pair` tells them apart, and `NAME.first`
   * has the row's own key on the first of them, and nothing on the others.
   */
  readonly each?: true;
}
