import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { count } from "../../lib/services/words.ts";
import type { Scene } from "./scenes.ts";

/** Makes the new platform's tables and fills them with the people it knows already. */
export const loadPlatform = (
  root: string,
  connectionString: string,
  { migration, prepare }: Pick<Scene, "migration" | "prepare"> = { migration: "ecoin" },
): Promise<void> =>
  connected(connectionString, async (client) => {
    const folder = join(root, "migrations", migration);
    for (const name of ["platform-schema.postgres.sql", ...(prepare?.files ?? [])])
      await client.query(await readFile(join(folder, name), "utf8"));
    if (prepare !== undefined) await client.query(prepare.before);
    await client.query(await readFile(join(folder, "sample/platform.sql"), "utf8"));
  });

/** `users 200, crm_leads 40, …`: how many rows the platform's tables have. */
export const countPlatform = ({ tables }: Scene, connectionString: string): Promise<string> =>
  connected(connectionString, async (client) => {
    const counted: string[] = [];
    for (const table of tables) {
      const { rows } = await client.query(`select count(*)::int as rows from ${table}`);
      counted.push(`${table.replaceAll('"', "")} ${count(rows[0].rows)}`);
    }
    return counted.join(", ");
  });

async function connected<Result>(
  connectionString: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
