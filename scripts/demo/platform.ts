import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** Makes the new platform's tables and fills them with the people it knows already. */
export async function loadPlatform(root: string, connectionString: string): Promise<void> {
  const folder = join(root, "migrations/ecoin");
  const client = new pg.Client({ connectionString: connectionString.trim() });
  await client.connect();
  try {
    await client.query(await readFile(join(folder, "platform-schema.postgres.sql"), "utf8"));
    await client.query(await readFile(join(folder, "sample/platform.sql"), "utf8"));
  } finally {
    await client.end();
  }
}
