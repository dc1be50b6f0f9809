import { describe, expect, it } from "vitest";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { sampleRows } from "../../lib/review/samples/rows.ts";
import { read } from "../../lib/review/sign-off/read.ts";
import { decide, judgeSamples, override } from "../../lib/review/sign-off/sign-offs.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { refusal } from "../support/steps.ts";
import { signOffs } from "./asked.ts";
import { runId } from "./fixture.ts";

const here = signOffs();

describe("R7 W8 nobody takes upon them, or approves in spite of, what they have not seen", () => {
  const { asked, judgeAll } = here;
  const seenBy = async (ref: { secret: string }, person: string) =>
    (await read(here.world.services, ref, person)).seen;
  const judgeWrong = async (ref: { secret: string }, person: string, at: number) => {
    const rows = await sampleRows(here.world.services.sign, pinLook(ecoin), runId, here.digest, {
      unmasked: true,
    });
    const verdicts = [{ stagedId: rows[at]?.stagedId ?? 0, wrong: ["phone"] as const }];
    await judgeSamples(here.world.services, { ref, person, verdicts });
  };
  const take = (ref: { secret: string }, person: string, seen: string) =>
    override(here.world.services, { ref, person, reason: "Old.", seen });
  const approve = (ref: { secret: string }, person: string, seen: string) =>
    decide(here.world.services, { ref, person, decision: "approve", comment: "", seen });

  it("not one more sampled row that is wrong, nor another one's override", async () => {
    const ref = await asked();
    await judgeAll(ref);
    const calm = await seenBy(ref, "amina");
    expect(calm).toBe("");
    await judgeWrong(ref, "lina", 0);
    expect(await refusal(take(ref, "brahim", calm))).toBe("StandingChanged");
    const one = await seenBy(ref, "brahim");
    expect(one).toBe("sample_judged_wrong 1");
    await judgeWrong(ref, "lina", 2);
    await expect(take(ref, "brahim", one)).rejects.toMatchObject({
      name: "StandingChanged",
      message:
        "What stops this, or who overrode it, is not what you had seen. A sampled row was judged wrong. Nothing was decided; look at it again, and decide then.",
    });
    const two = await seenBy(ref, "brahim");
    await take(ref, "brahim", two);
    // Of two who take it upon them the second does not take the first one's place unseen.
    expect(await refusal(take(ref, "lina", two))).toBe("StandingChanged");
    for (const seen of [calm, one, two])
      expect(await refusal(approve(ref, "amina", seen))).toBe("StandingChanged");
    expect(await approve(ref, "amina", await seenBy(ref, "amina"))).toMatchObject({
      decision: "approved",
    });
  });

  it("but whoever rejects needs to have seen nothing", async () => {
    const ref = await asked();
    await judgeAll(ref, ["phone"]);
    const answer = { ref, person: "amina", comment: "No.", seen: "" };
    expect(await decide(here.world.services, { ...answer, decision: "reject" })).toMatchObject({
      decision: "rejected",
    });
  });
});
