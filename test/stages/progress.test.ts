import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeProgress, progressOf } from "../../lib/cli/progress.ts";
import { noteProgress, wholeStage } from "../../lib/stages/ranges.ts";
import { validate } from "../../lib/stages/validate.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-000000000043";
beforeAll(async () => {
  test = await testServices();
  await importAll(test, run);
});
afterAll(() => test.close());

/** Lets a stage have begun so many seconds before its newest note. */
const begun = (seconds: number) =>
  test.query(
    "update wavegate.progress set started_at = updated_at - make_interval(secs => $2) where run_id = $1",
    [run, seconds],
  );

describe("W11 how far a stage is", () => {
  it.each([
    [0.1, 6, "54 s left"],
    [0.25, 10, "30 s left"],
    [0.9, 90, "10 s left"],
  ])("W11 at %d of it after %d s, a steady stage has %s", async (share, seconds, left) => {
    await noteProgress(test.services.stage, run, "validate", 0);
    await noteProgress(test.services.stage, run, "validate", wholeStage * share);
    await begun(seconds);
    const progress = await progressOf(test.services.stage, run);
    expect(progress).toMatchObject({ stage: "validate", done: 3_000 * share, total: 3_000 });
    expect(describeProgress(progress as NonNullable<typeof progress>)).toContain(left);
  });

  it("W11 of two notes that overtake each other the larger stays, and a new start begins at nothing", async () => {
    const { stage } = test.services;
    await noteProgress(stage, run, "classify", 0);
    await noteProgress(stage, run, "classify", 6_000);
    await noteProgress(stage, run, "classify", 4_000);
    expect((await progressOf(stage, run))?.done).toBe(1_800);
    await noteProgress(stage, run, "classify", 0);
    expect((await progressOf(stage, run))?.done).toBe(0);
  });

  it("W11 a stage that is done says so", async () => {
    await validate(test.services, run);
    expect(await progressOf(test.services.stage, run)).toMatchObject({
      stage: "validate",
      done: 3_000,
      total: 3_000,
    });
  });
});
