import { isIP } from "node:net";
import mysql, { type Connection, type ConnectionOptions } from "mysql2/promise";
import { certificate } from "../certificate.ts";
import { type MysqlSettings, settingsPrefix } from "../settings.ts";
import { translate } from "./errors.ts";

const CONNECT_MS = 10_000;

/** For people and logs: where a connection goes, without the user's password. */
export function describe({ database, socket, host, port }: MysqlSettings): string {
  const where = socket ?? (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  return `mysql ${database} at ${where}`;
}

/**
 * Connects, and makes the session one that can only read: a read-only transaction mode on top of
 * whatever the user may do, UTC, and a mode in which zero dates are read as they stand.
 */
export async function connect(settings: MysqlSettings): Promise<Connection> {
  const options = await connectionOptions(settings);
  try {
    const connection = await mysql.createConnection(options);
    try {
      for (const statement of sessionStatements(settings)) await connection.query(statement);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  } catch (error) {
    throw translate(error, describe(settings), "connecting");
  }
}

function sessionStatements({ charset, collation, strict }: MysqlSettings): string[] {
  return [
    `SET NAMES ${charset}${collation === null ? "" : ` COLLATE ${collation}`}`,
    // Whatever the settings say: into any other character set the server writes `?` for what it lacks.
    "SET character_set_results = utf8mb4",
    "SET SESSION time_zone = '+00:00'",
    // Neither mode holds NO_ZERO_DATE, ANSI_QUOTES or PAD_CHAR_TO_FULL_LENGTH.
    `SET SESSION sql_mode = '${strict ? "STRICT_TRANS_TABLES" : ""}'`,
    "SET SESSION TRANSACTION READ ONLY",
  ];
}

async function connectionOptions(settings: MysqlSettings): Promise<ConnectionOptions> {
  const { host, port, socket, username, password, database, ca, verifyName } = settings;
  return {
    ...(socket === null ? { host, port } : { socketPath: socket }),
    user: username,
    password,
    database,
    charset: "utf8mb4",
    connectTimeout: CONNECT_MS,
    multipleStatements: false,
    // A server must not be able to ask for files of this machine.
    flags: ["-LOCAL_FILES"],
    ...(ca === null
      ? {}
      : {
          ssl: {
            ca: await certificate(`${settingsPrefix(settings.connection)}_MYSQL_ATTR_SSL_CA`, ca),
            minVersion: "TLSv1.2",
            rejectUnauthorized: true,
            verifyIdentity: verifyName && socket === null && isIP(host) === 0,
          },
        }),
  };
}
