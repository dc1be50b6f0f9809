import { afterAll, beforeAll, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import {
  commit,
  defineMigration,
  each,
  entity,
  insert,
  name,
  phone,
  ref,
  table,
  text,
} from "../../lib/define/builders.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { importAll, reviewedRun, toTheEnd } from "../support/steps.ts";

/** People who are known by their phone, and what hangs on them under keys of which it is a part. */
const migration = defineMigration({
  name: "callers",
  title: "Callers",
  connection: "legacy",
  source: {
    people: table("mobile", "called", "kids"),
    kids: each("people", "kids", "called"),
    tickets: table(["mobile", "event"], "seat"),
    seats: table(["mobile", "seat"]),
    desks: table("holder", "desk"),
    rooms: table("code", "holder"),
  },
  entities: [
    entity("person", {
      from: ["people"],
      fields: { mobile: phone("mobile", { region: "DZ" }), full_name: name("called") },
      decide: {},
      actions: { person: insert("people", { called: "full_name" }) },
      plan: [commit("person")],
    }),
    // Made of the rows of people.
    entity("child", {
      from: ["kids"],
      fields: { called: text("item.called") },
      decide: {},
      actions: { child: insert("people", { called: "called" }) },
      plan: [commit("child")],
    }),
    // By a column that finds people.
    entity("ticket", {
      from: ["tickets"],
      fields: { holder: text("mobile"), seat: text("seat") },
      refs: { person: ref("person", "holder", { optional: true }) },
      decide: {},
      actions: { ticket: insert("people", { called: "seat" }) },
      plan: [commit("ticket")],
    }),
    // As it is: it is written.
    entity("seat", {
      from: ["seats"],
      fields: { holder: text("mobile") },
      refs: { person: ref("person", "holder", { optional: true }) },
      decide: {},
      actions: { seat: insert("people", { called: "legacy_id" }) },
      plan: [commit("seat")],
    }),
    // As it is: rows refer to it.
    entity("desk", {
      from: ["desks"],
      fields: { holder: text("holder"), desk: text("desk") },
      refs: { person: ref("person", "holder", { optional: true }) },
      decide: {},
      actions: { desk: insert("people", { called: "desk" }) },
      plan: [commit("desk")],
    }),
    // Of nobody: who holds it is no part of its key.
    entity("room", {
      from: ["rooms"],
      fields: { holder: text("holder") },
      refs: { desk: ref("desk", "holder", { optional: true }) },
      decide: {},
      actions: { room: insert("people", { called: "holder" }) },
      plan: [commit("room")],
    }),
  ],
});

const [first = "", second = "", earlier = "", later = ""] = [1, 2, 3, 4].map(
  (n) => `7f3a0000-0000-4000-8000-0000000007d${n}`,
);
let test: CsvServices;

beforeAll(async () => {
  test = await csvServices(
    migration,
    "create table people (id bigint generated always as identity primary key, called text)",
    {
      people: ["mobile,called,kids", `0771554010,Zuleikha Benali,"[{""called"":""Ida""}]"`],
      tickets: ["mobile,event,seat", "0771554010,E1,S1", "0771554010,E2,S2"],
      seats: ["mobile,seat", "0771554010,S1"],
      desks: ["holder,desk", "0771554010,D1"],
      rooms: ["code,holder", "R1,0771554010"],
    },
  );
});
afterAll(() => test?.close());

const kinds = ["person", "child", "ticket", "seat", "desk", "room"];
const keys = async (run: string) => {
  const found = await Promise.all(
    kinds.map((kind) =>
      test.query<{ id: string }>(
        `select legacy_id as id from wavegate.callers_${kind}_source where run_id = $1 order by id`,
        [run],
      ),
    ),
  );
  return found.map((rows) => rows.map(({ id }) => id));
};
const planned = (run: string) =>
  test.query<{ planned: string; moved_before: boolean }>(
    `select distinct planned, moved_before from wavegate.callers_ticket where run_id = $1
      union select planned, moved_before from wavegate.callers_child where run_id = $1`,
    [run],
  );

it("W14 D20 B13 a key is a digest too where other kinds of things, or a reference, say that a part of it is somebody, but where it is needed as it is", async () => {
  await reviewedRun(test, first);
  const [person = [], child = [], ticket = [], seat, desk, room] = await keys(first);
  for (const id of [...person, ...child, ...ticket]) expect(id).toMatch(/^key:[0-9a-f]{64}$/);
  expect(new Set([...person, ...child, ...ticket]).size).toBe(4);
  expect([seat, desk, room]).toEqual([['["0771554010","S1"]'], ["0771554010"], ["R1"]]);
});

it("B12 W14 check tells of those that stand as they are", async () => {
  const source = await test.services.openSource("legacy");
  const { problems } = await checkSource(migration, source, "2026-11-30");
  await source.close();
  expect(
    problems.flatMap(({ id, about, rows }) => (id === "key_personal" ? [[about, rows]] : [])),
  ).toEqual([
    ["seats", 1],
    ["desks", 1],
  ]);
});

it("W3 M11 a later run knows by it what was moved", async () => {
  await toTheEnd(test, first);
  await finalVerify(test.services, first);
  await reviewedRun(test, second);
  expect(await planned(second)).toEqual([{ planned: "skip", moved_before: true }]);
});

it("W3 M11 behind runs that staged such keys as they are later ones do, until those are rolled back", async () => {
  await test.query("update wavegate.legacy_import_runs set key_digests = 'keyed'");
  await importAll(test, earlier);
  expect((await keys(earlier)).slice(1, 3)).toEqual([
    ['["0771554010","1"]'],
    ['["0771554010","E1"]', '["0771554010","E2"]'],
  ]);
  const [[person] = []] = await keys(earlier);
  expect(person).toBe((await keys(first))[0]?.[0]);
  await test.query("update wavegate.legacy_import_runs set status = 'rolled_back'");
  await test.query(
    "update wavegate.legacy_import_commit_logs set rolled_back_at = now() where rolled_back_at is null",
  );
  await importAll(test, later);
  expect(await keys(later)).toEqual(await keys(first));
});
