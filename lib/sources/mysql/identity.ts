import { createHash } from "node:crypto";
import type { Connection } from "mysql2/promise";
import type { MysqlSettings } from "../settings.ts";
import type { SourceIdentity } from "../source.ts";
import { connect } from "./connect.ts";
import { readGrants } from "./grants.ts";

type Query = (sql: string) => Promise<(string | null)[][]>;

/**
 * Who the server says it is and what the user may do there. A connection of its own, because
 * looking into roles changes which of them are active.
 */
export async function identify(settings: MysqlSettings): Promise<SourceIdentity> {
  const connection = await connect(settings);
  try {
    const query = textQuery(connection);
    const privileges = await allPrivileges(query, settings.database);
    return {
      kind: "mysql",
      fingerprint: await fingerprint(query, settings.database),
      privileges,
      readOnly: privileges.length === 1 && privileges[0] === "SELECT",
      encrypted: await isEncrypted(query),
    };
  } finally {
    connection.destroy();
  }
}

function textQuery(connection: Connection): Query {
  return async (sql) => {
    const [rows] = await connection.query({ sql, rowsAsArray: true, timeout: 30_000 });
    if (!Array.isArray(rows)) return [];
    return (rows as unknown[][]).map((row) =>
      row.map((value) => (value === null ? null : String(value))),
    );
  };
}

/** From what the server says about itself, so that another name or a tunnel gives the same one. */
async function fingerprint(query: Query, database: string): Promise<string> {
  const variables = await query(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir')",
  );
  const facts = [...variables.map((row) => row.join("=").toLowerCase()).sort(), database];
  return createHash("sha256").update(facts.join("\n")).digest("hex");
}

async function isEncrypted(query: Query): Promise<boolean> {
  const [row] = await query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  return (row?.[1] ?? "") !== "";
}

/** The user's own privileges and, as it may take them on, those of every role it was given. */
async function allPrivileges(query: Query, database: string): Promise<string[]> {
  const own = readGrants(await lines(query, "SHOW GRANTS"), database);
  const privileges = new Set(own.privileges);
  const [[version] = []] = await query("SELECT VERSION()");
  for (const role of own.roles) {
    for (const privilege of await ofRole(query, role, database, /mariadb/i.test(version ?? ""))) {
      privileges.add(privilege);
    }
  }
  return [...privileges].sort();
}

async function ofRole(query: Query, role: string, database: string, mariadb: boolean) {
  try {
    if (!mariadb) {
      const sql = `SHOW GRANTS FOR CURRENT_USER() USING ${role}`;
      return readGrants(await lines(query, sql), database).privileges;
    }
    await query(`SET ROLE ${role}`);
    return readGrants(await lines(query, "SHOW GRANTS"), database).privileges;
  } catch {
    return [`ROLE ${role} (cannot be looked into)`];
  }
}

async function lines(query: Query, sql: string): Promise<string[]> {
  return (await query(sql)).map(([line]) => line ?? "");
}
