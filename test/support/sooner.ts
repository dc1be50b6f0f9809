import type { Database } from "../../lib/data/database.ts";
import type { Sql } from "../../lib/data/sql.ts";

/** What a limit of a statement's is in a database of tests: what waits for it waits as it does, and not for so long. */
interface Sooner {
  /** With what is kept of it in a group. */
  readonly limit: RegExp;
  readonly is: string;
}

const within = (statement: Sql, { limit, is }: Sooner): Sql => ({
  ...statement,
  parts: statement.parts.map((part) => part.replaceAll(limit, `$1${is}'`)),
  values: statement.values.map((value) =>
    value.kind === "sql" ? within(value, { limit, is }) : value,
  ),
});

/** The same database, in which a limit that statements set is over sooner. */
export const sooner = (db: Database, limit: Sooner): Database => ({
  rows: (statement) => db.rows(within(statement, limit)),
  one: (statement) => db.one(within(statement, limit)),
  execute: (statement) => db.execute(within(statement, limit)),
  transaction: (work, mode) => db.transaction((inner) => work(sooner(inner, limit)), mode),
});
