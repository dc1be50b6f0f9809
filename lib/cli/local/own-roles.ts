import type pg from "pg";
import { databaseRoles } from "../../define/database-roles.ts";
import type { Home } from "../../embedded/runtime/home.ts";
import { roleSecretReader } from "../../embedded/runtime/role-secrets.ts";
import { CannotRun } from "../failure.ts";
import { ownClient } from "../own-client.ts";
import { runningRuntime } from "./place.ts";

/**
 * Refuses to set up a database whose roles have another folder's passwords: that one would be shut out, with what is
 * under way there. Nothing is changed. Of the database that a folder has to itself nothing is asked.
 *
 * @throws {CannotRun} `OtherFolder`
 */
export async function requireOwnRoles(home: Home): Promise<void> {
  const { database } = await runningRuntime(home);
  if (!database.own) return;
  const { stage } = await withClient(database.adminUrl, async (admin) => {
    const { rows } = await admin.query<{ name: string }>("select current_database()::text as name");
    const roles = databaseRoles(rows[0]?.name ?? "");
    const found = await admin.query("select from pg_roles where rolname = $1 and rolcanlogin", [
      roles.stage,
    ]);
    return { stage: found.rowCount === 0 ? undefined : roles.stage };
  });
  if (stage === undefined) return;
  const url = new URL(database.adminUrl);
  url.username = stage;
  url.password = roleSecretReader(home)().stage?.password ?? "";
  const refused = await withClient(url.href, async () => false).catch(isPassword);
  if (!refused) return;
  throw new CannotRun(
    "OtherFolder",
    `wavegate was set up in the database ${database.address} from another folder: its roles take other passwords than ${home.folder} has. Nothing was changed. ` +
      "Work in that folder (WAVEGATE_HOME). Where it is gone, or is to do nothing more there, `wavegate local up --take-over` gives the roles this folder's; its evidence and its people's log-ins stay in that folder.",
  );
}

async function withClient<Result>(
  connectionString: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = ownClient(connectionString);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Whether a password was refused, or none that there is would be; anything else a set-up finds out by itself. */
const isPassword = (error: { readonly code?: string; readonly message?: string }): boolean =>
  error.code === "28P01" || /password must be a string|no password/iu.test(error.message ?? "");
