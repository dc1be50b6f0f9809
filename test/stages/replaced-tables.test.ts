import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commit } from "../../lib/stages/commit.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import {
  reviewedServices,
  reviewed as run,
  setUpAgain,
  type TestServices,
} from "../support/services.ts";
import { approve, judgeAll, runWave } from "../support/steps.ts";

let test: TestServices;
beforeAll(async () => {
  test = await reviewedServices();
  await approve(test, run, "first_wave");
});
afterAll(() => test.close());

const wave = () =>
  commit(test.services, { run, wave: 1 }).then(
    () => "written",
    ({ name, message }: Error) => `${name}: ${message}`,
  );
const replace = async (table: string) => {
  await test.query(`alter table ${table} rename to was_there`);
  await test.query(
    `create table ${table} (like was_there including all); insert into ${table} overriding system value select * from was_there`,
  );
  await setUpAgain(test, ecoin);
};
const replaceByView = async (table: string) => {
  await test.query(
    `alter table ${table} rename to was_there; create view ${table} as select * from was_there;
     grant all on ${table} to public`,
  );
};
const putBack = async (table: string) => {
  await test.query(`drop table ${table}; alter table was_there rename to ${table}`);
  await setUpAgain(test, ecoin);
};

describe("W7 no wave is written of which another table than the reviewed one has the name", () => {
  it.each([
    ["that it writes, row for row and column for column", "legacy_completed_trainings"],
    ["in which people are looked for", "crm_leads"],
    ["that a reference is mapped to", "courses"],
  ])("one %s", async (_, table) => {
    await replace(table);
    expect(await wave()).toMatch(
      new RegExp(
        `^DryRunStale: Another table than the one that was reviewed is called ${table} now, which wave 1 of ecoin-\\S+ would read or write\\. Nothing was written; put it back, or run \`wavegate dry-run --run ecoin-\\S+\` and \`wavegate export --run ecoin-\\S+\` again, and \`wavegate resume --run ecoin-\\S+\` goes on\\.$`,
      ),
    );
    await putBack(table);
  });

  it.each(["legacy_completed_trainings", "courses"])(
    "nor is %s what it was as a view of itself",
    async (table) => {
      await replaceByView(table);
      expect(await wave()).not.toBe("written");
      await test.query(`drop view ${table}; alter table was_there rename to ${table}`);
    },
  );

  it("once it was looked at anew, or is back in its place, it is written", async () => {
    await replace("courses");
    expect(await wave()).toMatch(/^DryRunStale: /u);
    await dryRun(test.services, run);
    await reviewExport(test.services, run);
    await judgeAll(test, run);
    expect(await runWave(test, run, 1)).toMatchObject({ verified: { passed: true } });
  });
});
