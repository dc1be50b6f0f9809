import { afterAll, beforeAll, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { sql, uuid } from "../../lib/data/sql.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { type Decision, decideMappings } from "../../lib/review/mappings/decisions.ts";
import { mappingOverview } from "../../lib/review/mappings/overview.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll } from "../support/steps.ts";

let test: TestServices;
const id = (last: string) => `7f3a0000-0000-4000-8000-0000000ca0${last}`;
const first = id("01");

beforeAll(async () => {
  test = await testServices();
  await importAll(test, first);
  await test.query("insert into courses (id, name) values (9001, 'Gone')");
});
afterAll(() => test.close());

const decide = async (run: string, ...said: Decision[]) =>
  decideMappings(
    test.services.sign,
    await findRun(test.services.stage, run),
    "course",
    said,
    "approver",
  );
const courses = (run: string) =>
  test.query<{ id: number; status: string }>(
    `select legacy_formation_id::int as id, course_id::int as target, status, decided_by as by, decided_at as at
       from wavegate.legacy_course_mappings where run_id = '${run}' and decided_by is not null order by 1`,
  );
const carriedIn = async (run: string) =>
  (await mappingOverview(test.services.sign, await findRun(test.services.sign, run))).map(
    ({ name, carried }) => [name, carried],
  );

it("R8 W12 what people decided about mappings stands in the next run as what it is, and can be decided anew", async () => {
  await decide(
    first,
    { id: 19, confirm: true, target: 3 },
    { id: 20, confirm: true, target: 9001 },
    { id: 21, reject: true },
    { id: 22, reject: true },
  );
  const decided = await courses(first);
  expect(decided).toHaveLength(4);

  const next = id("02");
  await importAll(test, next);
  expect(await courses(next)).toEqual(decided);
  expect(await carriedIn(next)).toEqual([
    ["course", 4],
    ["session", 0],
  ]);
  const told = (await auditLog(test.services.stage, next)).filter(
    ({ action }) => action === "mappings-carried",
  );
  const { reference } = await findRun(test.services.stage, first);
  expect(told).toMatchObject([
    {
      actor: "wavegate",
      details: {
        table: "legacy_course_mappings",
        decisions: [
          { id: 19, confirmed: true, target: 3, by: "approver", run: reference },
          { id: 20, confirmed: true, target: 9001 },
          { id: 21, rejected: true, target: null },
          { id: 22, rejected: true },
        ],
      },
    },
  ]);

  // Once rows are judged nothing is added, whoever asks, of what is decided in the other run meanwhile.
  await decide(first, { id: 23, reject: true });
  const { carried } = await test.services.stage.one<{ carried: number }>(
    sql`select wavegate.carry_legacy_course_mappings(${uuid(next)}) as carried`,
  );
  expect(carried).toBe(0);
  expect(await courses(next)).toEqual(decided);
  await decide(next, { id: 22, confirm: true, target: 3 });
  expect(await carriedIn(next)).toEqual([
    ["course", 3],
    ["session", 0],
  ]);
});

it("R8 a decision is not carried where the target is gone or the legacy thing is another, and never from a trial", async () => {
  await test.query("delete from courses where id = 9001");
  // Each as if the source had called it otherwise then.
  await test.query(
    `update wavegate.legacy_course_mappings set legacy_name = legacy_name || ' (old)' where run_id = '${first}' and legacy_formation_id = 21`,
  );
  await test.query(
    `update wavegate.legacy_course_mappings set legacy_name = legacy_name || ' (old)' where run_id = '${id("02")}' and legacy_formation_id = 21`,
  );
  const next = id("03");
  await importAll(test, next);
  expect(await courses(next)).toMatchObject([
    { id: 19, target: 3, status: "confirmed" },
    // As it was decided last, in the run in between.
    { id: 22, target: 3, status: "confirmed" },
    { id: 23, target: null, status: "rejected" },
  ]);
  const told = (await auditLog(test.services.stage, next)).find(
    ({ action }) => action === "mappings-carried",
  );
  const references = [first, id("02")].map(
    async (run) => (await findRun(test.services.stage, run)).reference,
  );
  expect(told?.details).toMatchObject({
    decisions: [
      { id: 19, run: await references[0] },
      { id: 22, run: await references[1] },
      { id: 23, run: await references[0] },
    ],
  });
});

it.each([
  ["a trial’s", `trial = '{"rows": 10}'`],
  ["over another connection", "connection_name = 'elsewhere'"],
  [
    "of another definition of the reference",
    `definition = jsonb_set(definition, '{references,course,suggestFrom}', '0.9')`,
  ],
])("R8 decisions are not carried that are %s", async (_what, change) => {
  await test.query("alter table wavegate.legacy_import_runs disable trigger user");
  const before = await test.query<{ id: string }>(
    `select id, trial, connection_name, definition from wavegate.legacy_import_runs`,
  );
  await test.query(
    `update wavegate.legacy_import_runs set ${change} where id = any ('{${before.map((each) => each.id).join()}}')`,
  );
  const next = `7f3a0000-0000-4000-8000-${String(before.length).padStart(12, "0")}`;
  await importAll(test, next);
  expect(await courses(next)).toEqual([]);
  await test.query(
    `update wavegate.legacy_import_runs r set trial = b.trial, connection_name = b.connection_name, definition = b.definition
       from jsonb_to_recordset('${JSON.stringify(before).replaceAll("'", "''")}') as b (id uuid, trial jsonb, connection_name text, definition jsonb)
      where r.id = b.id`,
  );
});
