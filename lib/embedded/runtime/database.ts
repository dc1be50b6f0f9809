import pg from "pg";
import { type RunningPostgres, startPostgres } from "../postgres/start.ts";
import {
  embeddedDatabase,
  type FolderDatabase,
  ownDatabaseOf,
  rememberDatabase,
  requireDatabaseOf,
} from "./database-of-folder.ts";
import type { Home } from "./home.ts";
import type { Ports } from "./ports.ts";
import type { RoleSecret } from "./role-secrets.ts";

/** The database on this machine: the embedded one, or the user's own. */
export interface LocalDatabase {
  /** Whether it is the user's own (`WAVEGATE_DATABASE_URL`). */
  readonly own: boolean;
  readonly name: string;
  /** Holds the administrator's password. */
  readonly adminUrl: string;
  /** The same database as another role. */
  readonly as: (role: RoleSecret) => string;
  /** For people: host, port and database, no password. */
  readonly address: string;
  stop(): Promise<void>;
}

/** The user's own database cannot be used; nothing was started. */
export class DatabaseUnusable extends Error {
  override readonly name = "DatabaseUnusable";
}

const platform = "platform";

/**
 * Connects to the user's own PostgreSQL when there is a URL, else starts the embedded one.
 *
 * @param tell is told when the embedded one ended by itself, and when it runs again
 */
export async function localDatabase(
  home: Home,
  ports: Ports,
  ownUrl: string | undefined,
  tell: (words: string) => void,
): Promise<LocalDatabase> {
  if (ownUrl !== undefined) return ownDatabase(home, ownUrl);
  await requireDatabaseOf(home, embeddedDatabase);
  const server = await startPostgres({
    directory: home.postgres,
    // A server that was left behind may have it still, and is ended first.
    port: ports.remembered("postgres"),
    tell,
  });
  try {
    ports.note("postgres", server.url.replace(/^postgres(?:ql)?:/u, "http:"));
    await createPlatform(server);
    await rememberDatabase(home, embeddedDatabase);
    const url = new URL(server.url);
    url.pathname = `/${platform}`;
    return described(url, false, server.stop);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function ownDatabase(home: Home, text: string): Promise<LocalDatabase> {
  const url = parse(text);
  const database = await identified(url);
  await requireDatabaseOf(home, database);
  await rememberDatabase(home, database);
  return described(url, true, async () => {});
}

/**
 * Refuses settings that name another database than a folder's; nothing is started or remembered.
 *
 * @throws {OtherDatabase | DatabaseUnusable}
 */
export async function requireSameDatabase(home: Home, ownUrl: string | undefined): Promise<void> {
  const named = ownUrl === undefined ? embeddedDatabase : await identified(parse(ownUrl));
  await requireDatabaseOf(home, named);
}

async function identified(url: URL): Promise<FolderDatabase> {
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    return await ownDatabaseOf(client, url, addressOf(url));
  } catch (error) {
    throw new DatabaseUnusable(
      `The database of WAVEGATE_DATABASE_URL at ${url.host} cannot be used (${(error as Error).message}). Nothing was started; check host, port, user and password.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

const addressOf = (url: URL): string =>
  `${url.hostname}:${url.port || "5432"}/${decodeURIComponent(url.pathname.slice(1))}`;

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^postgres(?:ql)?:$/u.test(url.protocol) && url.pathname.length > 1) return url;
  throw new DatabaseUnusable(
    "WAVEGATE_DATABASE_URL has to read postgresql://USER:PASSWORD@HOST:PORT/DATABASE. Nothing was started.",
  );
}

function described(admin: URL, own: boolean, stop: () => Promise<void>): LocalDatabase {
  const as = ({ username, password }: RoleSecret) => {
    const url = new URL(admin);
    url.username = username;
    url.password = password;
    return url.href;
  };
  const name = decodeURIComponent(admin.pathname.slice(1));
  return {
    own,
    name,
    adminUrl: admin.href,
    as,
    address: addressOf(admin),
    stop,
  };
}

async function createPlatform(server: RunningPostgres): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const found = await client.query("select from pg_database where datname = $1", [platform]);
    if (found.rowCount === 0) {
      await client.query(`create database ${platform} template template0 encoding 'UTF8'`);
    }
  } finally {
    await client.end();
  }
}
