import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pinLook } from "../../lib/compile/pin-look.ts";
import type { Database } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { partsNow } from "../../lib/review/digest.ts";
import { addPerson, removePerson } from "../../lib/review/people.ts";
import { read } from "../../lib/review/read.ts";
import { sampleRows } from "../../lib/review/sample-rows.ts";
import type { Aspect } from "../../lib/review/samples.ts";
import {
  ask,
  decide,
  type Gate,
  judgeSamples,
  override,
  tellDecided,
  validApproval,
} from "../../lib/review/sign-offs.ts";
import type { Services } from "../../lib/services/services.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { completed, reference, review, runId, stageRun } from "./fixture.ts";
import { mailedSecret, startWorld, type World } from "./support.ts";

let world: World;
let digest: string;
beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(3));
  digest = await review(world);
});
afterEach(() => world.close());

const asked = async (gate: Gate = "first_wave", token = "task-1") => {
  await ask(world.services, { run: runId, gate, executionArn: "arn:execution", token });
  return { secret: mailedSecret(world) };
};
const approve = (ref: { secret: string } | { id: string }, person: string) =>
  decide(world.services, { ref, person, decision: "approve", comment: "looks right" });
const reject = (ref: { secret: string } | { id: string }, person: string) =>
  decide(world.services, { ref, person, decision: "reject", comment: "courses are wrong" });
const judgeAll = async (ref: { secret: string }, wrong: readonly Aspect[] = []) => {
  const rows = await sampleRows(world.services.sign, pinLook(ecoin), runId, digest, {
    unmasked: true,
  });
  const verdicts = rows.map(({ stagedId }, index) => ({
    stagedId,
    wrong: index === 0 ? wrong : [],
  }));
  // Whoever may approve later has judged a row, too (D36); Lina judged the first one, and all before them.
  await judgeSamples(world.services, { ref, person: "lina", verdicts });
  await judgeSamples(world.services, { ref, person: "amina", verdicts: verdicts.slice(1, 2) });
  await judgeSamples(world.services, { ref, person: "brahim", verdicts: verdicts.slice(2, 3) });
};
const stored = async () =>
  (await world.admin.query("select * from wavegate.sign_offs order by asked_at, id")).rows;
const audited = async () =>
  (
    await world.admin.query("select actor, action, digest from wavegate.audit_log order by seq")
  ).rows.map(({ actor, action }) => `${actor} ${action}`);
const approvalNow = async (gate: Gate = "first_wave") => {
  const run = await findRun(world.services.sign, runId);
  return validApproval(world.services.sign, runId, gate, () =>
    partsNow(world.services.sign, ecoin, run),
  );
};

