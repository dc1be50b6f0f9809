import { afterAll, beforeAll, expect, it } from "vitest";
import {
  birthDate,
  commit,
  defineMigration,
  field,
  hold,
  insert,
  is,
  link,
  match,
  name,
  people,
  phone,
  skip,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import type { Condition, PlanRule } from "../../lib/define/definition.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun } from "../support/steps.ts";

const known = [
  when(field("high_hits", "several"), hold("several_matches")),
  when(field("high_hits", "one"), link()),
];
const definition = (called: string, plan: PlanRule[]) =>
  defineMigration({
    name: called,
    title: "Members whom a club knows by name and birth date",
    connection: "legacy",
    source: { members: table("no", "name", "born", "mobile", "left") },
    entity: {
      from: ["members"],
      fields: {
        full_name: name("name"),
        born: birthDate("born"),
        mobile: phone("mobile", { region: "FR" }),
        left: text("left"),
      },
      decide: {},
      match: match([people({ in: "users", name: "name", phone: "phone", birthDate: "born" })]),
      actions: { member: insert("members", { no: "legacy_id", name: "full_name" }) },
      plan,
    },
  });
const members = definition("known_by_birth", [
  when(is("left", "yes"), skip("left")),
  ...known,
  commit("member"),
]);

const run = "7f3a0000-0000-4000-8000-00000000caf2";
let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    members,
    `create table users (id bigserial primary key, name text, phone text, born date);
     create table members (id bigserial primary key, no text, name text);
     insert into users (name, phone, born) values ('Anaïs Morel', '33610000001', '1970-03-12'), ('Loïc Perrin', null, '1981-07-01');`,
    {
      members: [
        "no,name,born,mobile,left",
        "1,Anaïs Morel,1970-03-12,0610000001,",
        "2,Loïc Perrin,1981-07-01,,",
        "3,Loïk Perrin,1981-07-01,,",
        "4,Loïc Perrin,1981-07-01,,yes",
        "5,Chloé Haas,1990-01-02,,",
      ],
    },
  );
  await reviewedRun(test, run);
});
afterAll(() => test?.close());

it("M7 a plan that asks only for those found by phone or e-mail holds whom the platform may know by name and birth date", async () => {
  const rows = await test.query<{ no: string; hint: string; planned: string; why: string | null }>(
    `select legacy_id as no, duplicate_confidence as hint, planned, planned_reason as why
       from wavegate.known_by_birth_rows order by 1`,
  );
  expect(rows.map(({ no, hint, planned, why }) => [no, hint, planned, why])).toEqual([
    ["1", "high", "link", null],
    ["2", "medium", "hold", "possible_duplicate"],
    ["3", "low", "hold", "possible_duplicate"],
    ["4", "medium", "skip", "left"],
    ["5", "none", "commit", null],
  ]);
});

it("M7 a plan that says what becomes of such rows has the last word", () => {
  const holds = (plan: readonly PlanRule[]): Condition[] =>
    plan.flatMap((line) =>
      "hold" in line && line.hold === "possible_duplicate" ? [line.when] : [],
    );
  const said = definition("known_and_said", [
    ...known,
    when(field("duplicate_confidence", "medium"), hold("looks_known")),
    commit("member"),
  ]);
  expect(holds(said.entity.plan)).toEqual([]);
  expect(holds(members.entity.plan)).toHaveLength(1);
});
