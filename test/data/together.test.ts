import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, longestStatement } from "../../lib/data/database.ts";
import { render } from "../../lib/data/sql.ts";
import { executeTogether } from "../../lib/data/together.ts";
import { type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

/** The administrator's database, and the statements that it was given. */
function heard(): { readonly db: Database; readonly statements: string[] } {
  const statements: string[] = [];
  const execute: Database["execute"] = (statement) => {
    statements.push(render(statement).sql);
    return test.admin.execute(statement);
  };
  return { db: { ...test.admin, execute }, statements };
}

it("W2 statements are done in their order and with one request, whatever their letters are", async () => {
  const { db, statements } = heard();
  await executeTogether(db, []);
  expect(statements).toEqual([]);
  const texts = ["it's", "a \\ and :name", "$each$", "$each_$ $all_each$", "$$", "-- none", "é😀"];
  await executeTogether(db, [
    "create table said (n int generated always as identity, text text)",
    ...texts.map(
      (text, at) => `insert into said (text) values ('${text.replaceAll("'", "''")}') -- ${at}`,
    ),
    "create function said_of() returns text language sql as $$ select 'one' $$",
  ]);
  expect(statements).toHaveLength(1);
  expect(await test.query("select text from said order by n")).toEqual(
    texts.map((text) => ({ text })),
  );
});

it("W2 a text that is one of the block's own quotes ends none of them", async () => {
  await test.query("create table quoted (text text)");
  const texts = ["$all_each$", "$each$", "ends in $", "$ea"];
  for (const text of texts) {
    const statement = `insert into quoted values ('${text}')`;
    await executeTogether(test.admin, [statement, statement]);
  }
  await executeTogether(test.admin, ["select 1 as ea$", "select 1 as each$"]);
  expect(await test.query("select distinct text from quoted order by 1")).toHaveLength(4);
});

it("W2 of a block in which one fails none is done, and it is said in the database's words which", async () => {
  const { db } = heard();
  const failing = ["create table begun (n int)", "create table begun (n int)"];
  await expect(executeTogether(db, failing)).rejects.toThrow('relation "begun" already exists');
  expect(await test.query("select to_regclass('begun') as there")).toEqual([{ there: null }]);
});

it("W2 no request is longer than the Data API takes; one that is long goes by itself, as it is", async () => {
  const { db, statements } = heard();
  await test.query("create table counted (n int generated always as identity, long int)");
  const long = (letters: number) =>
    `insert into counted (long) values (length('${"x".repeat(letters)}'))`;
  const lengths = [20_000, 20_000, 30_000, 10, longestStatement - 60, 10, 10];
  await executeTogether(db, lengths.map(long));
  expect(Math.max(...statements.map(({ length }) => length))).toBeLessThanOrEqual(longestStatement);
  expect(statements).toHaveLength(4);
  expect(statements[2]).toBe(long(longestStatement - 60));
  expect(await test.query("select long from counted order by n")).toEqual(
    lengths.map((letters) => ({ long: letters })),
  );
});

it("W2 an upgrade of what is full sends each statement by itself, as one of them may take as long as a request", async () => {
  const { db, statements } = heard();
  const upgrade = ["create table upgraded (n int)", "create index on upgraded (n)"];
  const grown =
    "create table wavegate.grown (bytes text); alter table wavegate.grown alter bytes set storage external";
  await test.query(
    `${grown}; insert into wavegate.grown select repeat('x', 8388608) from generate_series(1, 9)`,
  );
  await executeTogether(db, upgrade);
  expect(statements).toEqual(upgrade);
  await test.query("drop table wavegate.grown, upgraded");
  await executeTogether(db, upgrade);
  expect(statements).toHaveLength(3);
});
