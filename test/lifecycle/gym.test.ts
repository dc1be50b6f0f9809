import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gym } from "../gym/definition.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";

const folder = new URL("../gym/", import.meta.url);
const run = "7f3a0000-0000-4000-8000-000000000901";
const first = "7f3a0000-0000-4000-8000-000000000902";
const second = "7f3a0000-0000-4000-8000-000000000903";
const third = "7f3a0000-0000-4000-8000-000000000904";
let test: TestServices;

beforeAll(async () => {
  test = await testServices({
    world: {
      migration: gym,
      platform: [await readFile(new URL("customers.sql", folder), "utf8")],
      legacy: fileURLToPath(new URL("legacy/", folder)),
    },
  });
});
afterAll(() => test.close());

/** As the club writes its members' numbers. */
const numbered = (n: number): string => `M-${String(n).padStart(4, "0")}`;

const platform = () => rowsOf(test, ["customers", "invoices"]);

const outcomes = (id: string) =>
  test.query(
    `select legacy_id as no, import_state as state, coalesce(state_reason, classification) as why
       from wavegate.gym_rows where run_id = $1 order by legacy_id`,
    [id],
  );

describe("B5 a gym's members", () => {
  it("B5 are judged by what the definition says, and what it does not say is held", async () => {
    await reviewedRun(test, run, { wavePlan: [5, 25] });
    const rows = await test.query(
      `select legacy_id as no, full_name, mobile_normalized as mobile, mail_normalized as mail, plan, joined_on::text,
              findings from wavegate.gym_rows where run_id = $1 and legacy_id in ('M-0003', 'M-0013', 'M-0014', 'M-0015', 'M-0019') order by 1`,
      [run],
    );
    expect(rows).toEqual([
      {
        no: "M-0003",
        full_name: "Cara Jones",
        mobile: "447911123003",
        mail: null,
        plan: "concession",
        joined_on: "2020-02-29",
        findings: [],
      },
      {
        no: "M-0013",
        full_name: "Jon Snow",
        mobile: "447911123013",
        mail: "jon@mail.example",
        plan: "gold",
        joined_on: null,
        findings: ["date_unreadable", "joined_on_unreadable"],
      },
      {
        no: "M-0014",
        full_name: "Kim Lee",
        mobile: "447911123014",
        mail: "kim@mail.example",
        plan: null,
        joined_on: "2015-05-08",
        findings: ["choice_unlisted", "plan_unlisted"],
      },
      {
        no: "M-0015",
        full_name: "Lou Reed",
        mobile: null,
        mail: "lou@mail.example",
        plan: "concession",
        joined_on: "2015-05-09",
        findings: ["phone_invalid"],
      },
      {
        no: "M-0019",
        full_name: "Zoë Brontë-Smith",
        mobile: "447911123019",
        mail: "zoe@mail.example",
        plan: "concession",
        joined_on: "2015-05-12",
        findings: [],
      },
    ]);
    expect(await outcomes(run)).toEqual([
      ...[1, 2, 3, 4, 5].map((n) => ({ no: numbered(n), state: "pending", why: "member" })),
      ...[6, 7].map((n) => ({ no: numbered(n), state: "pending", why: "former_member" })),
      ...[8, 9].map((n) => ({ no: numbered(n), state: "held", why: "possible_duplicate" })),
      ...[10, 11].map((n) => ({ no: numbered(n), state: "pending", why: "member" })),
      { no: "M-0012", state: "failed", why: "name_missing" },
      ...[13, 14].map((n) => ({ no: numbered(n), state: "held", why: "noted_without_rule" })),
      { no: "M-0015", state: "pending", why: "member" },
      { no: "M-0016", state: "held", why: "status_unknown" },
      { no: "M-0017", state: "held", why: "noted_without_rule" },
      ...[18, 19].map((n) => ({ no: numbered(n), state: "pending", why: "member" })),
    ]);
    const [{ report } = { report: {} }] = await test.query<{ report: Record<string, unknown> }>(
      "select report from wavegate.dry_runs where run_id = $1",
      [run],
    );
    expect(report).toMatchObject({
      rows: 19,
      counts: [{ id: "members", says: "Members", rows: 16 }],
      unlisted_statuses: [
        { field: "raw_status", status: "frozen", rows: 1, nearest: null },
        { field: "plan", status: "Platinum", rows: 1, nearest: null },
      ],
    });
  });

  it("B5 W3 R17 go through sign-off, waves, drill and verification, and back to the last row", async () => {
    const before = await platform();
    expect(await committed(test, first)).toEqual([]);
    const after = await platform();
    expect(after.invoices).toEqual(before.invoices);
    expect(after.customers?.slice(0, 2)).toEqual(before.customers);
    const written = await test.query(
      "select legacy_no as no from customers where id > 2 order by 1",
    );
    expect(written.map(({ no }) => no)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 10, 11, 15, 18, 19].map(numbered),
    );
    const [ada] = await test.query(
      "select name, phone, email, plan, joined_on::text from customers where legacy_no = 'M-0001'",
    );
    expect(ada).toEqual({
      name: "Ada Okafor",
      phone: "447911123001",
      email: "ada@mail.example",
      plan: "gold",
      joined_on: "2019-02-01",
    });
    expect(await takenBack(test, first)).toEqual([]);
    expect(await platform()).toEqual(before);
  });

  it("B5 M11 start again, are written once, and once more nothing is", async () => {
    expect(await committed(test, second)).toEqual([]);
    const after = await platform();
    expect(await committed(test, third)).toEqual([]);
    expect(await platform()).toEqual(after);
    const rows = await standing(test, "gym_rows", third);
    const states = (state: string) =>
      rows.filter((row) => row.state === state).map(({ no }) => Number(no.slice(2)));
    expect(states("skipped")).toEqual([1, 2, 3, 4, 5, 6, 7, 10, 11, 15, 18, 19]);
    expect(states("held")).toEqual([8, 9, 13, 14, 16, 17]);
    expect(states("failed")).toEqual([12]);
  });
});
