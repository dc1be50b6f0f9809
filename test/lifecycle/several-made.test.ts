import { afterAll, beforeAll, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { pinOf } from "../../lib/evidence/pinned.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { inFull } from "../support/every-step.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";
import { lessons, lessonsFiles, lessonsPlatform } from "./worlds/lessons.ts";

const runs = [1, 2, 3, 4].map((n) => `7f3a0000-0000-4000-8000-00000000c80${n}`) as [
  string,
  string,
  string,
  string,
];

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(lessons, lessonsPlatform, lessonsFiles);
});
afterAll(() => test?.close());

const tables = ["sections", "materials", "tasks", "visitors"];
const states = async (view: string, run: string) =>
  (await standing(test, view, run)).map(
    ({ no, state, why }) => `${no} ${state}${why ? ` ${why}` : ""}`,
  );

it("B5 W3 rows that are made are made once, whatever cuts it off, and nothing is left behind", async () => {
  const run = runs[3];
  await preflight(test.services, {
    migration: "lessons",
    run,
    executionArn: "",
    acknowledge: { backup: "b-1", queues: true },
  });
  const { ranges } = await planImport(test.services, run);
  await expect(finishImport(test.services, run)).rejects.toMatchObject({
    name: "ImportIncomplete",
  });
  for (const { range } of ranges) await importRange(test.services, run, range);
  // Some of an import that an earlier version began: their values are a list.
  const sources = await test.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'wavegate'::regnamespace and relname like 'lessons\\_%\\_source' and relkind = 'r'",
  );
  for (const { name } of sources) {
    await test.query(
      `update wavegate."${name}" set source_values = to_jsonb(raw_values::text[]), raw_values = null where run_id = $1 and id % 2 = 0`,
      [run],
    );
  }
  // A statement of the staging of made rows fails once, after others were staged.
  const { stage } = test.services;
  let sets = 0;
  const failing = new Proxy(stage, {
    get: (target, name) =>
      name === "execute"
        ? async (statement: Parameters<typeof stage.execute>[0]) => {
            const text = statement.parts.join("");
            if (text.includes("with importing as") && ++sets === 2) throw new Error("cut off");
            return target.execute(statement);
          }
        : Reflect.get(target, name).bind(target),
  });
  await expect(finishImport({ ...test.services, stage: failing }, run)).rejects.toThrow("cut off");
  const { staged } = await finishImport(test.services, run);
  const once = {
    sections: 6,
    tasks: 5,
    bases: 4,
    visits: 5,
    materials: 7,
    visitors: 3,
    wholeTasks: 5,
  };
  expect(staged).toEqual(once);
  expect((await finishImport(test.services, run)).staged).toEqual(once);
  expect(await test.query("select from wavegate.made_rows")).toEqual([]);
});

it("B5 R17 elements, pairs and groups go all the way, and back", async () => {
  const before = await rowsOf(test, tables);
  expect(await committed(test, runs[0])).toEqual([]);
  expect(await states("lessons_material", runs[0])).toEqual([
    "null held list_unreadable",
    "null held list_unreadable",
    '["S1","1"] committed',
    '["S1","2"] committed',
    '["S6","1"] committed',
    '["S6","2"] held title_missing',
    '["S6","3"] held title_missing',
  ]);
  expect(await states("lessons_task", runs[0])).toEqual([
    "T1 committed",
    "T2 committed",
    "T3 held partner_absent",
    "T4 held partner_several",
    "T5 held partner_absent",
  ]);
  expect(await states("lessons_visitor", runs[0])).toEqual([
    "null held key_absent",
    "ada committed",
    "ben committed",
  ]);
  expect(await test.query("select title, kind, place from materials order by legacy_no")).toEqual([
    { title: "Halves and thirds", kind: "text", place: 1 },
    { title: "Pies", kind: "link", place: 2 },
    { title: "Adding", kind: "text", place: 1 },
  ]);
  expect(await test.query("select words from tasks order by legacy_no")).toEqual([
    { words: "Halve it" },
    { words: "Point at it" },
  ]);
  expect(
    await test.query("select person, since::text, visits, room from visitors order by person"),
  ).toEqual([
    { person: "ada", since: "2026-01-05", visits: 2, room: "9" },
    { person: "ben", since: "2026-02-01", visits: 2, room: "4" },
  ]);
  expect(
    await test.query(
      "select raw_payload ->> 'group.differs' as differs from wavegate.lessons_visitor where run_id = $1 and legacy_id is not null order by legacy_id",
      [runs[0]],
    ),
  ).toEqual([{ differs: "section, day, room" }, { differs: null }]);
  const run = await findRun(test.services.stage, runs[0]);
  expect(await balance(test.services.stage, pinOf(run), runs[0])).toMatchObject({
    staged: 35,
    imported: 35,
    holds: true,
  });
  expect(await takenBack(test, runs[0])).toEqual([]);
  expect(await rowsOf(test, tables)).toEqual(before);
});

// Of other kinds of rows in `npm test` as well: `one-table.test.ts`, `updates.test.ts`, `own-kind.test.ts`.
inFull("M11 once more writes nothing", async () => {
  expect(await committed(test, runs[1])).toEqual([]);
  const after = await rowsOf(test, tables);
  expect(await committed(test, runs[2])).toEqual([]);
  expect(await rowsOf(test, tables)).toEqual(after);
  expect(await states("lessons_visitor", runs[2])).toEqual([
    "null held key_absent",
    "ada skipped moved_before",
    "ben skipped moved_before",
  ]);
});
