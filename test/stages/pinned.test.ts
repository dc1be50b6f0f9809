import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { read } from "../../lib/review/sign-off/read.ts";
import type { Services } from "../../lib/services/services.ts";
import { commit } from "../../lib/stages/commit.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { halt } from "../../lib/stages/halted.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { verify, verifyAll } from "../../lib/stages/verify.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { stagedPage } from "../support/staged-page.ts";
import { approve, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
});
afterAll(() => test.close());

const mended = (): Services => ({
  ...test.services,
  migrations: { ecoin: { ...ecoin, title: "Mended", guarded: ["users"], actions: {} } as never },
});
const removed = (): Services => ({ ...test.services, migrations: {} });

describe.each([
  ["mended", mended],
  ["removed", removed],
])("B8 D35 a run whose definition was %s", (_, services) => {
  it("is looked at, verified, previewed and exported all the same", async () => {
    expect(await verify(services(), run, 1)).toMatchObject({ passed: true });
    expect(await verifyAll(services(), run)).toMatchObject({ passed: true });
    expect((await stagedPage(services().stage, run)).rows.length).toBeGreaterThan(0);
    expect((await goNoGo(services().stage, run)).items).toHaveLength(8);
    expect((await previewRollback(services(), run)).waves).toMatchObject([{ undone: 25 }]);
    expect(await auditExport(services(), run)).toMatchObject({ run });
    // An execution of one stage begins with preflight, which answers what it recorded.
    expect(
      await preflight(services(), { migration: "ecoin", run, executionArn: "arn:again" }),
    ).toMatchObject({ run, stage: "export-review" });
  });

  it("commits nothing and asks nobody", async () => {
    expect(await refusal(commit(services(), { run, wave: 2 }))).toBe("DefinitionChanged");
    expect(["DryRunMissing", "UnknownMigration"]).toContain(
      await refusal(ask(services(), { run, gate: "scale_up" })),
    );
  });
});

describe("B8 D35 with its definition gone", () => {
  it("a question that was asked is shown, and says that the rules changed", async () => {
    const asked = await ask(test.services, { run, gate: "scale_up" });
    if (asked.kind !== "asked") throw new Error("It was approved already.");
    const shown = await read(removed(), { id: asked.signOff }, "approver");
    expect(shown.changed).toBe("the migration's rules changed");
  });

  it("it halts, and is taken back", async () => {
    await halt(removed(), { run, because: { error: "Test", message: "Something." } });
    expect(await rollback(removed(), run)).toMatchObject({
      outcome: "rolled_back",
      waves: [{ undone: 25 }],
    });
    expect(
      await test.query("select 1 from legacy_completed_trainings where legacy_import_run_id = $1", [
        run,
      ]),
    ).toEqual([]);
  });
});