describe("asking", () => {
  it("W8 mails everybody who may commit except the starter, each alone, with counts and no personal data", async () => {
    await asked();
    expect(world.outbox.map(({ to }) => to)).toEqual([
      ["amina@example.com"],
      ["brahim@example.com"],
      ["lina@example.com"],
    ]);
    const { subject, text } = world.outbox[0] ?? { subject: "", text: "" };
    expect(subject).toBe(`wavegate: please decide about the first wave of ${reference}`);
    expect(text).toMatch(/Completed history +60\n/);
    expect(text).toContain("The link works until 2026-11-27, for one decision");
    expect(text).not.toMatch(/Sara|Benali|213559446168|sara\.benali|karim|amina/);
  });

  it("W8 keeps the link as its hash and the task token sealed", async () => {
    const { secret } = await asked();
    const everything = JSON.stringify(await stored());
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain("task-1");
    expect((await stored())[0].link_hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("W5 records once who started the run, as the platform vouches", async () => {
    await asked();
    world.execution.starter = "somebody else";
    await asked("scale_up", "task-2");
    expect((await findRun(world.services.sign, runId)).started_by).toBe("karim");
  });

  it("W8 waits by name while the platform does not say who started the run", async () => {
    world.execution.starter = undefined;
    await expect(asked()).rejects.toMatchObject({ name: "StarterUnknown" });
    expect(await stored()).toEqual([]);
    world.execution.starter = "karim";
    await asked();
    expect(await stored()).toHaveLength(1);
  });

  it("R10 refuses to ask about a state without a dry run or an export of it", async () => {
    await world.admin.query("delete from wavegate.review_exports");
    await expect(asked()).rejects.toMatchObject({ name: "ExportMissing" });
    await world.admin.query("update wavegate.legacy_student_imports set planned = 'hold'");
    await expect(asked()).rejects.toMatchObject({ name: "DryRunMissing" });
    expect(world.outbox).toEqual([]);
  });

  it("W8 refuses to ask when nobody but the starter may decide", async () => {
    await world.admin.query("delete from wavegate.people where name <> 'karim'");
    await expect(asked()).rejects.toMatchObject({ name: "NoApprover" });
    expect(await stored()).toEqual([]);
  });

  it("W13 writes to the others when one address fails, and says so when all do", async () => {
    const { mail } = world.services;
    const failing = (bad: RegExp) => ({
      ...world.services,
      mail: (message: Parameters<typeof mail>[0]) =>
        bad.test(message.to[0] ?? "") ? Promise.reject(new Error("no")) : mail(message),
    });
    const input = { run: runId, gate: "first_wave" as const };
    expect(await ask(failing(/amina/), input)).toMatchObject({ mailed: 2, failed: 1 });
    await expect(ask(failing(/./), input)).rejects.toMatchObject({ name: "MailFailed" });
  });

  it("W8 voids the older question of the gate: its link is dead, the newest answers the task", async () => {
    const old = await asked("first_wave", "task-1");
    await ask(world.services, { run: reference, gate: "first_wave" });
    const newest = { secret: mailedSecret(world) };
    await judgeAll(newest);
    await expect(approve(old, "amina")).rejects.toMatchObject({
      name: "LinkExpired",
      message: expect.stringContaining("a newer one replaced it"),
    });
    await approve(newest, "amina");
    expect(world.execution.told.map(({ token }) => token)).toEqual(["task-1"]);
    expect((await stored()).map(({ status, token }) => [status, token]).toSorted()).toEqual([
      ["approved", null],
      ["voided", null],
    ]);
  });

  it("W8 every task that waits at the gate hears the one decision, each once", async () => {
    await asked("first_wave", "task-1");
    const newest = await asked("first_wave", "task-2");
    await asked("scale_up", "task-of-another-gate");
    await judgeAll(newest);
    await approve(newest, "amina");
    expect(world.execution.told.map(({ token }) => token)).toEqual(["task-1", "task-2"]);
    expect(world.execution.told[0]?.output).toEqual(world.execution.told[1]?.output);
    const kept = (await stored()).filter(({ token }) => token !== null);
    expect(kept.map(({ gate }) => gate)).toEqual(["scale_up"]);
    expect(await tellDecided(world.services, runId)).toEqual([]);
  });

  it("W8 two questions at once leave one open", async () => {
    const input = { run: runId, gate: "first_wave" as const };
    await Promise.all([ask(world.services, input), ask(world.services, input)]);
    expect((await stored()).map(({ status }) => status).sort()).toEqual(["pending", "voided"]);
  });

  it("W3 a valid approval of this very state answers the task at once, without a mail", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    world.outbox.length = 0;
    const again = await ask(world.services, { run: runId, gate: "first_wave", token: "task-2" });
    expect(again).toMatchObject({ kind: "approved_already", told: "told" });
    expect(world.outbox).toEqual([]);
    expect(world.execution.told.at(-1)).toMatchObject({
      token: "task-2",
      output: { decision: "approved" },
    });
  });

  it("W3 a state that is again the approved one answers what is still asked about it", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    const setCourse =
      "update wavegate.legacy_course_mappings set course_id = $1 where legacy_formation_id = 5";
    await world.admin.query(setCourse, [12]);
    await review(world);
    world.time.now = new Date("2026-11-20T11:00:00.000Z");
    await asked("first_wave", "task-2");
    await world.admin.query(setCourse, [11]);
    expect(await ask(world.services, { run: runId, gate: "first_wave" })).toMatchObject({
      kind: "approved_already",
      told: "told",
    });
    expect(world.execution.told.at(-1)).toMatchObject({
      token: "task-2",
      output: { decision: "approved" },
    });
    expect((await stored()).map(({ status }) => status)).toEqual(["approved", "voided"]);
  });
});

describe("deciding", () => {
  it("W8 tells the waiting task: the decision, the sign-off and the digest, nothing else", async () => {
    const ref = await asked();
    await judgeAll(ref);
    const decided = await approve(ref, "amina");
    expect(decided).toMatchObject({ decision: "approved", told: "told", reference });
    const [row] = await stored();
    expect(world.execution.told).toEqual([
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
    expect(world.execution.told).toHaveLength(1);
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
    await expect(read(world.services, ref, "brahim")).rejects.toMatchObject({
      name: "AlreadyDecided",
    });
    expect(world.execution.told).toHaveLength(1);
  });

  it.each([
    ["karim", "karim"],
    ["KARIM", "karim"],
    ["arn:aws:iam::123456789012:user/karim", "karim"],
    ["arn:aws:sts::123456789012:assumed-role/Operators/karim@example.com", "karim"],
  ])(
    "W8 the starter %s cannot decide as %s, neither by link nor by id",
    async (starter, person) => {
      world.execution.starter = starter;
      digest = await review(world);
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
    await expect(read(world.services, ref, "nobody")).rejects.toMatchObject({
      name: "PermissionDenied",
    });
    await expect(read(world.services, ref, "vera")).resolves.toMatchObject({
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
        judgeSamples(world.services, { ref, person: "vera", verdicts: [] }),
      ).rejects.toMatchObject({ name: "PermissionDenied" });
    }
  });

  it("W8 what was decided stays decided, whatever changed since, and nothing is voided", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    await world.admin.query("update wavegate.legacy_course_mappings set confidence = 0.9");
    for (const again of [() => approve(ref, "brahim"), () => reject(ref, "brahim")])
      await expect(again()).rejects.toMatchObject({ name: "AlreadyDecided" });
    expect((await stored())[0]).toMatchObject({ status: "approved", decided_by: "amina" });
  });

  it("W8 an expired link is refused, to the moment", async () => {
    const ref = await asked();
    await judgeAll(ref);
    world.time.now = new Date("2026-11-27T10:00:00.000Z");
    await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "LinkExpired" });
    await expect(read(world.services, ref, "amina")).rejects.toMatchObject({ name: "LinkExpired" });
    world.time.now = new Date("2026-11-27T09:59:59.999Z");
    await expect(approve(ref, "amina")).resolves.toMatchObject({ decision: "approved" });
  });

  it.each([
    [
      "update wavegate.legacy_course_mappings set status = 'rejected' where legacy_formation_id = 5",
      "the course or session mappings changed",
    ],
    [
      "update wavegate.legacy_student_imports set classification = 'unknown' where legacy_id = 1",
      "the staged rows or decisions about them changed",
    ],
    [
      "update wavegate.review_exports set manifest_digest = 'd'",
      "the review export was made again",
    ],
  ])("W7 after a change (%s) an approval is refused with what changed", async (change, says) => {
    const ref = await asked();
    await judgeAll(ref);
    await world.admin.query(change);
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "DigestChanged",
      message: expect.stringContaining(says),
    });
    expect((await stored())[0]).toMatchObject({ status: "voided", void_because: says });
    expect(world.execution.told).toEqual([]);
    expect(await audited()).toContain("wavegate sign-off-voided");
  });

  it("W7 after a change a new question takes over the waiting task", async () => {
    const old = await asked();
    await judgeAll(old);
    await world.admin.query("update wavegate.legacy_course_mappings set confidence = 0.9");
    await expect(approve(old, "amina")).rejects.toMatchObject({ name: "DigestChanged" });
    digest = await review(world);
    await ask(world.services, { run: runId, gate: "first_wave" });
    const ref = { secret: mailedSecret(world) };
    await judgeAll(ref);
    await approve(ref, "amina");
    expect(world.execution.told.map(({ token }) => token)).toEqual(["task-1"]);
  });

  it("R9 before the first wave every sampled row needs a verdict; a rejection does not", async () => {
    const ref = await asked();
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "SampleNotJudged",
      message: expect.stringContaining("3 sampled rows have no verdict yet"),
    });
    await judgeAll(ref);
    await world.admin.query("update wavegate.samples set verdict = null where position = 2");
    await expect(approve(ref, "amina")).rejects.toMatchObject({
      name: "SampleNotJudged",
      message: expect.stringContaining("1 sampled row has no verdict yet"),
    });
    await expect(reject(ref, "amina")).resolves.toMatchObject({ decision: "rejected" });
  });

  it("W8 R9 whoever approves judged a row of each sample that has rows; a rejection takes none", async () => {
    await world.admin.query(
      `insert into wavegate.samples (run_id, digest, bucket, position, staged_id)
       select run_id, digest, 'unusual_references', 1, staged_id from wavegate.samples
        where bucket = 'completed' and position = 3`,
    );
    const ref = await asked();
    const rows = await sampleRows(world.services.stage, pinLook(ecoin), runId, digest, {
      unmasked: true,
    });
    const verdicts = rows.map(({ stagedId }) => ({ stagedId, wrong: [] }));
    await judgeSamples(world.services, { ref, person: "lina", verdicts });
    const missing = async () => {
      const refused = approve(ref, "amina");
      await expect(refused).rejects.toMatchObject({ name: "SampleNotJudged" });
      return refused.catch(({ message }) => message);
    };
    expect(await missing()).toBe(
      "You judged no row of the samples “completed”, “unusual references”. Nothing was decided. Whoever approves has judged at least one row of each sample, which takes the permission legacy_imports.review.",
    );
    const judge = (person: string, ...buckets: string[][]) =>
      judgeSamples(world.services, {
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
    expect((await read(world.services, ref, "amina")).obstacles).toHaveLength(1);
    expect((await read(world.services, ref, "lina")).obstacles).toEqual([]);
    await judge("amina", ["completed", "unusual_references"]);
    await expect(approve(ref, "amina")).resolves.toMatchObject({ decision: "approved" });
  });

  it.each<Gate>(["first_wave", "scale_up", "wave:3"])(
    "W8 R9 before %s as well: another person than the one of the gate before looks for themselves",
    async (gate) => {
      const ref = await asked(gate);
      await judgeAll(ref);
      await world.admin.query("update wavegate.samples set judged_by = 'lina'");
      await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "SampleNotJudged" });
      await expect(approve(ref, "lina")).resolves.toMatchObject({ decision: "approved" });
    },
  );

  it("W8 D36 the starter judges nothing, however the name is spelled, and the page offers no verdicts", async () => {
    const ref = await asked();
    const [row] = await sampleRows(world.services.stage, pinLook(ecoin), runId, digest, {
      unmasked: true,
    });
    const verdicts = [{ stagedId: row?.stagedId ?? 0, wrong: [] }];
    for (const person of ["karim", " KARIM "]) {
      await expect(judgeSamples(world.services, { ref, person, verdicts })).rejects.toMatchObject({
        name: "ApproverIsStarter",
        message: "You started this run, so somebody else judges its samples. Nothing was changed.",
      });
    }
    expect((await read(world.services, ref, "karim")).judge).toEqual({
      may: false,
      name: "ApproverIsStarter",
      because: "You started this run, so somebody else judges its samples. Nothing was changed.",
    });
    const { rows } = await world.admin.query(
      "select 1 from wavegate.samples where verdict is not null",
    );
    expect(rows).toEqual([]);
  });

  it("W13 a rejection says what is wrong", async () => {
    const ref = await asked();
    await expect(
      decide(world.services, { ref, person: "amina", decision: "reject", comment: "  " }),
    ).rejects.toMatchObject({ name: "CommentMissing" });
  });

  it("W8 a decision by id, without a link, is the same decision", async () => {
    await asked();
    await judgeAll({ secret: mailedSecret(world) });
    const [row] = await stored();
    await approve({ id: row.id.toUpperCase() }, "amina");
    expect(world.execution.told).toHaveLength(1);
    await expect(read(world.services, { id: row.id }, "amina")).resolves.toMatchObject({
      status: "approved",
      decided: { by: "amina" },
    });
  });

  it("M14 verdicts are kept from reviewers only, and only while it is open", async () => {
    const ref = await asked();
    const [row] = await sampleRows(world.services.sign, pinLook(ecoin), runId, digest, {
      unmasked: true,
    });
    const verdicts = [{ stagedId: row?.stagedId ?? 0, wrong: [] }];
    await expect(
      judgeSamples(world.services, { ref, person: "vera", verdicts }),
    ).rejects.toMatchObject({ name: "PermissionDenied" });
    await reject(ref, "amina");
    await expect(
      judgeSamples(world.services, { ref, person: "lina", verdicts }),
    ).rejects.toMatchObject({ name: "AlreadyDecided" });
  });
});

