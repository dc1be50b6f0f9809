/** A database's refusal, without what it quotes of the rows. */
export class DatabaseErrorException extends Error {
  override readonly name = "DatabaseErrorException";
}

/** Something of the moment ended a step; its message is for people, and it may be sent again (`statemachines/`). */
export abstract class OfTheMoment extends Error {}

/** What a step talks to, and what is under way there. */
const others = {
  database: ["the database", "A transaction"],
  evidence: ["the store of evidence", "An object"],
  service: ["a service of AWS", "An object"],
} as const;
type Other = keyof typeof others;

/**
 * The way to the database or to the store of evidence was lost, or a session or its transaction: what does that to one
 * try does nothing to the next.
 */
export class ConnectionLost extends OfTheMoment {
  override readonly name = "ConnectionLost";

  constructor(why: string, to: Other, options?: ErrorOptions) {
    const [name, whole] = others[to];
    super(
      `The connection to ${name} was lost in the middle (${why}). ${whole} that was under way is written as a whole or not at all; what is sent again finds what is written, and goes on from there.`,
      options,
    );
  }
}

/** A statement was not answered in the time that the Data API gives to one. */
class StatementTimedOut extends OfTheMoment {
  override readonly name = "StatementTimeoutException";

  constructor(options?: ErrorOptions) {
    super(
      "A statement took longer than the 45 s that the Data API gives to one. A transaction that was under way is written as a whole or not at all; what is sent again finds what is written, and goes on from there. " +
        "The cluster may just have woken or have too little capacity for so many rows: look at its load, and at who holds what the statement waits for.",
      options,
    );
  }
}

/** Of two who write at the same moment the database let the other one through. */
export class DatabaseContended extends OfTheMoment {
  override readonly name = "DatabaseContended";

  constructor(why: string, options?: ErrorOptions) {
    super(
      `Somebody else wrote the same rows at the same moment (${why}). Nothing of this was written; it may be sent again.`,
      options,
    );
  }
}

/** Codes of a connection that broke: the statement may or may not have been executed. */
export const connectionBroke: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
]);

const sqlState = /SQLState: ([0-9A-Z]{5})/;

/**
 * States after which another session gets on: a connection that failed, a transaction that was left idle or ended for
 * its time, too many connections, a server that goes down or comes up, a statement that somebody cancelled.
 */
const lostStates = /^(?:08|25P0[34]|53300|57P|57014)/;
/** Of serializing, of a deadlock, of a lock that was not given in time; of the catalogue PostgreSQL says it in words alone. */
const contendedStates = /^(?:40001|40P01|55P03)$/;

/** What those states mean to whoever reads of one. */
const meansOf: readonly (readonly [state: RegExp, says: string])[] = [
  [/^53300$/, "too many connections are open"],
  [
    /^25P03$/,
    "its transaction was left waiting for longer than idle_in_transaction_session_timeout",
  ],
  [/^25P04$/, "its transaction took longer than is set"],
  [/^57014$/, "a statement was cancelled, or took longer than is set"],
  [/^57P01$/, "the session was ended, or the server goes down"],
  [/^57P02$/, "the server crashed"],
  [/^57P03$/, "the server is starting or stopping"],
  [/^57P05$/, "the session was idle for too long"],
  [/^40001$/, "of two who changed the same one was let through"],
  [/^40P01$/, "two waited for each other"],
  [/^55P03$/, "a lock was not given in time"],
];

const saysState = (state: string): string =>
  [
    `SQLState: ${state}`,
    ...meansOf.flatMap(([each, says]) => (each.test(state) ? [says] : [])),
  ].join(", ");

/**
 * What PostgreSQL said, which quotes values: clusters were seen to pass it on as a bad request, too. What else is said of a
 * request quotes none.
 */
const ofDatabase = ({ name, message }: Error): boolean =>
  name === "DatabaseErrorException" || (name === "BadRequestException" && sqlState.test(message));

/**
 * A server that was the writer of a cluster until another one took over. Its state alone would be many things', but every
 * transaction of ours says that it writes or that it does not, and only of such a server it may not say so.
 */
const tookOver = /\bcannot [\w() -]+ during recovery\b/;

/**
 * The Data API's own names for it, and for what was waited for in vain (`retry.ts`), but for those that state machines
 * know as they are.
 */
const lostNames = new Set([
  ...["InternalServerErrorException", "TransactionNotFoundException"],
  ...["SecretsErrorException", "InvalidResourceStateException"],
  ...["ServiceUnavailableError", "ServiceUnavailableException", "TooManyRequestsException"],
]);

/** What two of those names mean, of which AWS's documentation says no more than what a cluster or a secret may lack. */
const meansOfName: Readonly<Record<string, string>> = {
  SecretsErrorException:
    "the secret with a role's password could not be read in time, is not there, or is under a key that may not be used",
  InvalidResourceStateException: "the cluster is stopped, or is just being started or changed",
};

/** Names of the Data API's that state machines know as they are, and one machine's own disk, which says what to do. */
const asTheyAre = new Set(["DatabaseUnavailableException", "ThrottlingException", "DiskFull"]);

/**
 * Whether a service of AWS failed by itself, or took no more just then, though the SDK asked it again: what the SDK tells
 * of an answer, and what stores call it.
 */
