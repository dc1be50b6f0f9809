import { describe, expect, it } from "vitest";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { addPerson, permissions } from "../../lib/review/people/people.ts";
import { sampleRows } from "../../lib/review/samples/rows.ts";
import { read } from "../../lib/review/sign-off/read.ts";
import { decide, type Gate, judgeSamples, override } from "../../lib/review/sign-off/sign-offs.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { signOffs } from "./asked.ts";
import { review, runId } from "./fixture.ts";

const here = signOffs();
const { asked, approve, reject, judgeAll, stored, audited } = here;

/** Verdicts on the rows that nobody judged wrong. */
const right = async () =>
  (
    await here.world.admin.query(
      `select distinct staged_id::int as id from wavegate.samples where run_id = '${runId}' and verdict = 'right'`,
    )
  ).rows.map(({ id }) => ({ stagedId: id as number, wrong: [] }));

describe("judging", () => {
  it("R9 before the first wave every sampled row needs a verdict; a rejection does not", async () => {
    const ref = await asked();
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "SampleNotJudged",
      message: expect.stringContaining("3 sampled rows have no verdict yet"),
    });
    await judgeAll(ref);
    await here.world.admin.query(
      `update wavegate.samples set verdict = null where run_id = '${runId}' and position = 2`,
    );
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "SampleNotJudged",
      message: expect.stringContaining("1 sampled row has no verdict yet"),
    });
    await expect(reject(ref, "amina")).resolves.toMatchObject({ decision: "rejected" });
  });

  it("W8 R9 whoever approves judged a row of each sample that has rows; a rejection takes none", async () => {
    await here.world.admin.query(
      `insert into wavegate.samples (run_id, digest, bucket, position, staged_id)
       select run_id, digest, 'unusual_references', 1, staged_id from wavegate.samples
        where run_id = '${runId}' and bucket = 'completed' and position = 3`,
    );
    const ref = await asked();
    const rows = await sampleRows(here.world.services.stage, pinLook(ecoin), runId, here.digest, {
      unmasked: true,
    });
    const verdicts = rows.map(({ stagedId }) => ({ stagedId, wrong: [] }));
    await judgeSamples(here.world.services, { ref, person: "lina", verdicts });
    const missing = async () => {
      const refused = approve(ref, "amina");
      await expect(refused).rejects.toMatchObject({ name: "SampleNotJudged" });
      return refused.catch(({ message }) => message);
    };
    expect(await missing()).toBe(
      "You judged no row of the samples “completed”, “unusual references”. Nothing was decided. Whoever approves has judged at least one row of each sample, which takes the permission legacy_imports.review.",
    );
    const judge = (person: string, ...buckets: string[][]) =>
      judgeSamples(here.world.services, {
        ref,
        person,
        verdicts: verdicts.filter(({ stagedId }) =>
          buckets.some((wanted) => {
            const own = rows.find((row) => row.stagedId === stagedId)?.buckets ?? [];
            return own.toSorted().join() === wanted.toSorted().join();
          }),
        ),
      });
    await judge("amina", ["completed"]);
    expect(await missing()).toContain("You judged no row of the sample “unusual references”.");
    await judge("amina", ["completed", "unusual_references"]);
    // A verdict that somebody else gives again is theirs.
    await judge("lina", ["completed", "unusual_references"]);
    expect(await missing()).toContain("You judged no row of the sample “unusual references”.");
    expect((await read(here.world.services, ref, "amina")).obstacles).toHaveLength(1);
    expect((await read(here.world.services, ref, "lina")).obstacles).toEqual([]);
    await judge("amina", ["completed", "unusual_references"]);
    await expect(approve(ref, "amina")).resolves.toMatchObject({ decision: "approved" });
  });

  it.each<Gate>(["first_wave", "scale_up", "wave:3"])(
    "W8 R9 before %s as well: another person than the one of the gate before looks for themselves",
    async (gate) => {
      const ref = await asked(gate);
      await judgeAll(ref);
      await here.world.admin.query(
        `update wavegate.samples set judged_by = 'lina' where run_id = '${runId}'`,
      );
      await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "SampleNotJudged" });
      await expect(approve(ref, "lina")).resolves.toMatchObject({ decision: "approved" });
    },
  );

  it("W8 D36 the starter judges nothing, however the name is spelled, and the page offers no verdicts", async () => {
    const ref = await asked();
    const [row] = await sampleRows(here.world.services.stage, pinLook(ecoin), runId, here.digest, {
      unmasked: true,
    });
    const verdicts = [{ stagedId: row?.stagedId ?? 0, wrong: [] }];
    for (const person of ["karim", " KARIM "]) {
      await expect(
        judgeSamples(here.world.services, { ref, person, verdicts }),
      ).rejects.toMatchObject({
        name: "ApproverIsStarter",
        message: "You started this run, so somebody else judges its samples. Nothing was changed.",
      });
    }
    expect((await read(here.world.services, ref, "karim")).judge).toEqual({
      may: false,
      name: "ApproverIsStarter",
      because: "You started this run, so somebody else judges its samples. Nothing was changed.",
    });
    const { rows } = await here.world.admin.query(
      `select 1 from wavegate.samples where run_id = '${runId}' and verdict is not null`,
    );
    expect(rows).toEqual([]);
  });

  it("M14 verdicts are kept from reviewers only, and only while it is open", async () => {
    const ref = await asked();
    const [row] = await sampleRows(here.world.services.sign, pinLook(ecoin), runId, here.digest, {
      unmasked: true,
    });
    const verdicts = [{ stagedId: row?.stagedId ?? 0, wrong: [] }];
    await expect(
      judgeSamples(here.world.services, { ref, person: "vera", verdicts }),
    ).rejects.toMatchObject({ name: "PermissionDenied" });
    await reject(ref, "amina");
    await expect(
      judgeSamples(here.world.services, { ref, person: "lina", verdicts }),
    ).rejects.toMatchObject({ name: "AlreadyDecided" });
  });
});

