import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Refusal } from "../../lib/services/errors.ts";
import type { Services } from "../../lib/services/services.ts";
import { classify } from "../../lib/stages/classify.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { match } from "../../lib/stages/match.ts";
import { validate } from "../../lib/stages/validate.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-000000000111";

beforeAll(async () => {
  test = await testServices();
  // Rows that were moved before, so that a dry run has some to find.
  await test.query(
    `insert into legacy_completed_trainings (legacy_import_run_id, source_table, legacy_id, full_name, classification)
     select gen_random_uuid(), 'stagiaires', id, 'By Hand', 'completed' from generate_series(1, 40) id`,
  );
  await reviewedRun(test, run);
});
afterAll(() => test.close());

const hints = () =>
  test.query(
    `select h.staged_id::int, h.level, h.rule, h.target_table, h.target_id::int from wavegate.duplicate_hints h
      where run_id = $1 order by 1, 2, 3, 4, 5`,
    [run],
  );
const stages: readonly [string, (services: Services, run: string) => Promise<unknown>][] = [
  ["validate", validate],
  ["classify", classify],
  ["match", match],
  ["dry-run", dryRun],
  ["export-review", reviewExport],
];

describe("W3 a stage that is delivered several times at once", () => {
  it.each(stages)(
    "%s ends in a result or a sentence, and gives what one alone gives",
    async (name, stage) => {
      const before = await hints();
      const ends = await Promise.allSettled([1, 2, 3].map(() => stage(test.services, run)));
      const told = ends.flatMap((end) =>
        end.status === "rejected" && !(end.reason instanceof Refusal) ? [String(end.reason)] : [],
      );
      expect(told).toEqual([]);
      expect(ends.some(({ status }) => status === "fulfilled")).toBe(true);
      const from = stages.findIndex(([each]) => each === name);
      for (const [, again] of stages.slice(from + 1)) await again(test.services, run);
      expect(await hints()).toEqual(before);
      expect(
        await test.query(
          "select stage, count(*)::int as n from wavegate.legacy_import_runs group by 1",
        ),
      ).toEqual([{ stage: "export-review", n: 1 }]);
    },
  );
});
