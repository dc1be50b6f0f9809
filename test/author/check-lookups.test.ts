import { afterAll, beforeAll, expect, it } from "vitest";
import { checkAround } from "../../lib/author/check/around.ts";
import { constant, kept, staged } from "../../lib/define/builders.ts";
import type { InsertAction, Migration } from "../../lib/define/definition.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { small } from "../support/small.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
  await test.query(`
    create table "Kinds" (code text primary key);
    create table rooms (code text primary key);
    create table lent_things (id text primary key references rooms, word text references "Kinds", room text references rooms,
      before text references lent_things);
  `);
});
afterAll(() => test.close());

const told = async (action: Partial<InsertAction>, more: Partial<Migration> = {}) =>
  (
    await checkAround(
      { ...small("lent", "no", { into: "lent_things", ...action }), ...more },
      (sql) => test.query(sql),
    )
  )
    .filter(({ id }) => id === "lookup_unread")
    .map(({ level, about, says, remedy }) => `${level} ${about}: ${says} ${remedy}`);

it("B12 check tells of columns that have to name a row of a table which nobody of wavegate's may read", async () => {
  expect(await told({})).toEqual([
    'warning thing: “thing” writes “word” of “lent_things”, which has to be in “Kinds”, and the definition does not read that table: the dry run cannot tell what is not there, and a wave holds it. Let it be read: reads: ["Kinds"].',
  ]);
  const own = { id: kept({ id: "legacy_id" }), values: { word: staged("word") } };
  expect(await told(own, { reads: ["Kinds"] })).toEqual([
    expect.stringContaining("“thing” writes “id” of “lent_things”, which has to be in “rooms”"),
  ]);
});

it("B12 and not where it is read, is the same in every row, is not written, or is of the table itself", async () => {
  expect(await told({}, { reads: ["Kinds"] })).toEqual([]);
  const values = { room: constant("hall"), before: staged("word") };
  expect(await told({ values })).toEqual([]);
});
