import {
  SourceAccessDenied,
  SourceError,
  SourceFailed,
  SourceLost,
  SourceSchemaMismatch,
  SourceSettingsInvalid,
  SourceUnreachable,
} from "../errors.ts";

const DENIED = new Set([
  "ER_ACCESS_DENIED_ERROR",
  "ER_ACCESS_DENIED_NO_PASSWORD_ERROR",
  "ER_ACCESS_DENIED_CHANGE_USER_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_COLUMNACCESS_DENIED_ERROR",
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
  "ER_ACCOUNT_HAS_BEEN_LOCKED",
  "ER_HOST_NOT_PRIVILEGED",
  "ER_HOST_IS_BLOCKED",
  "ER_MUST_CHANGE_PASSWORD",
  "ER_MUST_CHANGE_PASSWORD_LOGIN",
  "ER_NOT_SUPPORTED_AUTH_MODE",
  "AUTH_SWITCH_PLUGIN_ERROR",
]);

const MISSING: Readonly<Record<string, string>> = {
  ER_BAD_DB_ERROR: "there is no such database",
  ER_NO_SUCH_TABLE: "there is no such table",
  ER_BAD_FIELD_ERROR: "a column that is to be read does not exist",
  ER_VIEW_INVALID: "a view refers to something that does not exist",
};

const CHARACTER_SET = new Set([
  "ER_UNKNOWN_CHARACTER_SET",
  "ER_UNKNOWN_COLLATION",
  "ER_COLLATION_CHARSET_MISMATCH",
]);

const LOST = new Set([
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ER_SERVER_SHUTDOWN",
  "ER_NORMAL_SHUTDOWN",
  "ER_CONNECTION_KILLED",
  "ER_QUERY_INTERRUPTED",
  "ER_STATEMENT_TIMEOUT",
  "ER_QUERY_TIMEOUT",
  "ER_CLIENT_INTERACTION_TIMEOUT",
  "ER_LOCK_WAIT_TIMEOUT",
  "ER_LOCK_DEADLOCK",
]);

/** An error of the driver, as what it means for a run; the driver's own is kept as the cause. */
export function translate(
  error: unknown,
  description: string,
  phase: "connecting" | "reading",
): SourceError {
  if (error instanceof SourceError) return error;
  const { code = "unknown error", fatal = false } = error as { code?: string; fatal?: boolean };
  const cause = { cause: error };
  if (DENIED.has(code)) return new SourceAccessDenied(description, reasonOf(code), cause);
  const missing = MISSING[code];
  if (missing !== undefined) return new MissingInSource(description, missing, cause);
  if (CHARACTER_SET.has(code)) {
    return new SourceSettingsInvalid(
      `${description} does not know the character set or collation of the settings, or they do not belong together; ` +
        "nothing was read. Write for example utf8mb4 with utf8mb4_unicode_ci.",
      cause,
    );
  }
  if (phase === "connecting") return new SourceUnreachable(description, reasonOf(code), cause);
  return LOST.has(code) || fatal
    ? new SourceLost(description, reasonOf(code), cause)
    : new SourceFailed(description, reasonOf(code), cause);
}

class MissingInSource extends SourceSchemaMismatch {
  constructor(description: string, missing: string, options: ErrorOptions) {
    super(
      `${description} is not what the migration expects: ${missing}. No further row was read. ` +
        "Check the database name, compare the tables with the definition, and that the user has SELECT on them.",
      options,
    );
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "host name not resolved",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOENT: "no such socket",
  EACCES: "the socket may not be opened",
  ER_CON_COUNT_ERROR: "too many connections",
  ER_TOO_MANY_USER_CONNECTIONS: "too many connections of this user",
  ER_ACCESS_DENIED_ERROR: "wrong user or password",
  ER_DBACCESS_DENIED_ERROR: "no privilege on the database",
  ER_TABLEACCESS_DENIED_ERROR: "no SELECT on a table",
  ER_COLUMNACCESS_DENIED_ERROR: "no SELECT on a column",
  ER_HOST_NOT_PRIVILEGED: "this host may not connect",
  PROTOCOL_CONNECTION_LOST: "the server closed the connection",
  PROTOCOL_SEQUENCE_TIMEOUT: "no answer in time",
  HANDSHAKE_NO_SSL_SUPPORT: "the server offers no TLS",
  HANDSHAKE_SSL_ERROR: "the TLS certificate is not valid for this CA and host",
};

/** Codes only, never the driver's message: it may name users, hosts or values. */
function reasonOf(code: string): string {
  const word = WORDS[code];
  return word === undefined ? code : `${word}, ${code}`;
}
