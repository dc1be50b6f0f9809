import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  commit,
  constant,
  defineMigration,
  field,
  hold,
  insert,
  link,
  match,
  name,
  nothing,
  people,
  phone,
  table,
  when,
} from "../../lib/define/builders.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d1";
const uuid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`;
const ids = [1, 2, 3, 4, 5, 6];
const names = ["Sara Haddad", "Lina Mokrane", "Amel Benali", "Nadia Cherif", "Yasmine Toumi"];

describe.each([
  { idType: "bigint", type: "bigint", of: ids.map(String) },
  { idType: "uuid", type: "uuid", of: ids.map(uuid) },
] as const)("M7 people whom the platform took for deleted, with ids of type $idType", (with_) => {
  const { idType, type, of } = with_;
  const members = defineMigration({
    name: `left_${idType}`,
    title: "Members",
    connection: "legacy",
    source: { members: table("no", "name", "mobile") },
    entity: {
      from: ["members"],
      fields: { full_name: name("name"), mobile: phone("mobile", { region: "DZ" }) },
      decide: {},
      match: match([
        people({
          in: "users",
          name: "name",
          phone: "phone",
          idType,
          where: { deleted_at: nothing, kind: constant("person") },
        }),
      ]),
      actions: { member: insert("members", { no: "legacy_id", name: "full_name" }) },
      plan: [
        when(field("high_hits", "several"), hold("several_matches")),
        when(field("high_hits", "one"), link()),
        commit("member"),
      ],
    },
  });
  let test: CsvServices;
  const rows = () =>
    test.query<{ no: string }>(
      `select legacy_id as no, planned, import_state as state, state_reason as why, duplicate_evidence -> 0 -> 'id' #>> '{}' as who
         from wavegate.${members.entity.staging.table} order by 1`,
    );

  beforeAll(async () => {
    test = await csvServices(
      members,
      `create table users (id ${type} primary key, name text, phone text, kind text not null default 'person', deleted_at timestamptz);
       create table members (id bigserial primary key, no text, name text);`,
      {
        members: [
          "no,name,mobile",
          ...names.map((name, at) => `M-${at + 1},${name},055100000${at + 1}`),
        ],
      },
    );
    const user = (n: number, phone: string, is: { deleted?: true; kind?: string } = {}) =>
      test.query("insert into users values ($1, $2, $3, $4, $5)", [
        of[n - 1],
        names[Number(phone) - 1],
        `21355100000${phone}`,
        is.kind ?? "person",
        is.deleted ? "2024-01-01" : null,
      ]);
    await user(1, "1", { deleted: true });
    await user(2, "2", { deleted: true });
    await user(3, "2");
    await user(4, "3");
    await user(5, "4", { deleted: true });
    await user(6, "5", { kind: "desk" });
    await reviewedRun(test, run);
  });
  afterAll(() => test?.close());

  it("are nobody that a row may be, and who is there beside one of them is linked", async () => {
    const pending = { state: "pending", why: null };
    expect(await rows()).toEqual([
      { no: "M-1", planned: "commit", who: null, ...pending },
      { no: "M-2", planned: "link", who: of[2], ...pending },
      { no: "M-3", planned: "link", who: of[3], ...pending },
      { no: "M-4", planned: "commit", who: null, ...pending },
      { no: "M-5", planned: "commit", who: null, ...pending },
    ]);
  });

  it("D28 hold whoever was to be linked to one, and whoever one that was restored may be", async () => {
    await approve(test, run, "first_wave");
    await test.query("update users set deleted_at = now() where id = $1", [of[3]]);
    await test.query("update users set deleted_at = null where id = $1", [of[4]]);
    const { written, verified } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ committed: 2, linked: 1, heldBack: 2 });
    expect(verified.passed).toBe(true);
    const held = { state: "held", why: "platform_changed_since_review" };
    expect(await rows()).toMatchObject([
      { no: "M-1", state: "committed" },
      { no: "M-2", state: "linked" },
      { no: "M-3", ...held },
      { no: "M-4", ...held },
      { no: "M-5", state: "committed" },
    ]);
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
  });
});

it("M7 a person of the platform is told from those who are none by what a column holds, not by a field", () => {
  const wrong = () =>
    people({ in: "users", phone: "phone", where: { deleted_at: { staged: "left_on" } } });
  expect(
    problemsOf(
      defineMigration({
        name: "wrong",
        title: "Members",
        connection: "legacy",
        source: { members: table("no", "mobile") },
        entity: {
          from: ["members"],
          fields: { mobile: phone("mobile", { region: "DZ" }) },
          decide: {},
          match: match([wrong()]),
          actions: { member: insert("members", { no: "legacy_id" }) },
          plan: [commit("member")],
        },
      }),
    ),
  ).toContain(
    "“deleted_at” of “users” says who is meant by what no person of the platform holds: it is `nothing` or a constant(…).",
  );
});
