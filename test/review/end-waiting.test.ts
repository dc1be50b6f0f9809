import { afterAll, beforeAll, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { goesOn } from "../../lib/stages/preflight/pin-run.ts";
import { noteWaiting } from "../../lib/stages/run/note-waiting.ts";
import { validate } from "../../lib/stages/validate.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { judgeAll, refusal } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
  for (const can of ["view", "run", "validate", "review"]) {
    await test.query("insert into wavegate.people (name, email, permissions) values ($1, $2, $3)", [
      `only-${can}`,
      `${can}@example.com`,
      JSON.stringify([`legacy_imports.${can}`]),
    ]);
  }
});
afterAll(() => test.close());

let n = 0;
/** An execution that waits for the answer to a new question. */
async function waits(gate: "first_wave" | "scale_up" = "first_wave"): Promise<string> {
  n += 1;
  const executionArn = `arn:aws:states:eu-west-3:000000000000:execution:migration:${run}-${n}`;
  await ask(test.services, { run, gate, executionArn, token: `token-${n}` });
  return executionArn;
}
const says = (who: string, request: Parameters<typeof keepDecision>[2]) =>
  keepDecision(test.services, `arn:aws:iam::000000000000:user/${who}`, request) as Promise<{
    ended: string[];
  }>;
/** What was ended since the last look. */
const endedNow = () => test.executions.ended.splice(0);

it("W8 who may only look ends nothing, also of what waits in vain", async () => {
  await waits();
  await validate(test.services, run);
  for (const decide of ["withdrawn", "pause", "resume", "stop"] as const) {
    expect(await refusal(says("only-view", { decide, run }))).toBe("PermissionDenied");
  }
  expect(endedNow()).toEqual([]);
});

it("W8 M14 whoever may not decide is not told which runs there are, nor what they hold", async () => {
  const unknown = "7f3a0000-0000-4000-8000-0000000000ff";
  for (const id of [run, unknown]) {
    const asked: Parameters<typeof keepDecision>[2][] = [
      { decide: "stop", run: id },
      { decide: "hold", run: id, row: 987_654, reason: "Because." },
      { decide: "ask", run: id, row: 987_654, question: "Who is this?" },
      { decide: "feature", run: id, feature: "none", percentage: 0, segments: ["Sara Benali"] },
      { decide: "erase", run: id, behind: "0" },
      { decide: "forget", run: id },
    ];
    for (const who of ["only-view", "stranger"])
      for (const request of asked)
        expect(await refusal(says(who, request))).toBe("PermissionDenied");
  }
  expect(await refusal(says("only-run", { decide: "stop", run: unknown }))).toBe("UnknownRun");
});

it("W7 W9 whoever judges again ends what waits for the withdrawn question, once, and is told of", async () => {
  await judgeAll(test, run);
  endedNow();
  const first = await waits();
  await validate(test.services, run);
  await test.query("update wavegate.legacy_import_runs set status = 'waiting' where id = $1", [
    run,
  ]);
  const { ended } = await says("only-validate", { decide: "withdrawn", run });
  expect(ended).toContain(first);
  expect(endedNow()).toContain(first);
  expect((await findRun(test.services.stage, run)).status).toBe("paused");
  expect((await auditLog(test.services.stage, run)).at(-1)).toMatchObject({
    actor: "only-validate",
    action: "paused",
    details: { because: "its question was withdrawn" },
  });
  expect(await says("only-validate", { decide: "withdrawn", run })).toMatchObject({ ended: [] });
  expect(endedNow()).toEqual([]);
});

it("W9 whoever says that a question was withdrawn pauses no run that was asked about anew, nor one that is over", async () => {
  await judgeAll(test, run);
  // The older question is void by the newer one.
  await waits();
  await waits();
  const statusBehind = async (status: string) => {
    await test.query("update wavegate.legacy_import_runs set status = $2 where id = $1", [
      run,
      status,
    ]);
    await says("only-validate", { decide: "withdrawn", run });
    return (await findRun(test.services.stage, run)).status;
  };
  expect(await statusBehind("waiting")).toBe("waiting");
  await test.query("update wavegate.sign_offs set status = 'voided' where status = 'pending'");
  for (const over of ["completed", "rolled_back", "stopped", "halted"])
    expect(await statusBehind(over)).toBe(over);
  expect(await statusBehind("running")).toBe("paused");
  endedNow();
});

it("W8 a decision about a mapping ends what it withdraws; one about a run ends nothing that will be answered", async () => {
  await judgeAll(test, run);
  const older = await waits();
  const newer = await waits();
  // The older question's task hears the answer to the newer one.
  for (const decide of ["pause", "resume"] as const) {
    expect(await says("only-run", { decide, run })).toMatchObject({ ended: [] });
  }
  const decisions = [{ id: 2, reject: true as const }];
  const mapping = { decide: "mappings", run, reference: "course", decisions } as const;
  const { ended } = await says("only-review", mapping);
  expect(ended.sort()).toEqual([older, newer].sort());
  expect(endedNow().sort()).toEqual([older, newer].sort());
});

