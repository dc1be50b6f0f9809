/** What a server's error means for a run: by its number, which says more than the driver's name. */
export interface Answer {
  /**
   * `denied`: the user may not. `limit`: the server is there and stops at a limit of its own. `lost`:
   * it ended the connection. `missing`: something is not there. `settings`: ours are wrong. `unsafe`:
   * the connection would not be what the settings ask.
   */
  readonly kind: "denied" | "limit" | "lost" | "missing" | "settings" | "unsafe";
  /** The server's own name of the error. */
  readonly name: string;
  readonly why: string;
  /** What to do, a whole sentence; left out where the error's kind says it. */
  readonly next?: string;
}

const answer =
  (kind: Answer["kind"]) =>
  (name: string, why: string, next?: string): Answer => ({
    kind,
    name,
    why,
    ...(next === undefined ? {} : { next }),
  });
const denied = answer("denied");
const limit = answer("limit");
const lost = answer("lost");
const missing = answer("missing");
const settings = answer("settings");

const unlock = "Have it unlocked: ALTER USER … ACCOUNT UNLOCK.";
const expired =
  "Give the user a new password with ALTER USER … IDENTIFIED BY …, and write it into the settings.";
const slow =
  "Have the limit raised for this user (MAX_STATEMENT_TIME in MariaDB, max_execution_time in MySQL), or read at a quieter hour.";
const idle = "Have wait_timeout raised if the server ends connections that wait.";
const charset = "Write for example utf8mb4 with utf8mb4_unicode_ci.";
const unknown = "the character set or collation of the settings is not known there";

/**
 * Numbers of MySQL and MariaDB (`perror NUMBER` tells a server's own words). From 1900 on the two give
 * their own numbers: of those below, none is another error of the other server that reading can meet.
 */
