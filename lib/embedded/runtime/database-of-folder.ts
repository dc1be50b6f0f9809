import { access } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import * as z from "zod";
import { writeFileDurably } from "../identity/durable.ts";
import { type Home, readIfThere } from "./home.ts";

/** Which database the runs of a folder are in. */
export interface FolderDatabase {
  /** Whether it is the user's own (`WAVEGATE_DATABASE_URL`). */
  readonly own: boolean;
  /** Host, port and name; no password. */
  readonly address: string;
  /** The same for one database under every name and address that leads to it. */
  readonly identity: string;
}

const FolderDatabase = z.object({ own: z.boolean(), address: z.string(), identity: z.string() });

/** The settings name another database than the one the folder's runs are in; nothing was started. */
export class OtherDatabase extends Error {
  override readonly name = "OtherDatabase";
}

const noteOf = (home: Home): string => join(home.folder, "database.json");

/** What the folder remembers; one that has data of the embedded server belongs to that. */
async function remembered(home: Home): Promise<FolderDatabase | undefined> {
  const text = await readIfThere(noteOf(home));
  if (text !== undefined) return FolderDatabase.parse(JSON.parse(text));
  const embedded = await access(home.postgres).then(
    () => true,
    () => false,
  );
  return embedded ? embeddedDatabase : undefined;
}

/** The server that the runtime starts itself: there is one in each folder. */
export const embeddedDatabase: FolderDatabase = { own: false, address: "", identity: "embedded" };

/** Remembers the database of a folder that had none. */
export async function rememberDatabase(home: Home, database: FolderDatabase): Promise<void> {
  if ((await readIfThere(noteOf(home))) !== undefined) return;
  await writeFileDurably(noteOf(home), `${JSON.stringify(database)}\n`, { mode: 0o600 });
}

/**
 * Refuses a database that is not the one of the folder's runs: an empty one beside it would look like
 * a loss, and a run that goes on against another one fails for good. Errors: {@link OtherDatabase}.
 */
export async function requireDatabaseOf(home: Home, wanted: FolderDatabase): Promise<void> {
  const known = await remembered(home);
  if (known === undefined || known.identity === wanted.identity) return;
  const its = known.own ? `the database ${known.address}` : "the database that wavegate made there";
  const other = wanted.own
    ? `WAVEGATE_DATABASE_URL names another one${known.own && known.address === wanted.address ? " at the same address" : `, ${wanted.address}`}`
    : "WAVEGATE_DATABASE_URL is not set";
  const back = wanted.own
    ? known.own
      ? "Set it back"
      : "Take the setting out"
    : "Set it, in .env or in the environment";
  const moved =
    known.own && wanted.own ? ` If the database itself moved, remove ${noteOf(home)}.` : "";
  throw new OtherDatabase(
    `The runs of ${home.folder} are in ${its}, and ${other}. Nothing was started. ${back}, or choose another folder with WAVEGATE_HOME.${moved}`,
  );
}

/** The user's own database, as it says itself who it is. */
export async function ownDatabaseOf(
  client: pg.Client,
  url: URL,
  address: string,
): Promise<FolderDatabase> {
  const ask = async (sql: string) => (await client.query<{ id: string }>(sql)).rows[0]?.id ?? "";
  const server = await ask("select system_identifier::text as id from pg_control_system()").catch(
    // A managed server may keep this to itself.
    () => `${url.hostname}:${url.port || "5432"}`,
  );
  const database = await ask(
    "select oid::text as id from pg_database where datname = current_database()",
  );
  return { own: true, address, identity: `${server}/${database}` };
}
