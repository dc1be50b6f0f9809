import {
  SourceAccessDenied,
  SourceError,
  SourceFailed,
  SourceLimitReached,
  SourceLost,
  SourceSchemaMismatch,
  SourceUnreachable,
  socketWords,
} from "../errors.ts";

/** SQLSTATEs and codes of Node's sockets, in words. Class 08 is about the connection itself. */
const WORDS: Readonly<Record<string, string>> = {
  ...socketWords,
  "28000": "this user may not connect from here",
  "28P01": "wrong user or password",
  "42501": "no SELECT on something that is to be read, or row-level security would hide rows",
  "3D000": "there is no such database",
  "3F000": "there is no such schema",
  "42P01": "there is no such table",
  "42703": "a column that is to be read does not exist",
  "53100": "the server's disk is full",
  "53200": "the server is out of memory",
  "53300": "too many connections",
  "53400": "a limit of the server's configuration",
  "55P03": "a lock was not given in time",
  "57014": "the statement was cancelled or took too long",
  "57P01": "the server ended the connection",
  "57P02": "the server crashed",
  "57P03": "the server is starting or stopping",
  "57P05": "the session was idle for too long",
  "22021": "text that is not valid in the database's encoding",
  "22P05": "text that has no form in UTF-8",
  ERR_TLS_CERT_ALTNAME_INVALID: "the TLS certificate names another host",
};

/** What the server says of a table some rows of which are not for everybody. */
const HIDING = /affected by row-level security policy for table "(.+)"/u;

const DENIED = new Set(["28000", "28P01", "42501"]);
const MISSING = new Set(["3D000", "3F000", "42P01", "42703"]);
/** The server is there and stops at a limit of its own; what to do about it. */
const LIMITS: Readonly<Record<string, string>> = {
  "40001": "Run the same step again.",
  "40P01": "Run the same step again.",
  "53100": "Tell whoever runs the server: its disk is full.",
  "53200": "Tell whoever runs the server: it is out of memory.",
  "53300":
    "Wait until others have ended, or have max_connections, or the role's CONNECTION LIMIT, raised.",
  "53400": "Have the limit of the server's configuration raised.",
  "55P03": "Run the same step again when whoever holds the lock is done.",
  "57014": "Have statement_timeout raised for this role, or read at a quieter hour.",
  "57P03": "Wait until the server has started.",
};
const LOST = new Set(["57P01", "57P02", "57P05", "25P03", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);

/** What the driver says without a code. */
const SAID: readonly [RegExp, code: string, word: string][] = [
  [/does not support SSL/iu, "NO_TLS", "the server offers no TLS"],
  [/timeout expired|read timeout|timeout exceeded/iu, "ETIMEDOUT", "no answer in time"],
  [
    /terminated unexpectedly|Connection terminated|not queryable/iu,
    "ECONNRESET",
    "connection reset",
  ],
  [/certificate/iu, "TLS_CERTIFICATE", "the TLS certificate is not valid for this CA and host"],
  [/password must be a string|no password/iu, "28P01", "wrong user or password"],
];

/** An error of the driver, as what it means for a run; the driver's own is kept as the cause. */
export function translate(
  error: unknown,
  description: string,
  phase: "connecting" | "reading",
): SourceError {
  if (error instanceof SourceError) return error;
  const { code, reason } = reasonOf(error);
  const cause = { cause: error };
  const hidden = HIDING.exec((error as Error).message)?.[1];
  if (hidden !== undefined)
    return new SourceAccessDenied(description, `row-level security of “${hidden}”, ${code}`, {
      ...cause,
      next:
        "It would hide rows from this user, and nobody would know which: let a user read that it is not asked of " +
        "(alter role … bypassrls), or read from a copy without it.",
    });
  if (DENIED.has(code)) return new SourceAccessDenied(description, reason, cause);
  if (MISSING.has(code)) {
    return new SourceSchemaMismatch(
      `${description} is not what the migration expects: ${WORDS[code]}. No further row was read. ` +
        "Check the database name, compare the tables with the definition, and that the user has SELECT on them.",
      cause,
    );
  }
  const next = LIMITS[code];
  if (next !== undefined) return new SourceLimitReached(description, reason, { ...cause, next });
  if (phase === "connecting") {
    // A server that answers with a SQLSTATE is there.
    return /^(?=.*\d)[0-9A-Z]{5}$/u.test(code) && !code.startsWith("08")
      ? new SourceFailed(description, reason, cause)
      : new SourceUnreachable(description, reason, cause);
  }
  return LOST.has(code) || code.startsWith("08")
    ? new SourceLost(description, reason, cause)
    : new SourceFailed(description, reason, cause);
}

/** Codes and words only, never the server's message: it may name users, hosts or values. */
function reasonOf(error: unknown): { code: string; reason: string } {
  const { code, message = "" } = error as { code?: string; message?: string };
  const said = SAID.find(([pattern]) => pattern.test(message));
  if (code === undefined || !(code in WORDS)) {
    if (said) return { code: said[1], reason: said[2] };
  }
  if (code === undefined) return { code: "unknown", reason: "unknown error" };
  const word = WORDS[code];
  return { code, reason: word === undefined ? code : `${word}, ${code}` };
}
