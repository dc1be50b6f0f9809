import { isIP } from "node:net";
import { dirname } from "node:path";
import pg from "pg";
import { certificate } from "../certificate.ts";
import { type PostgresSettings, settingsPrefix } from "../settings.ts";
import { translate } from "./errors.ts";

const CONNECT_MS = 10_000;
/** No answer for this long means the connection is gone; counting a large table takes seconds. */
const QUERY_MS = 120_000;

/** For people and logs: where a connection goes, without the user's password. */
export function describe({ database, socket, host, port }: PostgresSettings): string {
  const where = socket ?? (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  return `postgresql ${database} at ${where}`;
}

/**
 * Connects, and makes the session one that can only read, whatever the user may do. Values come as
 * the text the server writes: ISO dates in UTC, shortest exact floats, bytes as `\\x…`, UTF-8, whatever is set for the role or
 * the database: a key is the same in each run. Where row-level
 * security would hide rows, a question is refused by the server instead of answered short.
 */
export async function connect(settings: PostgresSettings): Promise<pg.Client> {
  const client = new pg.Client(await options(settings));
  // The server may end a connection at any time: the query under way, or the next, says so.
  client.on("error", () => {});
  try {
    await client.connect();
    for (const statement of sessionStatements) await client.query(statement);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw translate(error, describe(settings), "connecting");
  }
}

const sessionStatements = [
  "set session characteristics as transaction read only",
  "set row_security = off",
  "set timezone = 'UTC'",
  "set datestyle = 'ISO, YMD'",
  "set intervalstyle = 'iso_8601'",
  "set extra_float_digits = 1",
  "set bytea_output = 'hex'",
  "set lc_monetary = 'C'",
  "set standard_conforming_strings = on",
];

async function options(settings: PostgresSettings): Promise<pg.ClientConfig> {
  const { host, port, socket, username, password, database, ca, verifyName } = settings;
  return {
    host: socket === null ? host : folderOf(socket),
    port: socket === null ? port : portOf(socket, port),
    user: username,
    password,
    database,
    client_encoding: "UTF8",
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
    keepAlive: true,
    application_name: "wavegate",
    types: { getTypeParser: () => (value: unknown) => value },
    ...(ca === null
      ? {}
      : {
          ssl: {
            ca: await certificate(`${settingsPrefix(settings.connection)}_DB_SSL_CA`, ca),
            minVersion: "TLSv1.2",
            rejectUnauthorized: true,
            // Node sends no server name for an address, so it has none to compare either.
            ...(verifyName && isIP(host) === 0 ? {} : { checkServerIdentity: () => undefined }),
          },
        }),
  };
}

const socketFile = /\/\.s\.PGSQL\.(\d+)$/u;

/** PostgreSQL's clients name the folder of a socket; the file itself is understood as well. */
const folderOf = (socket: string): string => (socketFile.test(socket) ? dirname(socket) : socket);

const portOf = (socket: string, port: number): number =>
  Number(socketFile.exec(socket)?.[1] ?? port);
