import { afterAll, beforeAll, expect, it } from "vitest";
import {
  commit as commits,
  defineMigration,
  entity,
  insert,
  is,
  joined,
  list,
  missing,
  opened,
  present,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import { findLookedAt } from "../../lib/evidence/pinned.ts";
import { heldGroups } from "../../lib/review/rows/held-groups.ts";
import { madePages } from "../../lib/stages/import/made-pages.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d5";

/** Things with the fields of an object that stands in a column, and with a list that has an end. */
const insides = defineMigration({
  name: "insides",
  title: "What lies inside",
  connection: "legacy",
  source: {
    kept: table("no", "extra", "parts"),
    things: opened(joined("kept", {}), "extra", "hue"),
  },
  entities: [
    entity("kept", {
      from: ["kept"],
      fields: { parts: text("parts") },
      decide: {},
      actions: { kept: insert("kept", { parts: "parts" }) },
      // What has no parts is of no line.
      plan: [when(present("parts"), commits("kept"))],
    }),
    entity("thing", {
      from: ["things"],
      fields: { hue: text("extra.hue"), parts: list("parts", { by: ",", most: 2 }) },
      validate: [
        { id: "odd", says: "An odd hue.", when: is("hue", "odd"), verdict: "needs_review" },
      ],
      decide: {},
      actions: { thing: insert("things", { word: "hue" }) },
      plan: [when(missing("hue"), commits("thing")), when(present("hue"), commits("thing"))],
    }),
  ],
});

let test: TestServices;
let folder: Awaited<ReturnType<typeof folderOf>>;
beforeAll(async () => {
  test = await testServices({
    world: {
      migration: insides,
      platform: ["kept (parts", "things (word"].map(
        (columns) =>
          `create table ${columns} text, id bigint generated always as identity primary key)`,
      ),
      legacy: "",
    },
  });
  folder = await folderOf(test, {
    kept: [
      ["no", "extra", "parts"],
      ["1", '{"hue": "red"}', "a,b"],
      ["2", '["red"]', "a"],
      ["3", "red", "a"],
      ["4", null, "a"],
      ["5", '{"hue": "blue"}', "a,b,c"],
      ["6", '{"hue": "odd"}', null],
      ["7", '{"hue": "red", "hue": "blue"}', "a"],
    ],
  });
  await reviewedRun(test, run);
});
afterAll(async () => {
  await test.close();
  await folder.remove();
});

const planned = (kind: string) =>
  test.query<{ row: string }>(
    `select concat_ws(' ', s.legacy_id, s.planned, s.planned_reason, nullif(s.findings::text, '[]')) as row
       from wavegate.insides_${kind} s order by s.legacy_id`,
  );

it("B5 V6 a row is held that should hold an object and holds none or one of two values of a key, and one whose list was cut", async () => {
  expect((await planned("thing")).map(({ row }) => row)).toEqual([
    "1 commit",
    '2 hold object_unreadable ["object_unreadable"]',
    '3 hold object_unreadable ["object_unreadable"]',
    "4 commit",
    '5 hold noted_without_rule ["list_cut"]',
    "6 hold validation_needs_review",
    '7 hold object_unreadable ["object_unreadable"]',
  ]);
});

it("B4 of rows that are held for what no rule is about it is told what that is", async () => {
  const { sign } = test.services;
  const { run: found, look } = await findLookedAt(sign, run);
  const groups = await heldGroups(sign, found, look);
  expect(groups.find(({ reason }) => reason === "noted_without_rule")?.common).toEqual({
    kind: "unruled",
    name: "findings",
    value: "list_cut",
    rows: 1,
  });
});

it("B5 B7 a row that a rule shows to a person is held where no line says otherwise, and one of which no line is", async () => {
  expect((await planned("kept")).map(({ row }) => row)).toEqual([
    "1 commit",
    "2 commit",
    "3 commit",
    "4 commit",
    "5 commit",
    "6 hold nothing_applies",
    "7 commit",
  ]);
});

it("V6 made rows come in pages that an answer holds, and one that is longer than a row of it may be by itself", async () => {
  const other = "7f3a0000-0000-4000-8000-0000000000d6";
  await test.query(
    `insert into wavegate.legacy_import_runs
       select (jsonb_populate_record(r, $2)).* from wavegate.legacy_import_runs r where id = $1`,
    [run, JSON.stringify({ id: other, reference: "insides-20261120-d6" })],
  );
  const sizes = [80_000, 1, ...Array.from({ length: 11 }, () => 29_000), 2, 400_000, 80_000];
  for (const [place, length] of sizes.entries())
    await test.query(
      `insert into wavegate.made_rows (run_id, source_table, place, key, source_values)
         values ($1, 'things', $2::int, ($2::int)::text, jsonb_build_array(repeat('x', $3)))`,
      [other, place + 1, length],
    );
  const range = { table: "things", after: null, upTo: "15" };
  const pages = await Array.fromAsync(madePages(test.services.stage, other, range), (page) =>
    page.map(({ values }) => values[0]?.length),
  );
  expect(pages).toEqual([
    [80_000],
    [1, ...Array.from({ length: 10 }, () => 29_000)],
    [29_000, 2],
    [400_000],
  ]);
  await test.query("delete from wavegate.made_rows where run_id = $1", [other]);
});
