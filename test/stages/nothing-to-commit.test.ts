import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { resume } from "../../lib/review/steer/control.ts";
import { nextStep } from "../../lib/review/steer/next-step.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { someOf } from "../support/every-step.ts";
import { type LegacyFields, legacyFolder } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { judgeAll, reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d7";
const another = "8b3a0000-0000-4000-8000-0000000000d7";
let test: TestServices;
let folder: { remove(): Promise<void> };

const source = async (fields: LegacyFields, rows = 5) => {
  folder = await legacyFolder(
    test,
    Array.from({ length: rows }, () => fields),
  );
};
beforeEach(async () => {
  test = await testServices();
});
afterEach(async () => {
  await test.close();
  await folder.remove();
});

describe("R18 W6 a run without a row that may be committed", () => {
  const nothing: readonly [what: string, fields: LegacyFields, rows: number][] = [
    ["of a status that nobody listed", { statut: "Annulé" }, 5],
    ["without a usable name", { nom: null, prenom: "/" }, 5],
    ["of a course that is not mapped", { formation_id: "999" }, 5],
    ["whose names are damaged", { nom: "Andr\u00C3" }, 5],
    ["at all", {}, 0],
  ];

  it.each(someOf(2, nothing))(
    "of rows %s completes as such, with evidence",
    async (_what, fields, rows) => {
      await source(fields, rows);
      await reviewedRun(test, run);

      expect(await nextWave(test.services, run)).toEqual({ next: "done", run });
      const verified = await finalVerify(test.services, run);

      expect(verified.checks.find(({ id }) => id === "nothing_to_commit")).toEqual({
        id: "nothing_to_commit",
        says: "Nothing was to be committed: every row is held, skipped or failed, and none was written.",
        expected: 0,
        got: 0,
        passed: true,
      });
      expect(verified.checks.map(({ id }) => id)).not.toContain("ready");
      // Nobody reviewed anything and nothing was written: it is not ready to scale up, and does not say so.
      expect(verified.goNoGo.ready).toBe(false);
      expect((await findRun(test.services.stage, run)).status).toBe("completed");
      expect(await faultsOfBundle(test, run)).toEqual([]);
    },
  );

  it("as an earlier run moved them all completes as such", async () => {
    await source({}, 30);
    await reviewedRun(test, run);
    await toTheEnd(test, run);
    await finalVerify(test.services, run);
    await reviewedRun(test, another);

    expect(await nextWave(test.services, another)).toMatchObject({ next: "done" });
    expect(await finalVerify(test.services, another)).toMatchObject({ passed: true });
    expect(await faultsOfBundle(test, another)).toEqual([]);
  });

  it("goes on once a mapping makes something to commit", async () => {
    folder = await legacyFolder(test, [{ formation_id: "77" }], {
      formations: "id,nom\n77,Une formation que la plateforme nomme autrement\n",
      session_ecoins: "id,code,formation_id\n3,SB-1,77\n",
    });
    await reviewedRun(test, run);
    await finalVerify(test.services, run);

    await decideMappings(
      test.services.sign,
      await findRun(test.services.stage, run),
      "course",
      [{ id: 77, confirm: true, target: 1 }],
      "approver",
    );
    expect(await resume(test.services.sign, run, "approver")).toEqual({
      run,
      control: "run",
      already: false,
    });
    await judgeAll(test, run);

    expect(await nextWave(test.services, run)).toEqual({
      next: "ask",
      run,
      wave: 1,
      gate: "first_wave",
    });
  });
});

describe("R18 W13 a final verification that fails", () => {
  it("names each go/no-go item that does not hold", async () => {
    await source({}, 3);
    await reviewedRun(test, run);
    await expect(finalVerify(test.services, run)).rejects.toThrow(
      "All eight go/no-go items hold. (expected 8, got 1; what does not: A person reviewed the dry run. The sample of completed history is approved. " +
        "The mappings are the ones that were reviewed. The first safe batch passed its verification. The rollback drill passed. " +
        "The commit logs agree with the platform. No unexpected change of users, enrolments, payments or attendances.)",
    );
  });
});

describe("W13 the next step of a complete run", () => {
  const standing = {
    reference: "ecoin-1",
    status: "completed",
    control: "run",
    stage: "export-review",
    alive: false,
    pendingGate: null,
    preflight: { passed: true },
  };

  it("without a wave is not to take everything back", () => {
    expect(nextStep({ ...standing, written: false })).toEqual({
      waitsFor: null,
      says: "It is complete: no row of it could be committed, and each says why it is held, skipped or failed. After a decision about a mapping `wavegate resume --run ecoin-1` judges them anew.",
      command: "wavegate export audit --run ecoin-1",
    });
    expect(nextStep({ ...standing, written: true }).says).toBe(
      "It is complete. `wavegate rollback --run ecoin-1` would take everything back.",
    );
  });
});
