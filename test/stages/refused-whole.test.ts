import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeFailure } from "../../lib/cli/failure.ts";
import {
  commit,
  defineMigration,
  entity,
  insert,
  same,
  table,
  text,
  update,
} from "../../lib/define/builders.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { withServices } from "../../lib/services/lambda.ts";
import { commit as commitWave } from "../../lib/stages/commit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

/** Things of which the platform has all: the statement that brings them up to date inserts none, and says so. */
const things = defineMigration({
  name: "refusedwhole",
  title: "Things that are there",
  connection: "old-things",
  source: { things: table("no", "code", "word") },
  entities: [
    entity("thing", {
      from: ["things"],
      fields: { code: text("code"), word: text("word") },
      decide: {},
      actions: { thing: insert("things", { code: "code", word: "word" }) },
      is: [same({ code: "code" })],
      there: update({ word: "word" }),
      plan: [commit("thing")],
    }),
  ],
});
const platform = `
create table things (id bigint generated always as identity primary key, code text unique, word text);
insert into things (code) values ('A'), ('B'), ('C')`;
const run = "7f3a0000-0000-4000-8000-0000000f2e21";

let test: CsvServices;
beforeEach(async () => {
  test = await csvServices(things, platform, {
    things: ["no,code,word", "1,A,one", "2,B,two", "3,C,three"],
  });
  await reviewedRun(test, run, { wavePlan: [5, 5] });
  await approve(test, run, "first_wave");
});
afterEach(() => test?.close());

/** A trigger that speaks once for a whole statement, whatever rows it has. */
const closes = () =>
  test.query(`
    create function closed() returns trigger language plpgsql as $$ begin raise exception 'closed for the audit of Ada'; end $$;
    create trigger closed before insert on things for each statement execute function closed()`);
const says = expect.stringMatching(
  /^The platform refused wave 1 of \S+ as a whole, whichever rows it has: ERROR: the database refused it; SQLState: P0001\. Nothing was written, and no row is held for it\. What acts on the rows does that, or on the statement \(closed on things\): mend or detach it\. `wavegate resume --run \S+` goes on\.$/,
);

describe("D38 W13 what the platform refuses as a whole", () => {
  it("is said of a wave, with what refuses it: no row is to blame", async () => {
    await closes();
    await expect(commitWave(test.services, { run, wave: 1 })).rejects.toMatchObject({
      name: "PlatformRefused",
      message: says,
    });
    expect(await test.query("select from things where word is not null")).toEqual([]);
  });
});

it("W13 what the database refuses a step is told in words, with what to do, and not by a code alone", async () => {
  await runWave(test, run, 1);
  await test.query(`revoke select on things from ${databaseRoles(`draft_${things.name}`).stage}`);
  const error = await withServices(() => finalVerify(test.services, run), test.services).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(error).toMatchObject({
    name: "DatabaseErrorException",
    message:
      "ERROR: permission denied for table things; SQLState: 42501. wavegate's role lacks a right that the set-up gave it, as where somebody revoked it or made a table anew: `wavegate set-up MIGRATION` gives it again (on AWS: deploy again). What was done before stands, and a transaction under way was written as a whole or not at all; then send it again.",
  });
  expect(describeFailure(error).message).toMatch(
    /^The database refused a statement \(SQLState 42501\)\. wavegate's role lacks a right .* deploy again\)\. Look with `wavegate status` /,
  );
});

it.each([
  ["53100", /disk takes no more/],
  ["42703", /call it as it was called/],
  ["XX001", /a file of it is damaged/],
  ["53200", /lacks memory/],
  ["P0001", /`wavegate doctor` lists them/],
])("W13 a code of PostgreSQL's has words for who meets it: %s", (state, words) => {
  const { message } = describeFailure(
    new Error(`ERROR: the database refused it; SQLState: ${state}`),
  );
  expect(message).toMatch(words);
});