function serviceFailed(error: unknown): error is Error {
  if (!(error instanceof Error) || !("$metadata" in error) || asTheyAre.has(error.name))
    return false;
  const { httpStatusCode = 0 } = error.$metadata as { httpStatusCode?: number };
  return (
    httpStatusCode >= 500 ||
    httpStatusCode === 429 ||
    ["RequestTimeout", "SlowDown"].includes(error.name)
  );
}

/** An error of a call whose connection broke, or that nobody answered, by its name; any other as it is. */
export function brokenTo(other: Other, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  const why = [code, error.name].find(
    (each) => connectionBroke.has(each) || each === "TimeoutError",
  );
  if (why === undefined && other !== "database" && serviceFailed(error))
    return new ConnectionLost(error.name, other, { cause: error });
  return why === undefined ? error : new ConnectionLost(why, other, { cause: error });
}

/**
 * An error of a call to the Data API under the name that state machines know it by, without what it quotes of the rows.
 * What other services failed with is none: a transaction passes that on as it is.
 */
export function named(failure: unknown): unknown {
  const error = brokenTo("database", failure);
  if (!(error instanceof Error) || error instanceof OfTheMoment) return error;
  if (lostNames.has(error.name)) {
    const why = [error.name, meansOfName[error.name]].filter(Boolean).join(": ");
    return new ConnectionLost(why, "database", { cause: error });
  }
  if (error.name === "StatementTimeoutException") return new StatementTimedOut({ cause: error });
  if (!ofDatabase(error)) return error;
  const state = sqlState.exec(error.message)?.[1] ?? "";
  if (lostStates.test(state) || tookOver.test(error.message)) {
    // What a foreign table of the platform's is read from is another server.
    const [elsewhere] = /could not connect to server "[^"]+"/.exec(error.message) ?? [];
    const why = [elsewhere, saysState(state)].filter(Boolean).join("; ");
    return new ConnectionLost(why, "database", { cause: error });
  }
  if (
    contendedStates.test(state) ||
    /\btuple concurrently (?:updated|deleted)\b/.test(error.message)
  )
    return new DatabaseContended(saysState(state), { cause: error });
  return withoutValues(error);
}

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
  // Kinds of things, and one word: “permission denied for Sara Benali” is what a platform's own function says.
  /^permission denied for (?:table|view|materialized view|foreign table|foreign server|sequence|schema|function|procedure|routine|type|domain|column|language|large object|database|tablespace|relation) "?\S+"?$/,
  /^permission denied to (?:alter|create|drop|set|grant|terminate|cancel|change|use) [a-z ]+(?: "[\w.]+")?$/,
  /^user mapping not found for user "[^"]+"(?:, server "[^"]+")?$/,
  /^must be (?:owner of [a-z ]+ "?\S+"?|able to SET ROLE "\S+")$/,
  // One word: a trigger that puts a statement together of a row has PostgreSQL name the row's words as what is not there.
  /^(?:relation|schema|type|database|role|extension|column|constraint) "?[A-Za-z_][\w.]*"? (?:of relation "[\w.]+" )?(?:does not exist|already exists)$/,
  /^function [\w.]+\([\w.[\], ]*\) (?:does not exist|already exists)$/,
  /^(?:column reference "[\w.]+" is ambiguous|missing FROM-clause entry for table "[\w.]+")$/,
  /^there is no unique (?:or exclusion )?constraint matching [a-z ]+(?:"[\w.]+")?$/,
  /^could not (?:serialize access due to|obtain lock on|extend file|write (?:to )?(?:temporary |lock |init |cache |block|file)|(?:create|open|access) (?:file|directory|relation|status)) ?[^:]*(?:: No space left on device)?$/,
  /^canceling statement due to [a-z -]+$/,
  /^(?:deadlock detected|out of memory|out of shared memory|the database system is [a-z ]+|terminating connection [a-z ]+|disk full)[^:]*$/,
  /^current transaction is aborted, commands ignored until end of transaction block$/,
  /^wavegate\.\w+ is append-only$/,
  /^a row may be (?:deleted|changed) only with the entry of the ledger that says (?:it was created here|what it held)$/,
  /^an entry of the ledger (?:names a row that this transaction did not create|is about a row that this transaction did not change so)$/,
  /^the audit log takes no personal data$/,
];

/**
 * PostgreSQL quotes values in its messages (`Key (phone)=(…) already exists`), and messages end in
 * execution histories and mails. What stays is the SQLState, by which code decides, and what failed, where
 * that is one of {@link namesThings}.
 */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error) || !ofDatabase(error)) return error;
  const state = sqlState.exec(error.message)?.[1] ?? "unknown";
  const [, severity = "ERROR", text = ""] = /^(?:([A-Z]+): )?([^;\n]*)/.exec(error.message) ?? [];
  // Where the error is is quoted, which may be a row's as well.
  const what = text.trim().replace(/^syntax error at or near .*$/su, "syntax error");
  const said =
    what === "syntax error" || namesThings.some((sentence) => sentence.test(what))
      ? what
      : state.startsWith("22")
        ? "a value does not fit"
        : "the database refused it";
  return new DatabaseErrorException(`${severity}: ${said}; SQLState: ${state}`);
}
