import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { findRun } from "../../lib/data/runs.ts";
import { ask, decide, tellDecided } from "../../lib/review/sign-off/sign-offs.ts";
import { signOffs } from "./asked.ts";
import { reference, review, runId } from "./fixture.ts";
import { mailedSecret } from "./support.ts";

const here = signOffs();
const { asked, approve, reject, judgeAll, stored, approvalNow } = here;

describe("asking", () => {
  it("W8 mails everybody who may commit except the starter, each alone, with counts and no personal data", async () => {
    await asked();
    expect(here.world.outbox.map(({ to }) => to)).toEqual([
      ["amina@example.com"],
      ["brahim@example.com"],
      ["lina@example.com"],
    ]);
    const { subject, text } = here.world.outbox[0] ?? { subject: "", text: "" };
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
    here.world.execution.starter = "somebody else";
    await asked("scale_up", "task-2");
    expect((await findRun(here.world.services.sign, runId)).started_by).toBe("karim");
  });

  it("W8 waits by name while the platform does not say who started the run", async () => {
    here.world.execution.starter = undefined;
    await expect(asked()).rejects.toMatchObject({ name: "StarterUnknown" });
    expect(await stored()).toEqual([]);
    here.world.execution.starter = "karim";
    await asked();
    expect(await stored()).toHaveLength(1);
  });

  it("R10 refuses to ask about a state without a dry run or an export of it", async () => {
    await here.world.admin.query(`delete from wavegate.review_exports where run_id = '${runId}'`);
    await expect(asked()).rejects.toMatchObject({ name: "ExportMissing" });
    await here.world.admin.query(
      `update wavegate.legacy_student_imports set planned = 'hold' where run_id = '${runId}'`,
    );
    await expect(asked()).rejects.toMatchObject({ name: "DryRunMissing" });
    expect(here.world.outbox).toEqual([]);
  });

  it("W8 refuses to ask when nobody but the starter may decide", async () => {
    await here.world.admin.query("delete from wavegate.people where name <> 'karim'");
    await expect(asked()).rejects.toMatchObject({ name: "NoApprover" });
    expect(await stored()).toEqual([]);
  });

  it("W13 writes to the others when one address fails, and says so when all do", async () => {
    const { mail } = here.world.services;
    const failing = (bad: RegExp) => ({
      ...here.world.services,
      mail: (message: Parameters<typeof mail>[0]) =>
        bad.test(message.to[0] ?? "") ? Promise.reject(new Error("no")) : mail(message),
    });
    const input = { run: runId, gate: "first_wave" as const };
    expect(await ask(failing(/amina/), input)).toMatchObject({ mailed: 2, failed: 1 });
    await expect(ask(failing(/./), input)).rejects.toMatchObject({ name: "MailFailed" });
  });

  it("W8 voids the older question of the gate: its link is dead, the newest answers the task", async () => {
    const old = await asked("first_wave", "task-1");
    await ask(here.world.services, { run: reference, gate: "first_wave" });
    const newest = { secret: mailedSecret(here.world) };
    await judgeAll(newest);
    await expect(approve(old, "amina")).rejects.toMatchObject({
      name: "LinkExpired",
      message: expect.stringContaining("a newer one replaced it"),
    });
    await approve(newest, "amina");
    expect(here.world.execution.told.map(({ token }) => token)).toEqual(["task-1"]);
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
    expect(here.world.execution.told.map(({ token }) => token)).toEqual(["task-1", "task-2"]);
    expect(here.world.execution.told[0]?.output).toEqual(here.world.execution.told[1]?.output);
    const kept = (await stored()).filter(({ token }) => token !== null);
    expect(kept.map(({ gate }) => gate)).toEqual(["scale_up"]);
    expect(await tellDecided(here.world.services, runId)).toEqual([]);
  });

  it("W8 two questions at once leave one open", async () => {
    const input = { run: runId, gate: "first_wave" as const };
    await Promise.all([ask(here.world.services, input), ask(here.world.services, input)]);
    expect((await stored()).map(({ status }) => status).sort()).toEqual(["pending", "voided"]);
  });

  it("W3 a valid approval of this very state answers the task at once, without a mail", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    here.world.outbox.length = 0;
    const again = await ask(here.world.services, {
      run: runId,
      gate: "first_wave",
      token: "task-2",
    });
    expect(again).toMatchObject({ kind: "approved_already", told: "told" });
    expect(here.world.outbox).toEqual([]);
    expect(here.world.execution.told.at(-1)).toMatchObject({
      token: "task-2",
      output: { decision: "approved" },
    });
  });

  it("W3 a state that is again the approved one answers what is still asked about it", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    const setCourse = `update wavegate.legacy_course_mappings set course_id = $1 where run_id = '${runId}' and legacy_formation_id = 5`;
    await here.world.admin.query(setCourse, [12]);
    await review(here.world);
    here.world.time.now = new Date("2026-11-20T11:00:00.000Z");
    await asked("first_wave", "task-2");
    await here.world.admin.query(setCourse, [11]);
    expect(await ask(here.world.services, { run: runId, gate: "first_wave" })).toMatchObject({
      kind: "approved_already",
      told: "told",
    });
    expect(here.world.execution.told.at(-1)).toMatchObject({
      token: "task-2",
      output: { decision: "approved" },
    });
    expect((await stored()).map(({ status }) => status)).toEqual(["approved", "voided"]);
  });
});

