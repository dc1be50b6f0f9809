import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { holdRow, releaseRow } from "../../lib/review/rows/held-rows.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { approve, judgeAll, refusal, runWave, toTheEnd } from "../support/steps.ts";

let test: TestServices;
/** Rows of wave one, in its order. */
let rows: readonly number[];
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
  rows = (
    await test.query<{ id: number }>(
      `select id::int from wavegate.legacy_student_imports
        where run_id = $1 and planned = 'commit' and classification = 'completed' order by id limit 60`,
      [run],
    )
  ).map(({ id }) => id);
});
afterAll(() => test.close());

const row = (n: number) => rows[n] as number;
/** As the CLI does it, by the role that may write neither staged rows nor sign-offs. */
const hold = async (n: number, person = "approver", reason = "Two people of one name.") =>
  holdRow(test.services.sign, await findRun(test.services.sign, run), {
    row: row(n),
    person,
    reason,
  });
const release = async (id: number, person = "approver", reason = "It is one person.") =>
  releaseRow(test.services.sign, await findRun(test.services.sign, run), {
    row: id,
    person,
    reason,
  });
const standsAs = async (id: number) => {
  const [found] = await test.query<{ as: string }>(
    `select concat_ws(' ', import_state, state_reason) as as from wavegate.legacy_student_imports where run_id = $1 and id = $2`,
    [run, id],
  );
  return found?.as;
};
const gates = async () =>
  (
    await test.query<{ as: string }>(
      "select gate || ' ' || status as as from wavegate.sign_offs where run_id = $1 order by asked_at",
      [run],
    )
  ).map((each) => each.as);

describe("D38 a person holds single rows and lets them go", () => {
  it("M14 with the permission to review, and with a reason", async () => {
    await test.query(
      "update wavegate.people set permissions = '[\"legacy_imports.view\"]' where name = 'second'",
    );
    expect(await refusal(hold(0, "second"))).toBe("PermissionDenied");
    await expect(hold(0, "nobody")).rejects.toMatchObject({
      name: "PermissionDenied",
      message:
        "You may not review imported rows: that takes the permission legacy_imports.review. Nothing was changed; ask an administrator for it.",
    });
    expect(await refusal(hold(0, "approver", "  "))).toBe("ReasonMissing");
    expect(await refusal(release(row(0)))).toBe("RowNotHeld");
    expect(await refusal(release(999_999_999))).toBe("UnknownRow");
    expect(await standsAs(row(0))).toBe("pending");
  });

  it("holding takes back nothing that was signed, and no wave takes the row", async () => {
    await approve(test, run, "first_wave");
    await hold(0);
    await hold(7);
    await hold(30);
    expect(await gates()).toEqual(["first_wave approved"]);
    const { written } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ picked: 25, heldBack: 0 });
    for (const n of [0, 7, 30]) expect(await standsAs(row(n))).toBe("held held_by_person");
    expect(await refusal(hold(1))).toBe("RowWritten");
    const marked = (as: string) =>
      test.query(
        "update wavegate.legacy_student_imports_decisions set import_state = $1 where run_id = $2 and staged_id = $3",
        [as, run, row(1)],
      );
    await marked("linked");
    expect(await refusal(hold(1))).toBe("RowWritten");
    await marked("committed");
  });

  it("W12 sent twice, by two clicks or behind an answer that was lost, it is told of once; with another reason it is another word", async () => {
    const told = async () =>
      (
        await test.query<{ n: number }>(
          "select count(*)::int as n from wavegate.audit_log where run_id = $1 and action = 'row-held' and details ->> 'row' = $2",
          [run, `${row(7)}`],
        )
      )[0]?.n;
    expect(await told()).toBe(1);
    await Promise.all([hold(7), hold(7)]);
    expect(await told()).toBe(1);
    await Promise.all([hold(7, "approver", "Three of one."), hold(7, "approver", "Three of one.")]);
    expect(await told()).toBe(2);
    expect(await standsAs(row(7))).toBe("held held_by_person");
  });

  it("and stays held, and what was signed stays signed, when everything is judged anew", async () => {
    await judgeAll(test, run);
    for (const n of [0, 7, 30]) expect(await standsAs(row(n))).toBe("held held_by_person");
    expect(await gates()).toEqual(["first_wave approved"]);
  });

  it("W7 releasing voids the sign-offs of the waves that are not yet written, and no others", async () => {
    await drill(test.services, run);
    await approve(test, run, "scale_up");
    expect(await release(row(7))).toBe(true);
    expect(await gates()).toEqual(["first_wave approved", "scale_up voided"]);
    expect(await standsAs(row(7))).toBe("pending");
    expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("NotSignedOff");
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "scale_up" });
    await approve(test, run, "scale_up");
    await runWave(test, run, 2);
    expect(await standsAs(row(7))).toBe("committed");
  });

  it("lets go what was held at the last moment, and not what the plan holds", async () => {
    const [{ id: planned }] = (await test.query(
      `select min(id)::int as id from wavegate.legacy_student_imports where run_id = $1 and planned = 'hold'`,
      [run],
    )) as [{ id: number }];
    expect(await refusal(release(planned))).toBe("RowHeldByPlan");
    // What the plan holds stands as the plan says, whoever holds it as well, and behind that.
    const stands = await standsAs(planned);
    const stored = await findRun(test.services.sign, run);
    await holdRow(test.services.sign, stored, { row: planned, person: "approver", reason: "Odd." });
    expect(await standsAs(planned)).toBe(stands);
    expect(await release(planned)).toBe(false);
    expect(await standsAs(planned)).toBe(stands);
    await test.query(
      `update wavegate.legacy_student_imports_decisions
          set import_state = 'held', state_reason = 'refused_by_platform', state_detail = 'some_key'
        where run_id = $1 and staged_id = (select max(id) from wavegate.legacy_student_imports
          where run_id = $1 and import_state = 'pending')`,
      [run],
    );
    const [{ id: refused }] = (await test.query(
      `select id::int from wavegate.legacy_student_imports where run_id = $1 and state_reason = 'refused_by_platform'`,
      [run],
    )) as [{ id: number }];
    expect(await release(refused)).toBe(true);
    expect(await standsAs(refused)).toBe("pending");
  });

  it("W12 who did it and why is in the audit log, and the run comes to its end with the rest", async () => {
    await toTheEnd(test, run);
    expect((await finalVerify(test.services, run)).passed).toBe(true);
    for (const n of [0, 30]) expect(await standsAs(row(n))).toBe("held held_by_person");
    const entries = await test.query(
      `select actor, action, details from wavegate.audit_log where run_id = '${run}' and action in ('row-held', 'row-released') order by seq`,
    );
    expect(entries).toHaveLength(8);
    expect(entries[0]).toEqual({
      actor: "approver",
      action: "row-held",
      details: { row: row(0), reason: "Two people of one name." },
    });
  });
});

