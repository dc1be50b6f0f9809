import { describe, expect, it } from "vitest";
import { read } from "../../lib/review/sign-off/read.ts";
import { ask, decide, judgeSamples } from "../../lib/review/sign-off/sign-offs.ts";
import { signOffs } from "./asked.ts";
import { reference, review, runId } from "./fixture.ts";
import { mailedSecret } from "./support.ts";

const here = signOffs();
const { asked, approve, reject, judgeAll, stored, audited } = here;

describe("deciding", () => {
  it("W8 tells the waiting task: the decision, the sign-off and the digest, nothing else", async () => {
    const ref = await asked();
    await judgeAll(ref);
    const decided = await approve(ref, "amina");
    expect(decided).toMatchObject({ decision: "approved", told: "told", reference });
    const [row] = await stored();
    expect(here.world.execution.told).toEqual([
      {
        token: "task-1",
        output: { decision: "approved", signOff: row.id, digest: row.digest },
      },
    ]);
    expect(row).toMatchObject({
      status: "approved",
      decided_by: "amina",
      comment: "looks right",
      notified_at: new Date("2026-11-20T10:00:00.000Z"),
    });
  });

  it("W12 is in the audit log: who asked, judged and decided", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    expect(await audited()).toEqual([
      "karim started",
      "wavegate sign-off-asked",
      "lina samples-judged",
      "amina samples-judged",
      "brahim samples-judged",
      "amina sign-off-approved",
    ]);
  });

  it("W8 by two people at once is exactly one decision", async () => {
    const ref = await asked();
    await judgeAll(ref);
    const outcomes = await Promise.allSettled([
      approve(ref, "amina"),
      reject(ref, "brahim"),
      approve(ref, "lina"),
      approve(ref, "amina"),
    ]);
    const refused = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused.map(({ name }) => name)).toEqual([
      "AlreadyDecided",
      "AlreadyDecided",
      "AlreadyDecided",
    ]);
    expect(here.world.execution.told).toHaveLength(1);
    expect((await audited()).filter((each) => /approved|rejected/.test(each))).toHaveLength(1);
  });

  it("W8 a replayed link is refused and tells nobody again", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "AlreadyDecided",
      message: expect.stringContaining("amina approved this on 2026-11-20"),
    });
    await expect(read(here.world.services, ref, "brahim")).rejects.toMatchObject({
      name: "AlreadyDecided",
    });
    expect(here.world.execution.told).toHaveLength(1);
  });

  it.each([
    ["karim", "karim"],
    ["KARIM", "karim"],
    ["arn:aws:iam::123456789012:user/karim", "karim"],
    ["arn:aws:sts::123456789012:assumed-role/Operators/karim@example.com", "karim"],
  ])(
    "W8 the starter %s cannot decide as %s, neither by link nor by id",
    async (starter, person) => {
      here.world.execution.starter = starter;
      here.digest = await review(here.world);
      const ref = await asked();
      await judgeAll(ref);
      const [row] = await stored();
      for (const each of [ref, { id: row.id }]) {
        await expect(approve(each, person)).rejects.toMatchObject({ name: "ApproverIsStarter" });
        await expect(reject(each, person)).rejects.toMatchObject({ name: "ApproverIsStarter" });
      }
      expect((await stored())[0].status).toBe("pending");
    },
  );

  it("M14 takes the permission to commit; looking takes the one to view", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await expect(approve(ref, "vera")).rejects.toMatchObject({ name: "PermissionDenied" });
    await expect(read(here.world.services, ref, "nobody")).rejects.toMatchObject({
      name: "PermissionDenied",
    });
    await expect(read(here.world.services, ref, "vera")).resolves.toMatchObject({
      decide: { may: false },
      judge: { may: false },
      samples: { whole: false },
    });
  });

  it("W8 an unknown link and an unknown id are refused", async () => {
    for (const ref of [
      { secret: "A".repeat(43) },
      { id: "7f3a0000-0000-4000-8000-00000000ffff" },
      { id: "' or true --" },
    ]) {
      await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "LinkUnknown" });
      // Whoever may not decide or judge is not told which there are.
      await expect(approve(ref, "vera")).rejects.toMatchObject({ name: "PermissionDenied" });
      await expect(
        judgeSamples(here.world.services, { ref, person: "vera", verdicts: [] }),
      ).rejects.toMatchObject({ name: "PermissionDenied" });
    }
  });

  it("W8 what was decided stays decided, whatever changed since, and nothing is voided", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    await here.world.admin.query(
      `update wavegate.legacy_course_mappings set confidence = 0.9 where run_id = '${runId}'`,
    );
    for (const again of [() => approve(ref, "brahim"), () => reject(ref, "brahim")])
      await expect(again()).rejects.toMatchObject({ name: "AlreadyDecided" });
    expect((await stored())[0]).toMatchObject({ status: "approved", decided_by: "amina" });
  });

  it("W8 an expired link is refused, to the moment", async () => {
    const ref = await asked();
    await judgeAll(ref);
    here.world.time.now = new Date("2026-11-27T10:00:00.000Z");
    await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "LinkExpired" });
    await expect(read(here.world.services, ref, "amina")).rejects.toMatchObject({
      name: "LinkExpired",
    });
    here.world.time.now = new Date("2026-11-27T09:59:59.999Z");
    await expect(approve(ref, "amina")).resolves.toMatchObject({ decision: "approved" });
  });

  it.each([
    [
      `update wavegate.legacy_course_mappings set status = 'rejected' where run_id = '${runId}' and legacy_formation_id = 5`,
      "the course or session mappings, or what their targets are called, changed",
    ],
    [
      `update wavegate.legacy_student_imports set classification = 'unknown' where run_id = '${runId}' and legacy_id = 1`,
      "the staged rows or decisions about them changed",
    ],
    [
      `update wavegate.review_exports set manifest_digest = 'd' where run_id = '${runId}'`,
      "the review export was made again",
    ],
  ])("W7 after a change (%s) an approval is refused with what changed", async (change, says) => {
    const ref = await asked();
    await judgeAll(ref);
    await here.world.admin.query(change);
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "DigestChanged",
      message: expect.stringContaining(says),
    });
    expect((await stored())[0]).toMatchObject({ status: "voided", void_because: says });
    expect(here.world.execution.told).toEqual([]);
    expect(await audited()).toContain("wavegate sign-off-voided");
  });

  it("W7 after a change a new question takes over the waiting task", async () => {
    const old = await asked();
    await judgeAll(old);
    await here.world.admin.query(
      `update wavegate.legacy_course_mappings set confidence = 0.9 where run_id = '${runId}'`,
    );
    await expect(approve(old, "amina")).rejects.toMatchObject({ name: "DigestChanged" });
    here.digest = await review(here.world);
    await ask(here.world.services, { run: runId, gate: "first_wave" });
    const ref = { secret: mailedSecret(here.world) };
    await judgeAll(ref);
    await approve(ref, "amina");
    expect(here.world.execution.told.map(({ token }) => token)).toEqual(["task-1"]);
  });

  it("W13 a rejection says what is wrong", async () => {
    const ref = await asked();
    await expect(
      decide(here.world.services, { ref, person: "amina", decision: "reject", comment: "  " }),
    ).rejects.toMatchObject({ name: "CommentMissing" });
  });

  it("W8 a decision by id, without a link, is the same decision", async () => {
    await asked();
    await judgeAll({ secret: mailedSecret(here.world) });
    const [row] = await stored();
    await approve({ id: row.id.toUpperCase() }, "amina");
    expect(here.world.execution.told).toHaveLength(1);
    await expect(read(here.world.services, { id: row.id }, "amina")).resolves.toMatchObject({
      status: "approved",
      decided: { by: "amina" },
    });
  });
});
