import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { type Decision, decideMappings } from "../../lib/review/mappings/decisions.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000b2001";
/** As many as one request of a terminal may decide. */
const most = 2_000;

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
  await reviewedRun(test, run);
  await test.query(
    `insert into wavegate.legacy_course_mappings (run_id, legacy_formation_id, status)
     select $1, n, 'unmapped' from generate_series(100001, 100000 + $2::int) n`,
    [run, most],
  );
  await test.query(
    "insert into courses (id, name) select 100000 + n, 'Cours no. ' || n from generate_series(1, $1::int) n",
    [most],
  );
});
afterAll(() => test.close());

/** Decides, and how many calls of the database that took. */
async function decided(decisions: readonly Decision[]): Promise<number> {
  let calls = 0;
  const counted = (db: Database): Database => ({
    rows: (statement) => {
      calls += 1;
      return db.rows(statement);
    },
    one: (statement) => {
      calls += 1;
      return db.one(statement);
    },
    execute: (statement) => {
      calls += 1;
      return db.execute(statement);
    },
    transaction: (work, mode) => {
      calls += 2;
      return db.transaction((transaction) => work(counted(transaction)), mode);
    },
  });
  const { sign } = test.services;
  await decideMappings(counted(sign), await findRun(sign, run), "course", decisions, "approver");
  return calls;
}

const targets = async () =>
  test.query<{ id: number; target: number | null }>(
    `select legacy_formation_id::int as id, course_id::int as target from wavegate.legacy_course_mappings
      where run_id = $1 and legacy_formation_id > 100000 order by 1`,
    [run],
  );

describe("R8 W3 two thousand mappings at once", () => {
  it("are decided by labels in a few calls: a function behind a route has half a minute, and a call takes its time", async () => {
    const decisions = Array.from({ length: most }, (_, n) => ({
      id: 100_001 + n,
      confirm: true as const,
      target: ` cours NO. ${n + 1}`,
    }));
    expect(await decided(decisions)).toBeLessThan(40);
    expect(await targets()).toEqual(decisions.map(({ id }) => ({ id, target: id })));
  });

  it("name the first label that several have, or nothing has, and none is decided", async () => {
    await test.query("insert into courses (id, name) values (200001, 'cours no. 7')");
    const before = await targets();
    const of = (target: string) => [
      { id: 100_001, confirm: true as const, target: "Cours no. 2" },
      { id: 100_002, confirm: true as const, target },
    ];
    await expect(decided(of("Cours no. 7"))).rejects.toThrow(
      "“Cours no. 7” is what several courses of the platform are called: 100007, 200001.",
    );
    await expect(decided(of("Cours no. 0"))).rejects.toThrow("“Cours no. 0” is no id there");
    expect(await targets()).toEqual(before);
  });
});
