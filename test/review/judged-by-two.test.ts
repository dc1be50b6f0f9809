import { describe, expect, it } from "vitest";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { sampleRows } from "../../lib/review/samples/rows.ts";
import type { Aspect } from "../../lib/review/samples/samples.ts";
import { undoVerdict } from "../../lib/review/samples/undo-verdict.ts";
import { judgeSamples, override } from "../../lib/review/sign-off/sign-offs.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { signOffs } from "./asked.ts";
import { runId } from "./fixture.ts";

const here = signOffs();
const { asked, approve, judgeAll, audited } = here;

describe("of two who judge one and the same row", () => {
  const first = async () =>
    (
      await sampleRows(here.world.services.sign, pinLook(ecoin), runId, here.digest, {
        unmasked: true,
      })
    )
      .map(({ stagedId }) => stagedId)
      .at(0) ?? 0;
  const verdicts = async () =>
    (
      await here.world.admin.query(
        `select verdict, judged_by as by from wavegate.samples where run_id = '${runId}' order by staged_id limit 1`,
      )
    ).rows;

  it("R7 D15 nobody takes the other one's “wrong” back: one approver alone ends no stop", async () => {
    const ref = await asked();
    await judgeAll(ref, ["phone"]);
    const row = await first();
    const judge = (person: string, wrong: readonly Aspect[]) =>
      judgeSamples(here.world.services, { ref, person, verdicts: [{ stagedId: row, wrong }] });
    const before = await audited();
    for (const wrong of [[], ["phone"], ["name"]] as const) {
      await expect(judge("amina", wrong)).rejects.toMatchObject({
        name: "VerdictStands",
        message: `lina judged row ${row} wrong, and nobody takes that back for them. No verdict was kept; ask them, reject, or let an approver override it with a reason.`,
      });
    }
    expect(await verdicts()).toEqual([{ verdict: "wrong", by: "lina" }]);
    expect(await audited()).toEqual(before);
    await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "StopConditionHolds" });
    await judge("lina", []);
    // Who is careful may always say so.
    await judge("amina", ["email"]);
    await expect(judge("lina", [])).rejects.toMatchObject({ name: "VerdictStands" });
    const { signOff } = await override(here.world.services, {
      ref,
      person: "brahim",
      reason: "Old.",
    });
    await undoVerdict(here.world.services, { ref: { id: signOff }, person: "amina", row });
    await judge("brahim", []);
    await expect(approve(ref, "amina")).resolves.toMatchObject({ decision: "approved" });
    // What was approved on a verdict stays so: nobody takes it back behind the approval.
    const judged = await verdicts();
    await expect(
      undoVerdict(here.world.services, { ref: { id: signOff }, person: "brahim", row }),
    ).rejects.toMatchObject({ name: "AlreadyDecided" });
    expect(await verdicts()).toEqual(judged);
  });

  it("R7 W8 in the very same moment the row is wrong, whoever came first", async () => {
    const ref = await asked();
    const row = await first();
    for (let round = 0; round < 5; round += 1) {
      await here.world.admin.query(
        `update wavegate.samples set verdict = null, wrong = null, judged_by = null, judged_at = null where run_id = '${runId}'`,
      );
      await Promise.allSettled(
        [
          { person: "lina", wrong: ["phone"] as const },
          { person: "amina", wrong: [] },
        ].map(({ person, wrong }) =>
          judgeSamples(here.world.services, { ref, person, verdicts: [{ stagedId: row, wrong }] }),
        ),
      );
      expect(await verdicts()).toEqual([{ verdict: "wrong", by: "lina" }]);
    }
  });

  it("R9 W8 a sample whose rows are all wrong for somebody else leaves whoever approves none to judge", async () => {
    const ref = await asked();
    const rows = await sampleRows(here.world.services.sign, pinLook(ecoin), runId, here.digest, {
      unmasked: true,
    });
    const all = rows.map(({ stagedId }) => ({ stagedId, wrong: ["phone"] as const }));
    await judgeSamples(here.world.services, { ref, person: "lina", verdicts: all });
    await override(here.world.services, { ref, person: "brahim", reason: "Old numbers." });
    await expect(approve(ref, "amina")).resolves.toMatchObject({ decision: "approved" });
  });

  it("W12 R9 nobody says two things of one row at once: none is kept", async () => {
    const ref = await asked();
    const row = await first();
    const before = await audited();
    for (const wrong of [
      [["phone"], []],
      [[], ["phone"]],
      [[], []],
    ] as const) {
      await expect(
        judgeSamples(here.world.services, {
          ref,
          person: "lina",
          verdicts: wrong.map((each) => ({ stagedId: row, wrong: each })),
        }),
      ).rejects.toMatchObject({ name: "VerdictUnclear" });
    }
    expect(await verdicts()).toEqual([{ verdict: null, by: null }]);
    expect(await audited()).toEqual(before);
  });
});
