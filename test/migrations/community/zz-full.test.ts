import { expect, it } from "vitest";
import { findRun } from "../../../lib/data/runs.ts";
import { countsOfRun } from "../../../lib/review/counts-of-run.ts";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { rollback } from "../../../lib/stages/rollback.ts";
import { community } from "../../../migrations/community/definition.ts";
import { rowsOf } from "../../lifecycle/whole-life.ts";
import { importAll, judgeAll, toTheEnd } from "../../support/steps.ts";
import { communityServices } from "./platform.ts";

it("the whole sample", async () => {
  const run = "7f3a0000-0000-4000-8000-00000000cf01";
  const test = await communityServices(community, "full");
  const tables = [
    "community_categories",
    "community_levels",
    "community_points_rules",
    "community_members",
    "community_points_ledger",
    "profile_activities",
  ];
  const before = await rowsOf(test, tables);
  const at = Date.now();
  const lap = (what: string, from: number) =>
    console.log(`LAP ${what}: ${((Date.now() - from) / 1000).toFixed(1)} s`);
  let t = Date.now();
  await importAll(test, run, { wavePlan: [25, 125, 625, 3125, 5000] });
  lap("import", t);
  t = Date.now();
  await judgeAll(test, run);
  lap("judge", t);
  t = Date.now();
  await toTheEnd(test, run);
  lap("waves", t);
  t = Date.now();
  const { checks } = await finalVerify(test.services, run);
  lap("final", t);
  t = Date.now();
  console.log(
    JSON.stringify(
      checks
        .filter(({ id }) => id.endsWith("_reconciled"))
        .map(({ id, expected, got }) => [id, expected, got]),
    ),
  );
  const counts = await countsOfRun(test.services.sign, await findRun(test.services.sign, run));
  console.log("LAP " + JSON.stringify(counts.map(({ id, planned, done }) => [id, planned, done])));
  await rollback(test.services, run);
  lap("rollback", t);
  lap("all", at);
  expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  expect(await rowsOf(test, tables)).toEqual(before);
  await test.close();
});