describe("W8 what somebody may is looked at again as it is decided", () => {
  /** Services in whose first transaction something else has just happened. */
  const behind = (happens: () => Promise<unknown>): Services => {
    const { sign } = world.services;
    let left = 1;
    const late: Database = {
      ...{ rows: sign.rows.bind(sign), one: sign.one.bind(sign), execute: sign.execute.bind(sign) },
      transaction: async (work) => {
        if (left-- > 0) await happens();
        return sign.transaction(work);
      },
    };
    return { ...world.services, sign: late };
  };
  const taken = (name: string) => () => removePerson(world.administrator, name);
  const given = (name: string) =>
    addPerson(world.administrator, {
      name,
      email: `${name}@example.com`,
      permissions: ["legacy_imports.view", "legacy_imports.review", "legacy_imports.commit"],
    });

  it("M14 whoever lost the permission meanwhile judges, overrides and decides nothing", async () => {
    const ref = await asked();
    await judgeAll(ref, ["phone"]);
    const [before] = await stored();
    const judged = () =>
      world.admin.query("select staged_id, verdict, judged_by from wavegate.samples order by 1");
    const { rows } = await judged();
    const verdicts = [{ stagedId: Number(rows[0].staged_id), wrong: [] }];
    for (const act of [
      (services: Services) => judgeSamples(services, { ref, person: "brahim", verdicts }),
      (services: Services) => override(services, { ref, person: "brahim", reason: "One phone." }),
      (services: Services) =>
        decide(services, { ref, person: "brahim", decision: "reject", comment: "wrong" }),
    ]) {
      await expect(act(behind(taken("brahim")))).rejects.toMatchObject({
        name: "PermissionDenied",
      });
      await given("brahim");
    }
    expect((await stored())[0]).toEqual(before);
    expect((await judged()).rows).toEqual(rows);
  });

  it("nothing is judged or overridden that somebody decided meanwhile", async () => {
    const verdicts = [{ stagedId: 1, wrong: [] }];
    for (const act of [
      (ref: { secret: string }, services: Services) =>
        judgeSamples(services, { ref, person: "brahim", verdicts }),
      (ref: { secret: string }, services: Services) =>
        override(services, { ref, person: "brahim", reason: "One phone." }),
    ]) {
      const ref = await asked();
      await judgeAll(ref, ["phone"]);
      const late = act(
        ref,
        behind(() => reject(ref, "amina")),
      );
      await expect(late).rejects.toMatchObject({ name: "AlreadyDecided" });
      expect((await stored()).at(-1)).toMatchObject({ status: "rejected", override_by: null });
    }
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
    await world.admin.query("delete from wavegate.dry_runs");
    await review(world, 21);
    const ref = await asked();
    await judgeAll(ref);
    await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "StopConditionHolds" });
    expect(world.outbox[0]?.text).toContain(
      "- Suspiciously many rows are people whom the platform knows already.",
    );
  });

  it("D15 an override takes a reason and another person than the one who approves", async () => {
    const ref = await wrongSample();
    await expect(
      override(world.services, { ref, person: "amina", reason: " " }),
    ).rejects.toMatchObject({ name: "ReasonMissing" });
    await override(world.services, { ref, person: "amina", reason: "one old phone" });
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

  describe("an override holds until what it covers changes", () => {
    const overridden = async () => {
      const ref = await wrongSample();
      await override(world.services, { ref, person: "amina", reason: "one old phone" });
      world.outbox.length = 0;
    };
    /** Nobody recorded anything with this question itself. */
    const askedAnew = async (gate: Gate) => {
      world.time.now = new Date(world.time.now.getTime() + 1_000);
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
      await expect(read(world.services, ref, "brahim")).resolves.toMatchObject({
        override: { by: "amina", reason: "one old phone", stops: ["sample_judged_wrong"] },
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
      await world.admin.query(
        `update wavegate.samples set verdict = 'wrong', wrong = '["name"]',
                judged_at = (select max(override_at) + interval '1 s' from wavegate.sign_offs)
          where staged_id = (select max(staged_id) from wavegate.samples)`,
      );
      await expect(approve(ref, "brahim")).rejects.toMatchObject({ name: "StopConditionHolds" });
    });

    it("D15 not for another state that is reviewed", async () => {
      await overridden();
      await world.admin.query(
        `update wavegate.sign_offs set parts = parts || '{"rows": "another"}' where override_by is not null`,
      );
      const ref = await askedAnew("scale_up");
      await expect(approve(ref, "brahim")).rejects.toMatchObject({ name: "StopConditionHolds" });
    });

    it("D15 not after an approver rejected it", async () => {
      const ref = await wrongSample();
      await override(world.services, { ref, person: "amina", reason: "one old phone" });
      await reject(ref, "brahim");
      world.outbox.length = 0;
      const again = await askedAnew("first_wave");
      await expect(approve(again, "brahim")).rejects.toMatchObject({ name: "StopConditionHolds" });
    });
  });

  it("D15 the starter cannot override", async () => {
    const ref = await wrongSample();
    await expect(
      override(world.services, { ref, person: "karim", reason: "it is fine" }),
    ).rejects.toMatchObject({ name: "ApproverIsStarter" });
  });

  it("R7 an override covers the stops it was recorded for, not later ones", async () => {
    await world.admin.query("delete from wavegate.dry_runs");
    await review(world, 21);
    const ref = await asked();
    await override(world.services, { ref, person: "amina", reason: "they are the same people" });
    await judgeAll(ref, ["name"]);
    await expect(approve(ref, "brahim")).rejects.toMatchObject({
      name: "StopConditionHolds",
      message: expect.stringContaining("A sampled row was judged wrong."),
    });
  });

  it("R7 there is nothing to override while no stop holds", async () => {
    const ref = await asked();
    await expect(
      override(world.services, { ref, person: "amina", reason: "just in case" }),
    ).rejects.toMatchObject({ name: "NothingToOverride" });
  });
});

describe("telling the task", () => {
  it("W3 a decision whose task could not be told is kept, and told later, once", async () => {
    const ref = await asked();
    await judgeAll(ref);
    world.execution.unreachable = true;
    await expect(approve(ref, "amina")).resolves.toMatchObject({ told: "later" });
    expect((await stored())[0]).toMatchObject({ status: "approved", notified_at: null });
    world.execution.unreachable = false;
    expect(await tellDecided(world.services, runId)).toMatchObject([{ told: "told" }]);
    expect(await tellDecided(world.services, runId)).toEqual([]);
    expect(world.execution.told).toHaveLength(1);
  });

  it("W3 trying the decision again tells the task, too", async () => {
    const ref = await asked();
    await judgeAll(ref);
    world.execution.unreachable = true;
    await approve(ref, "amina");
    world.execution.unreachable = false;
    await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "AlreadyDecided" });
    expect(world.execution.told).toHaveLength(1);
  });

  it("W3 a task that no longer waits is not waited for", async () => {
    const ref = await asked();
    await judgeAll(ref);
    world.execution.told.push({ token: "task-1", output: "answered elsewhere" });
    await expect(approve(ref, "amina")).resolves.toMatchObject({ told: "closed" });
    expect(await tellDecided(world.services, runId)).toEqual([]);
  });
});

