/** A database's refusal, without what it quotes of the rows. */
export class DatabaseErrorException extends Error {
  override readonly name = "DatabaseErrorException";
}

const sqlState = /SQLState: ([0-9A-Z]{5})/;

/**
 * PostgreSQL's own sentences that name things and quote no value. Whoever writes a trigger may raise any
 * text under any code, and servers speak other languages: every other text is left out.
 */
const namesThings = [
  /^duplicate key value violates unique constraint "[^"]+"$/,
  /^conflicting key value violates exclusion constraint "[^"]+"$/,
  /^new row for relation "[^"]+" violates (?:check constraint "[^"]+"|partition constraint)$/,
  /^value for domain "?[^"]+"? violates check constraint "[^"]+"$/,
  /^null value in column "[^"]+" of relation "[^"]+" violates not-null constraint$/,
  /^(?:insert or update|update or delete) on table "[^"]+" violates foreign key constraint "[^"]+"(?: on table "[^"]+")?$/,
  /^new row violates row-level security policy (?:"[^"]+" )?for table "[^"]+"$/,
  /^permission denied (?:for|to) [^:]+$/,
  /^must be (?:owner|able) [^:]+$/,
  /^(?:relation|schema|type|database|role|extension|column|constraint|function) "?[\w."()[\], ]+"? (?:of relation "[^"]+" )?(?:does not exist|already exists)$/,
  /^(?:operator|syntax error|column reference|missing FROM-clause|there is no unique) [^:]*$/,
  /^could not (?:serialize access|obtain lock|extend file|write|create|open|access) [^:]*(?:: No space left on device)?$/,
  /^canceling statement due to [a-z -]+$/,
  /^(?:deadlock detected|out of memory|out of shared memory|the database system is [a-z ]+|terminating connection [a-z ]+|disk full)[^:]*$/,
  /^current transaction is aborted, commands ignored until end of transaction block$/,
  /^wavegate\.\w+ is append-only$/,
  /^the audit log takes no personal data$/,
];

/**
 * PostgreSQL quotes values in its messages (`Key (phone)=(…) already exists`), and messages end in
 * execution histories and mails. What stays is the SQLState, by which code decides, and what failed, where
 * that is one of {@link namesThings}.
 */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "DatabaseErrorException") return error;
  const state = sqlState.exec(error.message)?.[1] ?? "unknown";
  const [, severity = "ERROR", text = ""] = /^(?:([A-Z]+): )?([^;\n]*)/.exec(error.message) ?? [];
  const said = namesThings.some((sentence) => sentence.test(text.trim()))
    ? text.trim()
    : state.startsWith("22")
      ? "a value does not fit"
      : "the database refused it";
  return new DatabaseErrorException(`${severity}: ${said}; SQLState: ${state}`);
}
