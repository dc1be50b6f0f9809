import { afterAll, beforeAll, expect, it } from "vitest";
import { newestTold, reportOf } from "../../lib/review/kept-report.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { reviewedServices, reviewed as run, type TestServices } from "../support/services.ts";
import { question, refusal } from "../support/steps.ts";

let test: TestServices;
beforeAll(async () => {
  test = await reviewedServices();
});
afterAll(() => test.close());

/** As one statement of the role of stages, which may write what dry runs tell. */
const tell = (change: string) =>
  test.query(`update wavegate.dry_runs set report = ${change} where run_id = $1`, [run]);

it("W8 R10 nobody is asked, and nobody decides, by a dry run's report that was changed since: the run's log has its digest", async () => {
  const { digest } = await reviewExport(test.services, run);
  const told = await newestTold(test.services.sign, run);
  expect(told?.stops.length).toBeGreaterThan(0);
  expect(await reportOf(test.services.sign, run, digest)).toEqual(told);

  await tell(`jsonb_set(report, '{stops}', '[]')`);
  expect(await refusal(question(test, run, "first_wave"))).toBe("ReportChanged");
  expect(await refusal(newestTold(test.services.sign, run))).toBe("ReportChanged");
  expect(await refusal(reportOf(test.services.sign, run, digest))).toBe("ReportChanged");
  expect(await test.query("select 1 from wavegate.sign_offs where run_id = $1", [run])).toEqual([]);

  // Told anew, it is asked by.
  await dryRun(test.services, run);
  expect(await newestTold(test.services.sign, run)).toEqual(told);
  await reviewExport(test.services, run);
  await question(test, run, "first_wave");
});
