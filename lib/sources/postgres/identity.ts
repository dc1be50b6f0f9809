import { createHash } from "node:crypto";
import type pg from "pg";
import type { SourceIdentity } from "../source.ts";
import { allPrivileges } from "./privileges.ts";

/** What the server says of itself, of the connection, and of what its user may do (R1). */
export async function identify(client: pg.Client): Promise<SourceIdentity> {
  const rows = await column(client, allPrivileges);
  const [encrypted] = await column(
    client,
    "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
  );
  return {
    kind: "postgresql",
    fingerprint: await fingerprint(client),
    privileges: rows,
    readOnly: rows.length === 1 && rows[0] === "SELECT",
    encrypted: encrypted === "t",
  };
}

async function column(client: pg.Client, text: string): Promise<string[]> {
  const { rows } = await client.query<(string | null)[]>({ text, rowMode: "array" });
  return rows.map(([value]) => value ?? "");
}

/** The cluster's own number and the database: another name, a tunnel or a socket gives the same one. */
async function fingerprint(client: pg.Client): Promise<string> {
  const facts = await column(
    client,
    "select system_identifier::text from pg_control_system() union all select oid::text from pg_database where datname = current_database()",
  ).catch(() =>
    // A provider may keep the first to itself.
    column(
      client,
      "select setting from pg_settings where name in ('data_directory', 'port') union all select inet_server_addr()::text union all select oid::text from pg_database where datname = current_database()",
    ),
  );
  return createHash("sha256")
    .update(["postgresql", ...facts].join("\n"))
    .digest("hex");
}
