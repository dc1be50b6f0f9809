import { afterAll, beforeAll, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import {
  commit,
  defineMigration,
  field,
  hold,
  insert,
  is,
  missing,
  otherwise,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import type { Entity, Migration, SourceTable } from "../../lib/define/definition.ts";
import { judgeRange, whatIf } from "../../lib/review/rows/what-if.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { run, type SmallWorld, smallWorld } from "../evidence/small-run.ts";
import { csvServices } from "../support/csv-services.ts";
import { approve, refusal, reviewedRun, runWave } from "../support/steps.ts";

let world: SmallWorld;
beforeAll(async () => {
  world = await smallWorld();
  await reviewedRun(world.test, run);
});
afterAll(() => world.close());

const entity = (change: Partial<Entity>): Migration => ({
  ...ecoin,
  entity: { ...ecoin.entity, ...change },
});
/** As an operator, who may write nothing of it and sees no row; who asks the function that does. */
const judged = async (changed: Migration) => {
  const { operator, services } = world.test;
  const pinned = await findRun(operator, run);
  return whatIf(operator, pinned, changed, (part, range) =>
    judgeRange(services.sign, pinned, part, range),
  );
};
const rowsOf = async (where: string) => {
  const [found] = await world.test.query<{ rows: number; first: string[] }>(
    `select count(*)::int as rows, (array_agg(source_table || ':' || legacy_id order by id))[1:5] as first
       from wavegate.legacy_student_imports where run_id = '${run}' and (${where})`,
  );
  return found as { rows: number; first: string[] };
};
const staged = async () =>
  (
    await world.test.query<{ all: string }>(
      "select md5(string_agg(to_jsonb(s)::text, '' order by id)) as all from wavegate.legacy_student_imports s",
    )
  )[0]?.all;

it("B12 the same definition changes nothing", async () => {
  expect(await judged(ecoin)).toEqual({ changes: [], standing: 0, taken: [] });
});

it("B12 a changed line of the plan: which rows, from what to what, by which line, and nothing is written", async () => {
  const before = await staged();
  const changed = entity({
    plan: [
      { when: field("classification", "completed"), hold: "not_yet", says: "Completed rows wait." },
      ...ecoin.entity.plan,
    ],
  });
  const { changes } = await judged(changed);
  const { rows, first } = await rowsOf(
    "classification = 'completed' and planned = 'commit' and planned_action = 'create_legacy_completed_training'",
  );
  expect(rows).toBeGreaterThan(0);
  expect(changes).toContainEqual({
    what: "outcome",
    was: "commit create_legacy_completed_training",
    is: "hold not_yet",
    rule: "Completed rows wait.",
    rows,
    first,
  });
  expect(changes.reduce((sum, change) => sum + change.rows, 0)).toBe(
    (await rowsOf("classification = 'completed'")).rows,
  );
  expect(await staged()).toBe(before);
});

it("B12 a changed decision shows itself, and what it changes behind it", async () => {
  const lines = ecoin.entity.decide.classification ?? [];
  const { changes } = await judged(
    entity({
      decide: {
        ...ecoin.entity.decide,
        classification: [{ is: "unknown", when: field("raw_status", "Formée") }, ...lines],
      },
    }),
  );
  const { rows, first } = await rowsOf("classification = 'completed'");
  expect(changes).toContainEqual({
    what: "classification",
    was: "completed",
    is: "unknown",
    rule: null,
    rows,
    first,
  });
  expect(changes.some(({ what }) => what === "outcome")).toBe(true);
});

it("B12 a rule of validation and a decision that is new are judged, too", async () => {
  const { changes } = await judged(
    entity({
      validate: [
        { id: "no_mail", says: "…", when: missing("email"), verdict: "failed" },
        ...ecoin.entity.validate,
      ],
      decide: {
        ...ecoin.entity.decide,
        size: [
          { is: "with_mail", when: { present: "email" } },
          { is: "without", when: otherwise },
        ],
      },
    }),
  );
  const without = await rowsOf("email_normalized is null");
  expect(changes).toContainEqual({
    what: "size",
    was: "none",
    is: "without",
    rule: null,
    ...without,
  });
  expect(changes.filter(({ is }) => is === "fail name_missing").length).toBeGreaterThan(0);
});

it("B12 says what it takes as it is staged, and refuses what was never staged", async () => {
  const { fields } = ecoin.entity;
  const phone = { ...fields.phone, region: "FR" } as Entity["fields"][string];
  expect((await judged(entity({ fields: { ...fields, phone } }))).taken).toEqual([
    "the field “phone”",
  ]);
  const table = ecoin.source.archives as SourceTable;
  const source = { ...ecoin.source, archives: { ...table, named: { nom: ["name"] } } };
  expect((await judged({ ...ecoin, source })).taken).toEqual(["how “archives” is read"]);
  const match = { ...ecoin.entity.match, against: ecoin.entity.match.against.slice(1) };
  expect((await judged(entity({ match }))).taken).toEqual(["matching"]);
  expect(await refusal(judged(entity({ fields: { ...fields, town: text("adresse") } })))).toBe(
    "WhatIfNeedsImport",
  );
});

it("B12 rows that stand on the platform are told apart", async () => {
  await approve(world.test, run, "first_wave");
  await runWave(world.test, run, 1);
  const { standing } = await judged(
    entity({
      plan: [{ when: otherwise, hold: "nothing", says: "Nothing at all." }],
    }),
  );
  expect(standing).toBe((await rowsOf("import_state in ('committed', 'linked')")).rows);
});

it("B12 of rows whose keys are texts as well it is the very line that decides: those that hold a row for its key stand before it", async () => {
  const rooms = (...lines: Entity["plan"]) =>
    defineMigration({
      name: "keyed_by_text",
      title: "Rooms",
      connection: "legacy",
      source: { rooms: table("no", "name") },
      entity: {
        from: ["rooms"],
        fields: { name: text("name") },
        decide: {},
        actions: { room: insert("rooms", { name: "name" }) },
        plan: [...lines, commit("room", "Every other room.")],
      },
    });
  const blue = when(is("name", "Blue"), hold("blue", "Blue rooms wait."));
  const keyed = await csvServices(
    rooms(),
    "create table rooms (id bigint generated by default as identity primary key, name text)",
    { rooms: ["no,name", "a,Blue", "b,Red"] },
  );
  const id = "7f3a0000-0000-4000-8000-0000000b1200";
  await reviewedRun(keyed, id);
  const pinned = await findRun(keyed.operator, id);
  const { changes } = await whatIf(keyed.operator, pinned, rooms(blue), (part, range) =>
    judgeRange(keyed.services.sign, pinned, part, range),
  );
  await keyed.close();
  expect(changes.map(({ is: now, rule, first }) => [now, rule, first])).toEqual([
    ["hold blue", "Blue rooms wait.", ["rooms:a"]],
  ]);
});