describe("stop conditions", () => {
  const wrongSample = async () => {
    const ref = await asked();
    await judgeAll(ref, ["phone"]);
    return ref;
  };

  it("R7 a row judged wrong stops the approval", async () => {
    const ref = await wrongSample();
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "StopConditionHolds",
      message: expect.stringContaining("A sampled row was judged wrong."),
    });
  });

  it("R7 a stop of the dry run stops the approval", async () => {
    await here.world.admin.query(`delete from wavegate.dry_runs where run_id = '${runId}'`);
    await review(here.world, 21);
    const ref = await asked();
    await judgeAll(ref);
    await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "StopConditionHolds" });
    expect(here.world.outbox[0]?.text).toContain(
      "- Suspiciously many rows are people whom the platform knows already.",
    );
  });

  it("D15 an override takes a reason and another person than the one who approves", async () => {
    const ref = await wrongSample();
    for (const reason of [" ", "\u200b", "\u2800\u3164"]) {
      await expect(
        override(here.world.services, { ref, person: "amina", reason }),
      ).rejects.toMatchObject({ name: "ReasonMissing" });
    }
    const shown = { ref, person: "amina", decision: "reject", comment: "\u2060\u00ad" } as const;
    await expect(decide(here.world.services, shown)).rejects.toMatchObject({
      name: "CommentMissing",
    });
    await override(here.world.services, { ref, person: "amina", reason: "one old phone" });
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "StopConditionHolds",
      message: expect.stringContaining("You recorded the override yourself"),
    });
    await expect(approve(ref, "brahim")).resolves.toMatchObject({ decision: "approved" });
    expect((await stored())[0]).toMatchObject({
      override_by: "amina",
      override_reason: "one old phone",
      override_stops: ["sample_judged_wrong"],
    });
    expect(await audited()).toContain("amina stops-overridden");
  });

  it("D15 W8 whoever overrode it is no second person under another account at the same address", async () => {
    for (const name of ["mina", "rosa"])
      await addPerson(here.world.administrator, {
        name,
        email: name === "mina" ? "AMINA@example.com" : "rosa@example.com",
        permissions,
      });
    const ref = await asked();
    await judgeAll(ref, ["phone"]);
    await override(here.world.services, { ref, person: "amina", reason: "One phone." });
    const verdicts = await right();
    for (const person of ["mina", "rosa"])
      await judgeSamples(here.world.services, { ref, person, verdicts });
    await expect(approve(ref, "mina")).rejects.toMatchObject({
      name: "StopConditionHolds",
      message: expect.stringContaining("You recorded the override yourself."),
    });
    await expect(approve(ref, "rosa")).resolves.toMatchObject({ decision: "approved" });
  });

  it("D15 W12 an override that is sent again is told of once, unless something came in between", async () => {
    const ref = await wrongSample();
    const say = (person: string, reason: string) => {
      here.world.time.now = new Date(here.world.time.now.getTime() + 1_000);
      return override(here.world.services, { ref, person, reason });
    };
    const told = async () =>
      (await audited()).filter((entry) => entry.endsWith(" stops-overridden")).length;
    const first = await say("amina", "one old phone");
    const [kept] = await stored();
    expect(await say("amina", "one old phone")).toEqual(first);
    expect((await stored())[0]).toEqual(kept);
    expect(await told()).toBe(1);
    await say("amina", "two old phones");
    await say("brahim", "two old phones");
    await say("amina", "two old phones");
    expect(await told()).toBe(4);
    // A sample that is judged wrong since is not covered: what is said behind it is said of that one, too.
    await judgeAll(ref, ["email"]);
    await say("amina", "two old phones");
    expect(await told()).toBe(5);
  });

  describe("an override holds until what it covers changes", () => {
    const overridden = async () => {
      const ref = await wrongSample();
      await override(here.world.services, { ref, person: "amina", reason: "one old phone" });
      here.world.outbox.length = 0;
    };
    /** Nobody recorded anything with this question itself. */
    const askedAnew = async (gate: Gate) => {
      here.world.time.now = new Date(here.world.time.now.getTime() + 1_000);
      const ref = await asked(gate, `task-${gate}`);
      expect((await stored()).at(-1)).toMatchObject({ gate, override_by: null });
      return ref;
    };

    it("D15 when the same gate is asked about anew", async () => {
      await overridden();
      const ref = await askedAnew("first_wave");
      await expect(approve(ref, "amina")).rejects.toMatchObject({
        name: "StopConditionHolds",
        message: expect.stringContaining("You recorded the override yourself"),
      });
      await expect(read(here.world.services, ref, "brahim")).resolves.toMatchObject({
        overrides: [{ by: "amina", reason: "one old phone", stops: ["sample_judged_wrong"] }],
        obstacles: [],
      });
      await expect(approve(ref, "brahim")).resolves.toMatchObject({ decision: "approved" });
    });

    it("D15 at the gates after it", async () => {
      await overridden();
      await expect(approve(await askedAnew("scale_up"), "brahim")).resolves.toMatchObject({
        decision: "approved",
      });
      await expect(approve(await askedAnew("wave:3"), "brahim")).resolves.toMatchObject({
        decision: "approved",
      });
    });

    it("D15 not after one more sample was judged wrong", async () => {
      await overridden();
      const ref = await askedAnew("scale_up");
      const { rows } = await here.world.admin.query(
        `select max(staged_id)::int as last from wavegate.samples where run_id = '${runId}'`,
      );
      // By a clock that is behind the one by which it was taken upon somebody.
      const { time, services } = here.world;
      time.now = new Date(time.now.getTime() - 600_000);
      await judgeSamples(services, {
        ref,
        person: "lina",
        verdicts: [{ stagedId: rows[0]?.last, wrong: ["name"] }],
      });
      await expect(approve(ref, "brahim")).rejects.toMatchObject({ name: "StopConditionHolds" });
    });

    it("D15 not for another state that is reviewed", async () => {
      await overridden();
      await here.world.admin.query(
        `update wavegate.sign_offs set parts = parts || '{"rows": "another"}' where run_id = '${runId}' and override_by is not null`,
      );
      const ref = await askedAnew("scale_up");
      await expect(approve(ref, "brahim")).rejects.toMatchObject({ name: "StopConditionHolds" });
    });

    it("D15 not after an approver rejected it", async () => {
      const ref = await wrongSample();
      await override(here.world.services, { ref, person: "amina", reason: "one old phone" });
      await reject(ref, "brahim");
      here.world.outbox.length = 0;
      const again = await askedAnew("first_wave");
      await expect(approve(again, "brahim")).rejects.toMatchObject({ name: "StopConditionHolds" });
    });
  });

  it("D15 the starter cannot override", async () => {
    const ref = await wrongSample();
    await expect(
      override(here.world.services, { ref, person: "karim", reason: "it is fine" }),
    ).rejects.toMatchObject({ name: "ApproverIsStarter" });
  });

  it("R7 an override covers the stops it was recorded for, not later ones", async () => {
    await here.world.admin.query(`delete from wavegate.dry_runs where run_id = '${runId}'`);
    await review(here.world, 21);
    const ref = await asked();
    await override(here.world.services, {
      ref,
      person: "amina",
      reason: "they are the same people",
    });
    await judgeAll(ref, ["name"]);
    await expect(approve(ref, "brahim")).rejects.toMatchObject({
      name: "StopConditionHolds",
      message: expect.stringContaining("A sampled row was judged wrong."),
    });
  });

  it("R7 there is nothing to override while no stop holds", async () => {
    const ref = await asked();
    await expect(
      override(here.world.services, { ref, person: "amina", reason: "just in case" }),
    ).rejects.toMatchObject({ name: "NothingToOverride" });
  });
});