describe("what a commit rests on", () => {
  it("W7 is nothing before anybody decided", async () => {
    expect(await approvalNow()).toMatchObject({ ok: false, because: "NotSignedOff" });
    await asked();
    expect(await approvalNow()).toMatchObject({ ok: false, because: "NotSignedOff" });
  });

  it("W7 is an approval of this very state, for its own gate only", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    expect(await approvalNow()).toMatchObject({ ok: true, signOff: { decided_by: "amina" } });
    expect(await approvalNow("scale_up")).toMatchObject({ ok: false, because: "NotSignedOff" });
  });

  it("W7 is stale once anything changed, and says what", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    await world.admin.query("update wavegate.legacy_session_mappings set status = 'rejected'");
    expect(await approvalNow()).toMatchObject({
      ok: false,
      because: "SignOffStale",
      message: expect.stringContaining(
        "Since amina signed off the first wave, the course or session mappings changed.",
      ),
    });
  });

  it("D13 stays valid through a wave and its rollback", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    await world.admin.query(
      "update wavegate.legacy_student_imports set import_state = 'committed', wave = 1, imported_completed_training_id = id",
    );
    expect(await approvalNow()).toMatchObject({ ok: true });
  });

  it("W7 is a rejection when that came last", async () => {
    const first = await asked();
    await judgeAll(first);
    await approve(first, "amina");
    await world.admin.query("update wavegate.review_exports set manifest_digest = 'd'");
    world.time.now = new Date("2026-11-20T11:00:00.000Z");
    const second = await asked("first_wave", "task-2");
    await reject(second, "brahim");
    expect(await approvalNow()).toMatchObject({ ok: false, because: "SignOffRejected" });
    expect(world.execution.told.at(-1)).toMatchObject({
      token: "task-2",
      output: { decision: "rejected" },
    });
  });

  it("W7 is a rejection when it came in the same moment as an approval, in either order", async () => {
    const first = await asked();
    await judgeAll(first);
    await approve(first, "amina");
    expect(await approvalNow()).toMatchObject({ ok: true });
    await world.admin.query("update wavegate.sign_offs set decided_at = '2026-11-20T11:00:00Z'");
    await world.admin.query("update wavegate.review_exports set manifest_digest = 'd'");
    await reject(await asked("first_wave", "task-2"), "brahim");
    for (const moment of ["2026-11-20T11:00:00Z", "2026-11-20T12:00:00Z"]) {
      await world.admin.query(
        `update wavegate.sign_offs set decided_at = '${moment}' where status = 'rejected'`,
      );
      expect(await approvalNow()).toMatchObject({ ok: false, because: "SignOffRejected" });
      await world.admin.query(
        `update wavegate.sign_offs set asked_at = asked_at + interval '1 day' where status = 'approved'`,
      );
    }
  });
});