it("D13 R14 a row that is let go between a first wave and its drill keeps its place for a later wave", async () => {
  const other = await reviewedServices();
  try {
    const found = await findRun(other.services.sign, run);
    const judged = { row: row(3), person: "approver", reason: "Two people of one name." };
    await holdRow(other.services.sign, found, judged);
    await approve(other, run, "first_wave");
    await runWave(other, run, 1);
    const wrote = () =>
      other.query(
        `select id from wavegate.legacy_student_imports where run_id = $1 and import_state = 'committed' order by id`,
        [run],
      );
    const before = await wrote();
    await releaseRow(other.services.sign, found, { ...judged, reason: "It is one person." });
    expect(await drill(other.services, run)).toMatchObject({ passed: true });
    expect(before).toHaveLength(25);
    expect(await wrote()).toEqual(before);
  } finally {
    await other.close();
  }
});

it("W7 R14 a row that is let go while a drill writes the first wave again leaves what was signed for that wave; once that is taken back for good it is asked about anew", async () => {
  const other = await reviewedServices();
  try {
    const found = await findRun(other.services.sign, run);
    const judged = { row: row(3), person: "approver", reason: "Two people of one name." };
    await approve(other, run, "first_wave");
    await runWave(other, run, 1);
    const letGo = async (done: boolean) => {
      await other.query("update wavegate.drill_rounds set done = $1 where run_id = $2", [
        done,
        run,
      ]);
      await holdRow(other.services.sign, found, judged);
      await releaseRow(other.services.sign, found, { ...judged, reason: "It is one person." });
      return other.query("select gate, status from wavegate.sign_offs where run_id = $1", [run]);
    };
    // As a drill leaves it that was cut off between the two.
    await other.query(
      `with back as (update wavegate.waves set status = 'rolled_back' where run_id = '${run}' and wave = 1),
            free as (update wavegate.legacy_student_imports_decisions set import_state = 'pending', wave = null
                      where run_id = '${run}' and staged_id = ${row(3)})
       insert into wavegate.drill_rounds (run_id, round) values ('${run}', 1)`,
    );
    expect(await letGo(false)).toEqual([{ gate: "first_wave", status: "approved" }]);
    expect(await letGo(true)).toEqual([{ gate: "first_wave", status: "voided" }]);
  } finally {
    await other.close();
  }
});
