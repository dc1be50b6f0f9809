import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const file = (path: string) =>
  readFile(new URL(`../../migrations/community/${path}`, import.meta.url), "utf8");

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(await file("platform-schema.postgres.sql"));
  await client.query(await file("sample/platform.sql"));
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const one = async (sql: string) => Object.values((await client.query(sql)).rows[0] as object);

describe("C3 C5 the community's sample", () => {
  it("has the size that a platform in use has", async () => {
    const tables = [
      "users",
      "communities",
      "community_course_links",
      "enrollments",
      "community_members",
      "community_posts",
      "community_post_comments",
      "certificates",
    ];
    const counts = tables.map((table) => `(select count(*)::int from ${table}) as ${table}`);
    const { rows } = await client.query(`select ${counts.join(", ")}`);
    expect(rows).toEqual([
      {
        users: 3910,
        communities: 40,
        community_course_links: 37,
        enrollments: 20_000,
        community_members: 18,
        community_posts: 2_000,
        community_post_comments: 4_800,
        certificates: 1_199,
      },
    ]);
  });

  it("each planted row is there, once, and says by hand what must become of it", async () => {
    const outcomes: { table: string; id: string; planted: string; outcome: string }[] = parse(
      await file("sample/outcomes.csv"),
      { columns: true },
    );
    const outcome = ["create", "update", "keep", "skip", "hold", "part", "untouched"];
    expect(
      outcomes.filter((each) => !outcome.includes(each.outcome) || each.planted === ""),
    ).toEqual([]);
    const named = outcomes.map(({ table, id }) => `${table} ${id}`);
    expect(new Set(named).size).toBe(named.length);
    const numbered = outcomes.filter(
      ({ table, id }) => /^\d+$/u.test(id) && /^(enrol|certif|community_(m|post))/u.test(table),
    );
    for (const { table, id } of numbered.filter(
      ({ table }) => table !== "community_points_rules",
    )) {
      expect([
        table,
        id,
        ...(await one(`select count(*)::int as n from ${table} where id = ${id}`)),
      ]).toEqual([table, id, 1]);
    }
  });

  it("planted enrolments are of users whom no formula names", async () => {
    expect(
      await one("select count(*)::int from enrollments where id <= 19950 and user_id > 3800"),
    ).toEqual([0]);
  });
});
