import pg from "pg";

/** A connection of a command's own to a database: one that is lost fails whatever is asked of it next, and nothing else. */
export function ownClient(connectionString: string): pg.Client {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  return client;
}