describe("telling the task", () => {
  it("W3 a decision whose task could not be told is kept, and told later, once", async () => {
    const ref = await asked();
    await judgeAll(ref);
    here.world.execution.unreachable = true;
    await expect(approve(ref, "amina")).resolves.toMatchObject({ told: "later" });
    expect((await stored())[0]).toMatchObject({ status: "approved", notified_at: null });
    here.world.execution.unreachable = false;
    expect(await tellDecided(here.world.services, runId)).toMatchObject([{ told: "told" }]);
    expect(await tellDecided(here.world.services, runId)).toEqual([]);
    expect(here.world.execution.told).toHaveLength(1);
  });

  it("W8 W3 a task that two tell at once is told once, and neither takes the other's for an end of its own", async () => {
    const ref = await asked();
    await judgeAll(ref);
    const { services } = here.world;
    here.world.execution.unreachable = true;
    await approve(ref, "amina");
    here.world.execution.unreachable = false;
    let other: ReturnType<typeof tellDecided> | undefined;
    const executions = {
      ...services.executions,
      succeed: async (...said: Parameters<typeof services.executions.succeed>) => {
        const told = await services.executions.succeed(...said);
        // The other one has read that nobody was told before this one notes that it did.
        other ??= tellDecided(services, runId);
        await sleep(200);
        return told;
      },
    };
    const first = await tellDecided({ ...services, executions }, runId);
    expect([first, await other]).toMatchObject([[{ told: "told" }], [{ told: "told" }]]);
    expect(here.world.execution.told).toHaveLength(1);
  });

  it("W8 W3 who decided, and whose task another press of the button told, reads that it was told", async () => {
    const ref = await asked();
    await judgeAll(ref);
    const { services } = here.world;
    const sign: typeof services.sign = {
      ...services.sign,
      transaction: async (work, mode) => {
        const done = await services.sign.transaction(work, mode);
        await tellDecided(services, runId);
        return done;
      },
    };
    const decision = { decision: "approve", comment: "looks right", person: "amina" } as const;
    const decided = await decide({ ...services, sign }, { ref, ...decision });
    expect(decided.told).toBe("told");
    expect(here.world.execution.told).toHaveLength(1);
  });

  it("W3 whoever looks at the page of the run, tells the task, too, and until then it is not said to go on by itself", async () => {
    const ref = await asked();
    await judgeAll(ref);
    here.world.execution.unreachable = true;
    await approve(ref, "amina");
    here.world.execution.unreachable = false;
    await here.world.admin.query(
      `update wavegate.legacy_import_runs set status = 'waiting' where id = '${runId}'`,
    );
    const workflow = {
      ...here.world.services.workflow,
      underWay: async () => [
        { name: runId, executionArn: "arn:waits", machine: "migration", startedAt: new Date() },
      ],
      steps: async () => [],
    };
    const page = createConsole({
      services: { ...here.world.services, workflow } as never,
      key: Buffer.alloc(32, 7),
      log: { info: () => {}, error: () => {} },
    });
    const answer = await page({
      rawPath: `/admin/legacy-imports/runs/${reference}`,
      rawQueryString: "",
      headers: {},
      requestContext: {
        http: { method: "GET" },
        authorizer: { jwt: { claims: { "cognito:username": "brahim" } } },
      },
    });
    expect([answer.statusCode, answer.body]).toEqual([
      200,
      expect.stringContaining("Where it still says so a minute later, let it go on."),
    ]);
    expect(here.world.execution.told).toHaveLength(1);
  });

  it("W3 trying the decision again tells the task, too", async () => {
    const ref = await asked();
    await judgeAll(ref);
    here.world.execution.unreachable = true;
    await approve(ref, "amina");
    here.world.execution.unreachable = false;
    await expect(approve(ref, "amina")).rejects.toMatchObject({ name: "AlreadyDecided" });
    expect(here.world.execution.told).toHaveLength(1);
  });

  it("W3 a task that no longer waits is not waited for", async () => {
    const ref = await asked();
    await judgeAll(ref);
    here.world.execution.told.push({ token: "task-1", output: "answered elsewhere" });
    await expect(approve(ref, "amina")).resolves.toMatchObject({ told: "closed" });
    expect(await tellDecided(here.world.services, runId)).toEqual([]);
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
    await here.world.admin.query(
      `update wavegate.legacy_session_mappings set status = 'rejected' where run_id = '${runId}'`,
    );
    expect(await approvalNow()).toMatchObject({
      ok: false,
      because: "SignOffStale",
      message: expect.stringContaining(
        "Since amina signed off the first wave, the course or session mappings, or what their targets are called, changed.",
      ),
    });
  });

  it("D13 stays valid through a wave and its rollback", async () => {
    const ref = await asked();
    await judgeAll(ref);
    await approve(ref, "amina");
    await here.world.admin.query(
      `update wavegate.legacy_student_imports set import_state = 'committed', wave = 1, imported_completed_training_id = id where run_id = '${runId}'`,
    );
    expect(await approvalNow()).toMatchObject({ ok: true });
  });

  it("W7 is a rejection when that came last", async () => {
    const first = await asked();
    await judgeAll(first);
    await approve(first, "amina");
    await here.world.admin.query(
      `update wavegate.review_exports set manifest_digest = 'd' where run_id = '${runId}'`,
    );
    here.world.time.now = new Date("2026-11-20T11:00:00.000Z");
    const second = await asked("first_wave", "task-2");
    await reject(second, "brahim");
    expect(await approvalNow()).toMatchObject({ ok: false, because: "SignOffRejected" });
    expect(here.world.execution.told.at(-1)).toMatchObject({
      token: "task-2",
      output: { decision: "rejected" },
    });
  });

  it("W7 W3 is a rejection when that came last, whatever the clocks say, and so are those told who wait", async () => {
    const first = await asked();
    await judgeAll(first);
    await approve(first, "amina");
    expect(await approvalNow()).toMatchObject({ ok: true });
    await here.world.admin.query(
      `update wavegate.sign_offs set decided_at = '2026-11-20T11:00:00Z' where run_id = '${runId}'`,
    );
    await here.world.admin.query(
      `update wavegate.review_exports set manifest_digest = 'd' where run_id = '${runId}'`,
    );
    await reject(await asked("first_wave", "task-2"), "brahim");
    const { services, execution } = here.world;
    for (const moment of ["2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z", "2026-11-20T12:00:00Z"]) {
      await here.world.admin.query(
        `update wavegate.sign_offs set decided_at = '${moment}', token = '${services.tokens.seal("task-3")}', notified_at = null
          where run_id = '${runId}' and status = 'rejected'`,
      );
      expect(await approvalNow()).toMatchObject({ ok: false, because: "SignOffRejected" });
      await tellDecided(services, runId);
      expect(execution.told.at(-1)).toMatchObject({
        token: "task-3",
        output: { decision: "rejected" },
      });
      execution.told.length = 0;
      await here.world.admin.query(
        `update wavegate.sign_offs set asked_at = asked_at + interval '1 day' where run_id = '${runId}' and status = 'approved'`,
      );
    }
    // Those of before there was a count of them, as the log tells of them.
    await here.world.admin.query(
      `update wavegate.sign_offs set asked_order = null where run_id = '${runId}'`,
    );
    await here.world.admin.query(
      `update wavegate.sign_offs set decided_order = null where run_id = '${runId}' and status = 'approved'`,
    );
    await here.world.admin.query(await readFile("lib/data/schema/007-sign-offs.sql", "utf8"));
    expect(await approvalNow()).toMatchObject({ ok: false, because: "SignOffRejected" });
  });

  it("W3 W8 reaches a task whose question is older, though the clock that asked it was ahead", async () => {
    const { world } = here;
    world.time.now = new Date("2026-11-20T11:00:00.000Z");
    await asked("first_wave", "task-1");
    world.time.now = new Date("2026-11-20T10:30:00.000Z");
    await reject(await asked("first_wave", "task-2"), "brahim");
    expect(world.execution.told.map(({ token }) => token)).toStrictEqual(["task-1", "task-2"]);
    // A count that somebody wrote is none: the database counts.
    await world.admin.query(
      `insert into wavegate.sign_offs (id, run_id, gate, digest, link_hash, expires_at, asked_order)
       select gen_random_uuid(), run_id, gate, digest, 'another', expires_at, 2147483647 from wavegate.sign_offs where run_id = '${runId}' limit 1`,
    );
    const { rows } = await world.admin.query(
      `select asked_order from wavegate.sign_offs where run_id = '${runId}' order by 1`,
    );
    expect(rows.map(({ asked_order }) => asked_order)).toStrictEqual([1, 2, 3]);
  });
});