it("W9 a decided question whose task was never told keeps nobody waiting when a run is resumed", async () => {
  await judgeAll(test, run);
  const arn = await waits();
  await test.query(
    `update wavegate.sign_offs set status = 'approved', decided_by = 'approver', decided_at = now()
      where execution_arn = $1`,
    [arn],
  );
  // A row that somebody holds meanwhile ends nothing: the task is about to be told.
  const [first] = await test.query<{ row: number }>(
    "select min(id)::int as row from wavegate.legacy_student_imports where run_id = $1",
    [run],
  );
  const hold = { decide: "hold", run, row: first?.row ?? 0, reason: "Looked at by hand." } as const;
  expect(await says("only-review", hold)).toMatchObject({ ended: [] });
  expect(await says("only-run", { decide: "resume", run })).toMatchObject({ ended: [arn] });
  expect(endedNow()).toEqual([arn]);
});

it("W8 W9 a stop at once ends executions of its own run alone", async () => {
  const machine = "arn:aws:states:eu-west-3:000000000000:execution:migration";
  const others = "00000000-0000-4000-8000-000000000001";
  for (const arn of [
    `${machine}:${others}-start-1`,
    `${machine}:x-${run}`,
    `${machine}:${run}0-start-1`,
    `arn:aws:states:eu-west-3:000000000000:stateMachine:migration`,
    `arn:aws:lambda:eu-west-3:000000000000:function:${run}`,
    `${machine}:${run}-start:x`,
    "",
  ]) {
    const now = [`${machine}:${run}-start-1`, arn];
    expect([arn, await refusal(says("only-run", { decide: "stop", run, now }))]).toEqual([
      arn,
      "InputInvalid",
    ]);
  }
  expect(endedNow()).toEqual([]);
  const now = [
    `${machine}:${run}-start-1`,
    `${machine.replace("migration", "wave")}:${run}-wave-2-1`,
  ];
  expect(await refusal(says("only-review", { decide: "stop", run, now }))).toBe("PermissionDenied");
  expect(endedNow()).toEqual([]);
  await judgeAll(test, run);
  const waiting = await waits("scale_up");
  await says("only-run", { decide: "stop", run, now: [...now, waiting] });
  // Each once, also the one that waited for an answer nobody is asked for any more.
  expect(endedNow().sort()).toEqual([...now, waiting].sort());
  const told = (await auditLog(test.services.stage, run)).slice(-2);
  expect(told).toMatchObject([
    { actor: "only-run", action: "stop" },
    { action: "sign-off-voided", details: { because: "the run was stopped" } },
  ]);
  const [asked] = await test.query(
    "select status, void_because from wavegate.sign_offs where execution_arn = $1",
    [waiting],
  );
  expect(asked).toEqual({ status: "voided", void_because: "the run was stopped" });
});

it.each(["pause", "resume", "stop"] as const)(
  "W8 W9 a %s ends what waits for an answer that nobody gave in time, and withdraws the question",
  async (decide) => {
    await judgeAll(test, run);
    await says("only-run", { decide: "resume", run });
    endedNow();
    const late = await waits("scale_up");
    expect((await says("only-run", { decide, run })).ended).not.toContain(late);
    await test.query(
      "update wavegate.sign_offs set expires_at = asked_at where run_id = $1 and status = 'pending'",
      [run],
    );
    expect((await says("only-run", { decide, run })).ended).toContain(late);
    expect(endedNow()).toContain(late);
    const rows = await test.query(
      "select status, void_because from wavegate.sign_offs where run_id = $1 order by asked_order desc limit 1",
      [run],
    );
    expect(rows).toEqual([{ status: "voided", void_because: "nobody answered in time" }]);
    expect(await auditLog(test.services.stage, run)).toContainEqual(
      expect.objectContaining({
        action: "sign-off-voided",
        details: expect.objectContaining({ because: "nobody answered in time" }),
      }),
    );
  },
);

it("W3 W9 what is noted late of a run changes nothing once it is over, and one halt is told of once", async () => {
  const { stage } = test.services;
  const ofRun = (sets: string) =>
    test.query(`update wavegate.legacy_import_runs set ${sets} where id = $1`, [run]);
  const because = { error: "Broken", message: "It broke. Nothing was written." };
  const late = async () => {
    const found = await findRun(stage, run);
    await noteWaiting(test.services, { run, status: "halted", because });
    await noteWaiting(test.services, { run, status: "paused" });
    await goesOn(test.services, found);
    const now = await findRun(stage, run);
    return [now.status, now.halted_because];
  };
  for (const over of ["completed", "rolled_back"]) {
    await ofRun(`status = '${over}', control = 'run', halted_because = null`);
    expect([over, await late()]).toEqual([over, [over, null]]);
  }
  // Whose people are erased is over, whatever it was when they were.
  await ofRun("status = 'stopped', erased_at = now()");
  expect(await late()).toEqual(["stopped", null]);
  // One that was stopped halts, and is gone on with by a person alone.
  await ofRun("erased_at = null");
  await noteWaiting(test.services, { run, status: "paused" });
  await goesOn(test.services, await findRun(stage, run));
  expect((await findRun(stage, run)).status).toBe("stopped");
  const halts = async () =>
    (await auditLog(stage, run)).filter(({ action }) => action === "halted").length;
  const before = await halts();
  await noteWaiting(test.services, { run, status: "halted", because });
  await noteWaiting(test.services, { run, status: "halted", because });
  expect(await halts()).toBe(before + 1);
  await goesOn(test.services, await findRun(stage, run));
  expect(await findRun(stage, run)).toMatchObject({ status: "running", halted_because: null });
});
