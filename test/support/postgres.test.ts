import pg from "pg";
import { expect, it } from "vitest";
import { testDatabase, testTemplate } from "./postgres.ts";

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace";

it("gives every caller an empty database of its own", async () => {
  const one = await testDatabase();
  const other = await testDatabase();
  await query(one.url, "CREATE TABLE notes (body text)");
  expect(await query(one.url, TABLES)).toEqual([{ relname: "notes" }]);
  expect(await query(other.url, TABLES)).toEqual([]);
  await one.drop();
  await other.drop();
});

it("copies a template that is built once, however many ask for it", async () => {
  let built = 0;
  const name = `notes_${process.pid}`;
  const build = async (url: string) => {
    built++;
    await query(url, "CREATE TABLE notes AS SELECT 'from the template' AS body");
  };
  const templates = await Promise.all([1, 2, 3].map(() => testTemplate(name, build)));
  expect(built).toBe(1);
  expect(new Set(templates).size).toBe(1);
  const copy = await testDatabase({ template: templates[0] as string });
  expect(await query(copy.url, "SELECT body FROM notes")).toEqual([{ body: "from the template" }]);
  await copy.drop();
});

it("drops a database although somebody is connected", async () => {
  const database = await testDatabase();
  const client = new pg.Client({ connectionString: database.url });
  client.on("error", () => {});
  await client.connect();
  await database.drop();
  await expect(query(database.url, "SELECT 1")).rejects.toMatchObject({ code: "3D000" });
  await client.end().catch(() => {});
});
