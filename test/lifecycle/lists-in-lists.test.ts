import { expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  commit,
  defineMigration,
  each,
  entity,
  hold,
  insert,
  integer,
  joined,
  need,
  of,
  ref,
  skip,
  table,
  text,
} from "../../lib/define/builders.ts";
import { completeTables } from "../../lib/define/made.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";

/** Pupils with their courses, each with what was paid for it, some of that paid back: lists in lists, as documents have them. */
const school = defineMigration({
  name: "school-lists",
  title: "School",
  connection: "legacy",
  source: {
    pupils: table("no", "courses"),
    courses: each("pupils", "courses", "code", "paid"),
    paid: each("courses", "item.paid", "cents", "back", { as: "payment" }),
    back: each("paid", "payment.back", { as: "refund", by: ";", key: "item" }),
  },
  entities: [
    entity("pupil", {
      from: ["pupils"],
      fields: {},
      decide: {},
      actions: {},
      plan: [skip("part_of_courses")],
    }),
    entity("course", {
      from: ["courses"],
      fields: { pupil: text("no"), place: integer("item.place"), code: text("item.code") },
      decide: {},
      actions: { course: insert("courses", { pupil: "pupil", code: "code" }) },
      plan: [commit("course")],
    }),
    entity("payment", {
      from: ["paid"],
      fields: {
        pupil: text("no"),
        course: integer("item.place"),
        place: integer("payment.place"),
        cents: integer("payment.cents"),
      },
      refs: { of_course: ref("course", { pupil: "pupil", place: "course" }) },
      decide: {},
      actions: { payment: insert("payments", { course_id: of("of_course"), cents: "cents" }) },
      plan: [need("of_course", hold("course_missing")), commit("payment")],
    }),
    entity("refund", {
      from: ["back"],
      fields: {
        pupil: text("no"),
        course: integer("item.place"),
        payment: integer("payment.place"),
        cents: integer("refund"),
      },
      refs: { paid: ref("payment", { pupil: "pupil", course: "course", place: "payment" }) },
      decide: {},
      actions: { refund: insert("refunds", { payment_id: of("paid"), cents: "cents" }) },
      plan: [need("paid", hold("payment_missing")), commit("refund")],
    }),
  ],
});

const platform = `
create table courses (id bigint generated always as identity primary key, pupil text, code text not null);
create table payments (id bigint generated always as identity primary key, course_id bigint not null references courses, cents int not null);
create table refunds (id bigint generated always as identity primary key, payment_id bigint not null references payments, cents int not null)`;

const tables = ["courses", "payments", "refunds"];
const documents = [
  [
    { code: "FR", paid: [{ cents: 100, back: "10; 20" }, { cents: 200 }] },
    { code: "DE", paid: [{ cents: 300, back: "10" }] },
  ],
  [{ code: "FR" }, { code: "IT", paid: "soon" }, { code: "ES", paid: [] }],
  [{ paid: [{ cents: 400 }] }],
];
const legacy = `
create table pupils (no text primary key, courses jsonb);
insert into pupils values ${documents.map((courses, at) => `('P${at + 1}', '${JSON.stringify(courses)}')`).join(", ")}`;

it("B5 R17 lists within elements of lists are rows of their own, each below the element that holds it, there, again and back", async () => {
  const test = await fromPostgres(school, { platform, legacy });
  const [run, again] = [1, 2].map((n) => `7f3a0000-0000-4000-8000-00000000f85${n}`) as [
    string,
    string,
  ];
  const before = await rowsOf(test, tables);
  expect(await committed(test, run)).toEqual([]);
  const written = async () =>
    (
      await test.query<{ is: string }>(
        `select concat_ws(' ', c.pupil, c.code, p.cents, r.cents) as is from courses c
           left join payments p on p.course_id = c.id left join refunds r on r.payment_id = p.id order by 1`,
      )
    ).map(({ is }) => is);
  const first = ["P1 DE 300 10", "P1 FR 100 10", "P1 FR 100 20", "P1 FR 200"];
  expect(await written()).toEqual([...first, "P2 ES", "P2 FR", "P2 IT"]);
  expect(await stateOfEach(test, "school_lists_payment", run)).toEqual({
    null: "held list_unreadable",
    '["P1","1","1"]': "committed",
    '["P1","1","2"]': "committed",
    '["P1","2","1"]': "committed",
    '["P3","1","1"]': "held course_missing",
  });
  expect(await stateOfEach(test, "school_lists_refund", run)).toEqual({
    '["P1","1","1","10"]': "committed",
    '["P1","1","1","20"]': "committed",
    '["P1","2","1","10"]': "committed",
  });
  await test.inLegacy(
    `update pupils set courses = jsonb_set(courses, '{0,paid}', '[{"cents": 500, "back": "50"}]') where no = 'P2'`,
  );
  expect(await committed(test, again)).toEqual([]);
  expect(await written()).toEqual([...first, "P2 ES", "P2 FR 500 50", "P2 IT"]);
  expect(await takenBack(test, again)).toEqual([]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, tables)).toEqual(before);
  await test.close();
});

it("B5 B12 elements, and partners, are called as nothing else in their rows is: one key would be two rows' else", () => {
  const { source } = school;
  const problems = (tables: object) =>
    problemsOf({ ...school, source: completeTables({ ...source, ...tables }) } as never);
  expect(problems({})).toEqual([]);
  const other = 'say another word, { as: "…" }.';
  expect(problems({ back: each("courses", "item.paid", "cents") }).join("\n")).toContain(
    `“back” calls its elements “item”, and so is a column of “courses” called: ${other}`,
  );
  expect(problems({ pupils: table("no", "item", "courses") }).join("\n")).toContain(
    `“courses” calls its elements “item”, and so is a column of “pupils” called: ${other}`,
  );
  for (const as of ["a.b", "row", "group", ""])
    expect(problems({ back: each("paid", "payment.back", { as }) }).join("\n")).toContain(
      `“back” calls its elements “${as}”, which is no word of their own, without a dot.`,
    );
  const twice = {
    one: joined("pupils", { peer: { table: "pupils", on: { no: "no" } } }),
    two: joined("one", { peer: { table: "pupils", on: { no: "no" } } }),
  };
  expect(problems(twice).join("\n")).toContain(
    "“two” calls a partner “peer”, and rows of “one” have columns that are called so: call it otherwise.",
  );
});
