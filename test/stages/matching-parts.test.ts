import { afterEach, beforeEach, expect, it } from "vitest";
import { matchRounds } from "../../lib/compile/match.ts";
import { classify } from "../../lib/stages/classify.ts";
import { match } from "../../lib/stages/match.ts";
import { validate } from "../../lib/stages/validate.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-00000000001a";

beforeEach(async () => {
  test = await testServices();
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

it("M7 W3 matching in parts, as large sources are, finds what it finds in one", async () => {
  await importAll(test, run);
  await validate(test.services, run);
  await classify(test.services, run);
  await match(test.services, run);
  const whole = await hints();
  const parts = matchRounds(ecoin, run, 900, 130);

  expect(parts.flat().map(({ name }) => name)).toContain("similar names, part 7 of 7");
  for (const step of parts.flat()) {
    for (const statement of step.statements) await test.services.stage.execute(statement);
  }

  expect(whole.length).toBeGreaterThan(50);
  expect(new Set(whole.map(({ rule }) => rule)).size).toBeGreaterThan(5);
  expect(await hints()).toEqual(whole);
});

it("M7 the copy that matching compares is gone afterwards", async () => {
  await importAll(test, run);
  await validate(test.services, run);
  await classify(test.services, run);
  await match(test.services, run);

  expect(await test.query("select count(*)::int as n from wavegate.match_rows")).toEqual([
    { n: 0 },
  ]);
});

it("M7 W10 of two matchings of a run at once one fails, and no row is compared with itself", async () => {
  await importAll(test, run);
  await validate(test.services, run);
  await classify(test.services, run);
  const copies = matchRounds(ecoin, run, 900)
    .flat()
    .filter(({ name }) => name === "look at the rows")
    .flatMap(({ statements }) => statements);

  for (const copy of copies) await test.services.stage.execute(copy);
  for (const copy of copies) {
    await expect(test.services.stage.execute(copy)).rejects.toThrow("23505");
  }

  expect(copies.length).toBe(1);
});
