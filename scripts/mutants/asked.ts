/** What a process that runs tests is asked: some files, in this order, up to the first that fails. */
export interface Question {
  readonly tests: readonly string[];
  /** What the database server holds before: nothing, what was kept as states, or what the question before left. */
  readonly server: "empty" | "states" | "as it is";
  /** Templates of databases that are made anew. */
  readonly without?: readonly string[];
  /** What is made anew in the templates that stay, as SQL. */
  readonly remade?: readonly string[];
  /** Which state `states-in-tests.ts` is to make. */
  readonly state?: string;
  /** Keeps what the database server holds afterwards. */
  readonly keepAs?: "empty" | "states";
  /** Folder for what ran of the product, a file for each test file. */
  readonly ran?: string;
}

/** How it went. */
export interface Reply {
  readonly files: readonly {
    /** Path from the project's folder. */
    readonly test: string;
    readonly state: "passed" | "failed" | "skipped";
    readonly seconds: number;
    readonly messages: readonly string[];
  }[];
  /** What no test file told. */
  readonly errors: readonly string[];
  /** Templates of databases that were made meanwhile. */
  readonly made: readonly string[];
}

/** What the process tells: a test file that begins, the answer, or why there is none. */
export type Told = { readonly begins: string } | Reply | { readonly broke: string };