const ANSWERS: Readonly<Record<number, Answer>> = {
  1044: denied("ER_DBACCESS_DENIED_ERROR", "no privilege on the database"),
  1045: denied("ER_ACCESS_DENIED_ERROR", "wrong user or password"),
  1129: denied(
    "ER_HOST_IS_BLOCKED",
    "this host is blocked after too many connections that broke",
    "Have it let in again with `mysqladmin flush-hosts`, and find what broke them.",
  ),
  1130: denied(
    "ER_HOST_NOT_PRIVILEGED",
    "this host may not connect",
    "Create the user for this machine's address.",
  ),
  1142: denied("ER_TABLEACCESS_DENIED_ERROR", "no SELECT on a table"),
  1143: denied("ER_COLUMNACCESS_DENIED_ERROR", "no SELECT on a column"),
  1227: denied("ER_SPECIFIC_ACCESS_DENIED_ERROR", "a privilege is missing"),
  1251: denied(
    "ER_NOT_SUPPORTED_AUTH_MODE",
    "the server's way to sign in is not supported",
    "Create the user with caching_sha2_password or mysql_native_password.",
  ),
  1370: denied("ER_PROCACCESS_DENIED_ERROR", "a view uses a function that the user may not call"),
  1698: denied("ER_ACCESS_DENIED_NO_PASSWORD_ERROR", "wrong user or password"),
  1820: denied("ER_MUST_CHANGE_PASSWORD", "the password has expired", expired),
  1862: denied("ER_MUST_CHANGE_PASSWORD_LOGIN", "the password has expired", expired),
  1873: denied("ER_ACCESS_DENIED_CHANGE_USER_ERROR", "wrong user or password"),
  3118: denied("ER_ACCOUNT_HAS_BEEN_LOCKED", "the account is locked", unlock),
  3159: denied(
    "ER_SECURE_TRANSPORT_REQUIRED",
    "the server takes connections over TLS only",
    "Name the CA's certificate in the connection's MYSQL_ATTR_SSL_CA setting.",
  ),
  3879: denied("ER_DB_ACCESS_DENIED", "no privilege on the database"),
  3955: denied(
    "ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK",
    "the account is locked after too many wrong passwords",
    unlock,
  ),
  4151: denied("ER_ACCOUNT_HAS_BEEN_LOCKED", "the account is locked", unlock),

  1040: limit(
    "ER_CON_COUNT_ERROR",
    "too many connections",
    "Wait until others have ended, or have max_connections raised.",
  ),
  1041: limit(
    "ER_OUT_OF_RESOURCES",
    "the server is out of memory",
    "Tell whoever runs the server.",
  ),
  1104: limit(
    "ER_TOO_BIG_SELECT",
    "the server takes the statement for too big",
    "Have max_join_size raised for this user.",
  ),
  1114: limit("ER_RECORD_FILE_FULL", "a table is full", "Tell whoever runs the server."),
  1021: limit("ER_DISK_FULL", "the server's disk is full", "Tell whoever runs the server."),
  1203: limit(
    "ER_TOO_MANY_USER_CONNECTIONS",
    "too many connections of this user",
    "End others of this user, or have max_user_connections raised.",
  ),
  1205: limit(
    "ER_LOCK_WAIT_TIMEOUT",
    "somebody else holds a lock for too long",
    "Run the same step again when that work is over.",
  ),
  1213: limit(
    "ER_LOCK_DEADLOCK",
    "the server gave way to somebody else's lock",
    "Run the same step again.",
  ),
  1226: limit(
    "ER_USER_LIMIT_REACHED",
    "a limit of this user is reached",
    "Have MAX_USER_CONNECTIONS, or MAX_QUERIES_PER_HOUR and the like, raised for the user, or wait.",
  ),
  1317: limit(
    "ER_QUERY_INTERRUPTED",
    "somebody ended the statement",
    "Run the same step again; if it is ended again, ask whoever runs the server.",
  ),
  1969: limit("ER_STATEMENT_TIMEOUT", "a statement took longer than the user may take", slow),
  3024: limit("ER_QUERY_TIMEOUT", "a statement took longer than the user may take", slow),
  3032: limit(
    "ER_SERVER_OFFLINE_MODE",
    "the server is in offline mode",
    "Tell whoever runs the server.",
  ),

  1053: lost("ER_SERVER_SHUTDOWN", "the server shuts down"),
  1077: lost("ER_NORMAL_SHUTDOWN", "the server shuts down"),
  1080: lost("ER_FORCING_CLOSE", "the server closed the connection"),
  1152: lost("ER_ABORTING_CONNECTION", "the server closed the connection"),
  1158: lost("ER_NET_READ_ERROR", "the network broke"),
  1159: lost("ER_NET_READ_INTERRUPTED", "no answer in time"),
  1160: lost("ER_NET_ERROR_ON_WRITE", "the network broke"),
  1161: lost("ER_NET_WRITE_INTERRUPTED", "no answer in time"),
  1184: lost("ER_NEW_ABORTING_CONNECTION", "the server closed the connection"),
  1927: lost("ER_CONNECTION_KILLED", "the server ended the connection", idle),
  2006: lost("CR_SERVER_GONE_ERROR", "the server closed the connection", idle),
  2013: lost("CR_SERVER_LOST", "the server closed the connection", idle),
  3169: lost("ER_SESSION_WAS_KILLED", "the server ended the connection", idle),
  4031: lost(
    "ER_CLIENT_INTERACTION_TIMEOUT",
    "the server ended a connection that waited for too long",
    idle,
  ),

  1049: missing("ER_BAD_DB_ERROR", "there is no such database"),
  1054: missing("ER_BAD_FIELD_ERROR", "a column that is to be read does not exist"),
  1146: missing("ER_NO_SUCH_TABLE", "there is no such table"),
  1356: missing("ER_VIEW_INVALID", "a view refers to something that does not exist"),
  1449: missing("ER_NO_SUCH_USER", "the user that a view was made by does not exist"),

  1115: settings("ER_UNKNOWN_CHARACTER_SET", unknown, charset),
  1253: settings(
    "ER_COLLATION_CHARSET_MISMATCH",
    "character set and collation of the settings do not belong together",
    charset,
  ),
  1273: settings("ER_UNKNOWN_COLLATION", unknown, charset),
};

/** What the driver refuses by itself after it spoke with the server. */
const OF_DRIVER: readonly Answer[] = [
  denied(
    "AUTH_SWITCH_PLUGIN_ERROR",
    "the server's way to sign in is not supported",
    "Create the user with caching_sha2_password or mysql_native_password.",
  ),
  answer("unsafe")(
    "HANDSHAKE_NO_SSL_SUPPORT",
    "the server offers no TLS",
    "Turn TLS on at the server, or take the CA out of the settings where the network is trusted.",
  ),
  answer("unsafe")(
    "HANDSHAKE_SSL_ERROR",
    "the TLS certificate is not valid for this CA and host",
    "Check the CA's file, that the certificate has not expired, and that it names the host.",
  ),
];

const named = new Map(
  [...Object.values(ANSWERS), ...OF_DRIVER].map((each) => [each.name, each] as const),
);

/**
 * What an error of the driver says about the server, when it is a server's answer. The number decides:
 * the driver names MySQL's errors only, and calls some of MariaDB's by another one's name.
 */
export const answerTo = (number: number | undefined, name: string | undefined) =>
  number === undefined ? named.get(name ?? "") : ANSWERS[number];
