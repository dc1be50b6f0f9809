import { afterEach, beforeEach, expect, it } from "vitest";
import { matchRounds } from "../../lib/compile/match.ts";
import { classify } from "../../lib/stages/classify.ts";
import { match } from "../../lib/stages/match.ts";
import { validate } from "../../lib/stages/validate.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { agedServices, type TestServices } from "../support/services.ts";
import { importAll, refusal } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-00000000001a";

beforeEach(async () => {
  test = await agedServices();
});
afterEach(() => test.close());

const hints = async () => [
  ...(await test.query(
    "select staged_id, level, rule, target_table, target_id, hits from wavegate.duplicate_hints order by 1, 3, 4, 5",
  )),
  ...(await test.query(
    "select staged_id, level, rule, first_id, hits, later from wavegate.source_hints order by 1, 3, 4",
  )),
];

/** How numbers are dialled there: 0559446168 is 213559446168. */
const algeria = { code: "213", prefix: "0", lengths: [8, 9] };

it("M7 W3 matching in parts, as large sources are, finds what it finds in one", async () => {
  await importAll(test, run);
  await validate(test.services, run);
  await classify(test.services, run);
  await match(test.services, run);
  const whole = await hints();
  const parts = matchRounds(ecoin, run, 900, algeria, 130);

  expect(parts.flat().map(({ name }) => name)).toContain("similar names, part 7 of 7");
  for (const step of parts.flat()) {
    for (const statement of step.statements) await test.services.stage.execute(statement);
  }

  expect(whole.length).toBeGreaterThan(50);
  expect(new Set(whole.map(({ rule }) => rule)).size).toBeGreaterThan(5);
  expect(await hints()).toEqual(whole);
});

it("M7 W10 a matching that another one overtook does not end the stage", async () => {
  await importAll(test, run);
  await validate(test.services, run);
  await classify(test.services, run);
  // The other one begins, as its claim says, while this one is among its comparisons.
  const stage: typeof test.services.stage = {
    ...test.services.stage,
    transaction: async (work) => {
      await test.query(
        "update wavegate.stage_claims set claim = gen_random_uuid() where run_id = $1",
        [run],
      );
      return test.services.stage.transaction(work);
    },
  };

  expect(await refusal(match({ ...test.services, stage }, run))).toBe("StageOvertaken");

  const stageOf = "select stage from wavegate.legacy_import_runs where id = $1";
  expect(await test.query(stageOf, [run])).toEqual([{ stage: "classify" }]);
  await match(test.services, run);
  expect(await test.query(stageOf, [run])).toEqual([{ stage: "match" }]);
});
