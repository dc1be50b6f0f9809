import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { type LegacyFields, legacyFolder } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll, reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d4";
let test: TestServices;
let folder: { remove(): Promise<void> };

const source = async (fields: LegacyFields) => {
  folder = await legacyFolder(
    test,
    Array.from({ length: 30 }, () => fields),
  );
};
const sampleItem = async () =>
  (await goNoGo(test.services.stage, run)).items.find(({ id }) => id === "sample_approved");

beforeEach(async () => {
  test = await testServices();
});
afterEach(async () => {
  await test.close();
  await folder.remove();
});

describe("R9 R18 a source without completed history", () => {
  it.each([
    ["leads", { statut: "Informer", session_ecoin_id: null }],
    ["archived trainings", { statut: "Archivé" }],
    ["registrations", { statut: "Confirmer", formation_id: "4", session_ecoin_id: "12" }],
  ])(
    "of %s is committed and meets every item: the empty sample is recorded as empty",
    async (_what, fields) => {
      await source(fields);
      await reviewedRun(test, run);
      await toTheEnd(test, run);
      expect(await finalVerify(test.services, run)).toMatchObject({ passed: true });
      expect((await goNoGo(test.services.stage, run)).ready).toBe(true);
      expect(await sampleItem()).toMatchObject({
        id: "sample_approved",
        says: "The sample of completed history is empty, as the source has none; the other samples are approved.",
        holds: true,
      });
    },
  );

  it("is not one whose samples were not drawn yet", async () => {
    await source({ statut: "Informer", session_ecoin_id: null });
    await importAll(test, run);
    expect(await sampleItem()).toMatchObject({ holds: false });
  });

  it("is not one with completed history of which no row was judged right", async () => {
    await source({});
    await reviewedRun(test, run);
    expect(await sampleItem()).toMatchObject({
      id: "sample_approved",
      says: "The sample of completed history is approved.",
      holds: false,
    });
  });
});
