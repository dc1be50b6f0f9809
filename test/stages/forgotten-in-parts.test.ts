import { afterAll, beforeAll, expect, it } from "vitest";
import { commit, defineMigration, email, insert, name, table } from "../../lib/define/builders.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { classify } from "../../lib/stages/classify.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { validate } from "../../lib/stages/validate.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { importAll, refusal } from "../support/steps.ts";

const trial = "7f3a0000-0000-4000-8000-0000000b1901";
const rows = 15_000;
/** Rows that one call takes at most, of all tables together: what is told of it, and what is counted, beside it. */
const most = 20_000;

const members = defineMigration({
  name: "members",
  title: "Members",
  connection: "legacy",
  source: { members: table({ integer: "no" }, "name", "mail") },
  entity: {
    from: ["members"],
    name: "member",
    staging: { table: "member_imports" },
    fields: { full_name: name("name"), email: email("mail", { placeholders: [] }) },
    decide: {},
    actions: { written: insert("platform_members", { name: "full_name", email: "email" }) },
    plan: [commit("written")],
  },
} as never);

let test: TestServices;
let folder: { remove(): Promise<void> };
beforeAll(async () => {
  test = await testServices({
    world: {
      migration: members as never,
      platform: [
        "create table platform_members (id bigint generated always as identity primary key, name text, email text)",
      ],
      legacy: "",
    },
  });
  folder = await folderOf(test, {
    members: [
      ["no", "name", "mail"],
      ...Array.from({ length: rows }, (_, n) => [`${n + 1}`, "Sara Benali", `s${n}@example.com`]),
    ],
  });
  await importAll(test, trial, { trial: { whole: true }, acknowledge: {} });
  await validate(test.services, trial);
  await classify(test.services, trial);
});
afterAll(async () => {
  await test?.close();
  await folder?.remove();
});

/** How many rows of the trial each table holds. */
async function held(): Promise<Record<string, number>> {
  const tables = await test.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'run_id'
      where c.relnamespace = 'wavegate'::regnamespace and c.relkind = 'r' order by 1`,
  );
  const counts = tables.map(
    ({ name }) =>
      `select '${name}' as name, count(*)::int as n from wavegate."${name}" where run_id = '${trial}'`,
  );
  const found = await test.query<{ name: string; n: number }>(counts.join(" union all "));
  return Object.fromEntries(found.filter(({ n }) => n > 0).map(({ name, n }) => [name, n]));
}
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
const forget = () =>
  keepDecision(test.services, "approver", { decide: "forget", run: trial }) as Promise<
    object & { more?: number; rows?: number }
  >;

it("W3 B13 a trial of many rows is forgotten in calls that each end in their time, whoever it is about first", async () => {
  let before = await held();
  expect(sum(before)).toBeGreaterThan(most);
  const answers: object[] = [];
  for (let all = false; !all; ) {
    const answer = await forget();
    answers.push(answer);
    const after = await held();
    expect(sum(before) - sum(after)).toBeLessThanOrEqual(most + 100);
    all = answer.rows !== undefined;
    if (answers.length === 1) {
      expect(after.member_imports_source).toBe(1);
      // What is half of it is judged no more, and says why.
      expect(await refusal(validate(test.services, trial))).toBe("RunErased");
      expect(await refusal(dryRun(test.services, trial))).toBe("RunErased");
    }
    before = after;
  }
  expect(answers).toEqual([
    { more: rows - 1, ended: [] },
    { rows, ended: [] },
  ]);
  expect(before).toEqual({});
  const told = await test.query(
    "select action, (details ->> 'rows')::int as rows from wavegate.security_log order by seq desc limit 1",
  );
  expect(told).toEqual([{ action: "trial-forgotten", rows }]);
});
