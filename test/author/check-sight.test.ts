import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkAround } from "../../lib/author/check/around.ts";
import { askingPlace } from "../../lib/cli/verbs/check.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { roles, type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

describe("R1 D42 check says what row-level security hides", () => {
  const hidden = async () => {
    // As the place has it, and by an address of a database that is not set up: no role is called so.
    const found = await askingPlace(test.operator, (asks) => checkAround(ecoin, asks));
    const before = await checkAround(ecoin, (sql) => test.query(sql));
    return [found, before].map((all) =>
      all
        .filter(({ id }) => id === "target_row_security")
        .map(({ level, about }) => [level, about]),
    );
  };

  it("of what is looked at and of what is written, until the roles see all of it", async () => {
    const { stage, commit } = roles;
    for (const table of ["users", "crm_leads"]) {
      await test.query(`alter table ${table} enable row level security`);
      expect(await hidden()).toEqual([[["error", table]], [["warning", table]]]);
      await test.query(
        `create policy seen on ${table} to ${stage}, ${commit("ecoin")} using (true) with check (true)`,
      );
      expect(await hidden()).toEqual([[], [["warning", table]]]);
      await test.query(`drop policy seen on ${table}; create policy seen on ${table} using (true)`);
      expect(await hidden()).toEqual([[], []]);
      await test.query(
        `drop policy seen on ${table}; alter table ${table} disable row level security`,
      );
    }
    expect(await hidden()).toEqual([[], []]);
  });
});
