import { expect, it } from "vitest";
import { checkTarget } from "../../lib/author/check/target.ts";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  any,
  boolean,
  commit,
  defineMigration,
  hold,
  insert,
  is,
  lower,
  missing,
  not,
  same,
  skip,
  table,
  text,
  update,
  when,
} from "../../lib/define/builders.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";

const notThere = when(is("there_is", "none"), skip("not_there"));

/** What people said of letters, for those alone whom the platform has: nobody is made. */
const said = (plan: readonly object[]) =>
  defineMigration({
    name: "said",
    title: "What people said of letters",
    connection: "legacy",
    source: { answers: table("no", "mail", "letters") },
    entity: {
      from: ["answers"],
      fields: {
        mail: text("mail", { lower: true }),
        letters: boolean("letters", { yes: ["yes"], no: ["no"] }),
      },
      decide: {},
      is: [same({ mail: lower("mail") })],
      there: update({ letters: "letters" }),
      actions: { person: insert("persons", { mail: "mail" }) },
      plan,
    } as never,
  });

const platform = `
create table persons (id bigint generated always as identity primary key, mail text unique, name text not null, letters boolean);
insert into persons (mail, name, letters) values ('Ada@x.org', 'Ada', null), ('ben@x.org', 'Ben', false), ('cy@x.org', 'Cy', true)`;
const legacy = `
create table answers (no text primary key, mail text, letters text);
insert into answers values ('1', 'ada@x.org', 'yes'), ('2', 'BEN@x.org', 'no'), ('3', 'dan@x.org', 'yes'), ('4', 'cy@x.org', null), ('5', null, 'yes')`;

it("B8 what is there is brought up to date and nobody is made, of whom nothing else needs to be known", async () => {
  const migration = said([notThere, commit("person")]);
  const test = await fromPostgres(migration, { platform, legacy });
  const lacking = async (plan: readonly object[]) =>
    (await checkTarget(said(plan), (sql) => test.query(sql))).map(
      ({ about, id }) => `${about} ${id}`,
    );
  const lacks = ["person target_column_unfilled"];
  expect(await lacking([notThere, commit("person")])).toEqual([]);
  expect(await lacking([commit("person")])).toEqual(lacks);
  expect(await lacking([commit("person"), notThere])).toEqual(lacks);
  const some = when(any(missing("letters"), is("there_is", "none")), hold("look"));
  expect(await lacking([some, commit("person")])).toEqual([]);
  expect(await lacking([when(missing("letters"), hold("look")), commit("person")])).toEqual(lacks);
  for (const asks of [is("there_is", "differs"), not(is("there_is", "none"))])
    expect(await lacking([when(asks, commit("person"))])).toEqual([]);
  expect(await lacking([when(is("there_is", "none", "differs"), commit("person"))])).toEqual(lacks);
  expect(
    problemsOf({ ...migration, entity: { ...migration.entity, actions: {} } }).join("\n"),
  ).toContain(
    'Of what is there alone it says in which table: insert(…), in a plan that keeps others from it, when(is("there_is", "none"), skip("not_there")).',
  );

  const run = "7f3a0000-0000-4000-8000-00000000f951";
  const before = await rowsOf(test, ["persons"]);
  expect(await committed(test, run)).toEqual([]);
  expect(await stateOfEach(test, migration.entity.staging.table, run)).toEqual({
    1: "committed",
    2: "skipped unchanged",
    3: "skipped not_there",
    4: "skipped unchanged",
    5: "skipped not_there",
  });
  expect(await test.query("select name, letters from persons order by id")).toEqual([
    { name: "Ada", letters: true },
    { name: "Ben", letters: false },
    { name: "Cy", letters: true },
  ]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["persons"])).toEqual(before);
  await test.close();
});

it("R10 W7 what a wave brought up to date stays as it was reviewed when the other rows are shown anew", async () => {
  const migration = said([notThere, commit("person")]);
  const test = await fromPostgres(said([notThere, commit("person")]), {
    platform: `${platform}; update persons set letters = null`,
    legacy: `${legacy}; update answers set letters = 'no'`,
  });
  const run = "7f3a0000-0000-4000-8000-00000000f952";
  await reviewedRun(test, run, { wavePlan: [1, 5] });
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
  const there = () =>
    test.query(
      `select d.import_state as state, t.* from wavegate.rows_there t
         join wavegate."${migration.entity.staging.table}_decisions" d using (run_id, staged_id) where t.run_id = $1 order by t.staged_id`,
      [run],
    );
  const reviewed = await there();
  expect(reviewed.map(({ state }) => state)).toEqual(["committed", "pending", "pending"]);
  await dryRun(test.services, run);
  expect(await there()).toEqual(reviewed);
  await test.close();
});
