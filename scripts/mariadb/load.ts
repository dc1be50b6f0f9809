import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import mysql, { type Connection } from "mysql2/promise";
import { openSource } from "../../lib/sources/open.ts";
import type { MariaDbServer } from "./server.ts";

export const DATABASE = "ecoin_legacy";
const READER = "ecoin_legacy_reader";
const SCHEMA = new URL("../../migrations/ecoin/legacy-schema.mysql.sql", import.meta.url);
const TABLES = ["formations", "session_ecoins", "stagiaires", "archives"];
const ROWS_PER_INSERT = 2_000;

/** A connection as root, through the socket. */
export function asRoot({ socket }: MariaDbServer, database?: string): Promise<Connection> {
  return mysql.createConnection({
    socketPath: socket,
    user: "root",
    charset: "utf8mb4",
    multipleStatements: true,
    dateStrings: true,
    timezone: "+00:00",
    ...(database === undefined ? {} : { database }),
  });
}

/** Makes the legacy database with its empty tables; an existing one is replaced. */
export async function createLegacyDatabase(server: MariaDbServer): Promise<void> {
  const root = await asRoot(server);
  try {
    await root.query(
      `DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4; USE ${DATABASE}`,
    );
    await root.query(await readFile(SCHEMA, "utf8"));
  } finally {
    await root.end();
  }
}

/** Loads a folder of CSV files into the legacy tables, dirt and all. */
export async function loadLegacyRows(server: MariaDbServer, folder: string): Promise<void> {
  const source = await openSource({ driver: "csv", connection: "sample", path: folder });
  const root = await asRoot(server, DATABASE);
  try {
    // What the old server let in: zero dates, and days that no month has.
    await root.query("SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'");
    await root.query("SET SESSION unique_checks = 0");
    for (const table of TABLES) {
      const columns = await columnsOf(root, table);
      const all = { table, after: null, upTo: null };
      for await (const rows of source.read(table, "id", columns, all, ROWS_PER_INSERT)) {
        await root.query(`INSERT INTO ${table} (${columns.join(", ")}) VALUES ?`, [rows]);
      }
    }
  } finally {
    await root.end();
    await source.close();
  }
}

async function columnsOf(root: Connection, table: string): Promise<string[]> {
  const [rows] = await root.query({ sql: `SHOW COLUMNS FROM ${table}`, rowsAsArray: true });
  return (rows as string[][]).map(([name = ""]) => name);
}

/** Makes the user that may only read, and returns the settings of the connection `legacy`. */
export async function createReader(server: MariaDbServer): Promise<Record<string, string>> {
  const password = randomBytes(12).toString("hex");
  const root = await asRoot(server);
  try {
    await root.query(
      `CREATE OR REPLACE USER '${READER}'@'%' IDENTIFIED BY '${password}'; GRANT SELECT ON ${DATABASE}.* TO '${READER}'@'%'`,
    );
  } finally {
    await root.end();
  }
  return {
    LEGACY_DB_DRIVER: "mysql",
    LEGACY_DB_HOST: server.host,
    LEGACY_DB_PORT: String(server.port),
    LEGACY_DB_DATABASE: DATABASE,
    LEGACY_DB_USERNAME: READER,
    LEGACY_DB_PASSWORD: password,
    LEGACY_DB_CHARSET: "utf8mb4",
    LEGACY_DB_COLLATION: "utf8mb4_unicode_ci",
    LEGACY_DB_STRICT: "true",
  };
}
