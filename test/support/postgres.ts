import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type {} from "./global-setup.ts";

/** A database of a test's own. */
export interface TestDatabase {
  /** The superuser's connection string to it. */
  readonly url: string;
  readonly name: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * Makes a fresh database: an empty one, or a copy of `template` (the name of a database that
 * nobody is connected to, such as one from `testTemplate`). `server` is the connection string to
 * another server than the test run's.
 */
export async function testDatabase(
  options: { template?: string; server?: string | undefined } = {},
): Promise<TestDatabase> {
  const server = options.server ?? inject("postgresUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asAdministrator(server, (client) => create(client, name, options.template ?? "template0"));
  return {
    url: urlOf(server, name),
    name,
    drop: () => asAdministrator(server, (client) => drop(client, name)),
  };
}

/** Where a template is made, and of which other one. */
interface TemplateOptions {
  readonly server?: string | undefined;
  readonly from?: string;
  /** What it is made of, in short: another one of the same name is another template. */
  readonly of?: string;
}

/** Templates that this process found, which stay as long as their server. */
const found = new Set<string>();

/**
 * Makes a database to copy from, once in a test run whichever file asks first, and returns its
 * name. `build` gets the connection string of an empty database and must leave no connection.
 */
export async function testTemplate(
  name: string,
  build: (url: string) => Promise<void>,
  { server = inject("postgresUrl"), from = "template0", of = "" }: TemplateOptions = {},
): Promise<string> {
  const template = `template_${name}${of && `_${of.slice(0, 12)}`}`;
  const place = `${template} ${server}`;
  if (found.has(place)) return template;
  await connected(server, async (client) => {
    // One of a name at a time: roles belong to the whole server, and carry its name.
    await client.query("SELECT pg_advisory_lock(hashtext('templates'), hashtext($1))", [name]);
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [
      template,
    ]);
    if (rowCount) return;
    // Named last: a template whose making failed is not taken for a finished one. Until then it has a
    // name that is always the same, as roles carry it.
    const draft = `draft_${name}`;
    await drop(client, draft);
    await create(client, draft, from);
    await build(urlOf(server, draft));
    await client.query(
      `ALTER DATABASE ${client.escapeIdentifier(draft)} RENAME TO ${client.escapeIdentifier(template)}`,
    );
  });
  found.add(place);
  return template;
}

/** Connections that are kept for a while: databases are made and dropped one after the other, and to connect takes longer. */
const administrators = new Map<string, pg.Pool>();

async function asAdministrator<T>(
  server: string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  let pool = administrators.get(server);
  if (pool === undefined) {
    pool = new pg.Pool({
      connectionString: server,
      idleTimeoutMillis: 5_000,
      allowExitOnIdle: true,
    });
    // A server that a test ends cuts them.
    pool.on("error", () => {});
    administrators.set(server, pool);
  }
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

async function connected<T>(server: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function create(client: pg.ClientBase, name: string, template: string): Promise<void> {
  const from = client.escapeIdentifier(template);
  // As files: half the time of writing a template of this size through the log.
  await client.query(
    `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE ${from} STRATEGY file_copy`,
  );
  // Where a database looks for tables is no part of what is copied.
  const { rows } = await client.query<{ path: string }>(
    `SELECT substr(c.said, length('search_path=') + 1) AS path
       FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c (said)
      WHERE d.datname = $1 AND s.setrole = 0 AND c.said LIKE 'search\\_path=%'`,
    [template],
  );
  for (const { path } of rows)
    await client.query(`ALTER DATABASE ${client.escapeIdentifier(name)} SET search_path = ${path}`);
}

async function drop(client: pg.ClientBase, name: string): Promise<void> {
  const statement = `DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)}`;
  await client.query(`${statement} WITH (FORCE)`).catch(async (error: { code?: string }) => {
    // A plain administrator may not end an autovacuum worker, which is the superuser's; without force
    // PostgreSQL itself sends it away.
    if (error.code !== "42501") throw error;
    await client.query(statement);
  });
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
