import type { SourceKey } from "../define/keys.ts";

/**
 * One legacy row as read: exactly the declared columns, in order, values as the text the legacy
 * system holds; null stays null. Judging and cleaning text is the importer's job.
 */
export type LegacyRow = (string | null)[];

/** The tables to look for: each with its key and the columns that are read. */
export type WantedTables = Readonly<
  Record<string, { readonly key: SourceKey; readonly columns: readonly string[] }>
>;

/**
 * Keys of one table, half-open: greater than `after`, not greater than `upTo`, as `keyText` writes them;
 * null is unbounded. Rows without a whole key belong to what nothing comes before.
 */
export interface KeyRange {
  readonly table: string;
  readonly after: string | null;
  readonly upTo: string | null;
}

/** Facts that preflight records (R1). */
export interface SourceIdentity {
  readonly kind: "mysql" | "postgresql" | "csv" | "api";
  /** SHA-256 of what makes the source this one: server and database, or the files' state. */
  readonly fingerprint: string;
  /**
   * What the user may do to anything that reaches the source database, upper-case and sorted, such
   * as `["SELECT"]`; null where there are no users (csv).
   */
  readonly privileges: readonly string[] | null;
  /** Nothing but reading is possible: the privileges are SELECT alone, or files opened to read. */
  readonly readOnly: boolean;
  /** Whether the connection is TLS; null where there is no connection. */
  readonly encrypted: boolean | null;
  /** What it says of the platform's policies (V5). */
  readonly policies?: Readonly<Record<string, KnownPolicy>>;
}

/** A policy of the platform that a source knows, by its key. */
export interface KnownPolicy {
  readonly value: string;
  /** From the account itself, or from whoever set the connection up. */
  readonly source: "wa_api" | "manual";
}

/** The name of a column as a table has it: where names are compared in any case of letters that may be another. */
export type Header = (column: string) => string | undefined;

/** What a table looks like beside what is wanted of it. */
export interface TableFacts {
  readonly table: string;
  readonly exists: boolean;
  readonly rows: number;
  readonly missingColumns: readonly string[];
  /** Of one that is not there: what tables are called that are, by its name, in other places. */
  readonly elsewhere?: readonly string[];
  /** Of objects that each have names of their own: a column that is wanted, and one that reads like it and is not. */
  readonly alike?: readonly (readonly [wanted: string, other: string])[];
  /** Where its key cannot serve as one: why, in a sentence that names table, column and value. */
  readonly unfitKey?: string;
  /** Those of its columns whose times are instants, which the server gives in UTC without saying so. */
  readonly instants?: readonly string[];
}

/** A legacy system, opened to read. Methods reject with the errors of `errors.ts`. */
export interface Source {
  /** For people, without a password: `mysql legacy at 127.0.0.1:3306`. */
  readonly description: string;
  /** Whether it refuses by itself to be read on where it is another than a run began with. */
  readonly guarded?: boolean;
  identify(): Promise<SourceIdentity>;
  /** What a table calls a column, if it has it; undefined where there is no such table. */
  header?(table: string): Promise<Header | undefined>;
  /** Says for each wanted table whether it and its columns exist, and counts its rows. */
  inspect(tables: WantedTables): Promise<TableFacts[]>;
  /**
   * Ranges of about `rowsPerRange` rows that cover the table as it is now; none when it is empty. Rows of
   * one key are in one range.
   */
  ranges(table: string, key: SourceKey, rowsPerRange: number): Promise<KeyRange[]>;
  /**
   * The rows of a range in key order, in pages of at most `pageRows`: numbers by their size, everything
   * else by the bytes of its text, from every source alike. Rows of one key follow each other, the same
   * way each time. To resume after a lost connection, read again with `after` set to the last key that
   * was kept whole.
   */
  read(
    table: string,
    key: SourceKey,
    columns: readonly string[],
    range: KeyRange,
    pageRows: number,
  ): AsyncIterable<LegacyRow[]>;
  close(): Promise<void>;
}
