import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { readSample } from "../../lib/review/samples/read.ts";
import type { Aspect } from "../../lib/review/samples/samples.ts";
import { undoVerdict } from "../../lib/review/samples/undo-verdict.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { refusal } from "../support/steps.ts";
import { completed, review, runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

let world: World;
let rows: readonly number[];
let signOff: string;

beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, [
    ...completed(3),
    { legacyId: 9, course: 6, session: 235, sessionType: "placeholder_session" },
  ]);
  const found = await world.admin.query(
    `select id::int from wavegate.legacy_student_imports where run_id = '${runId}' order by 1`,
  );
  rows = found.rows.map(({ id }) => id);
  await asksAnew();
});
afterEach(() => world.close());

async function asksAnew() {
  await review(world);
  const asked = await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  if (asked.kind !== "asked") throw new Error(asked.kind);
  signOff = asked.signOff;
}
const judges = (
  ids: readonly number[],
  { person = "amina", wrong = [] }: { person?: string; wrong?: readonly Aspect[] } = {},
) =>
  judgeSamples(world.services, {
    ref: { id: signOff },
    person,
    verdicts: ids.map((stagedId) => ({ stagedId, wrong })),
  });
const undoes = (row: number, person = "amina") =>
  undoVerdict(world.services, { ref: { id: signOff }, person, row });
const place = (row: number) => rows.indexOf(row);
/** Places of the rows that have a verdict in the state that is asked about. */
async function judged(): Promise<number[]> {
  const { rows: found } = await world.admin.query(
    `select distinct t.staged_id::int as id from wavegate.samples t
      where t.verdict is not null and t.digest = (select digest from wavegate.dry_runs order by created_at desc limit 1)`,
  );
  return found.map(({ id }) => place(id)).sort();
}
const update = (statement: string, row = rows[0]) => world.admin.query(statement, [row]);
const approves = (person = "amina") =>
  decide(world.services, { ref: { id: signOff }, person, decision: "approve", comment: "" });
const changed = async (row: number) =>
  (await readSample(world.services, signOff, "amina", { row })).row?.before;
const told = async (action: string) =>
  (
    await world.admin.query(
      `select actor, details from wavegate.audit_log where run_id = '${runId}' and action = $1`,
      [action],
    )
  ).rows;

it("R9 of two sampled rows each is what comes after the other, and after one alone comes none", async () => {
  const next = async (row = 0) =>
    (await readSample(world.services, signOff, "amina", { row })).next;
  const only = (...some: unknown[]) =>
    world.admin.query(
      `delete from wavegate.samples where run_id = '${runId}' and staged_id <> all ($1)`,
      [some],
    );
  const [one, other] = rows;
  await only(one, other);
  expect([await next(one), await next(other)]).toEqual([other, one]);
  await only(one);
  expect(await next(one)).toBe(null);
});

describe("B10 a verdict opens again when the row's digest changes, and only then", () => {
  it.each([
    [
      "a value of the source",
      "update wavegate.legacy_student_imports_source set full_name = 'Benali Samia' where id = $1",
    ],
    [
      "what the source had",
      `update wavegate.legacy_student_imports_source set phone_normalized = '213661000000' where id = $1`,
    ],
    [
      "a finding",
      `update wavegate.legacy_student_imports_source set findings = '["x"]' where id = $1`,
    ],
    [
      "what was decided",
      "update wavegate.legacy_student_imports_decisions set validation_status = 'needs_review' where staged_id = $1",
    ],
    [
      "its plan",
      "update wavegate.legacy_student_imports_decisions set planned_reason = 'x' where staged_id = $1",
    ],
    [
      "a hint about the platform",
      `insert into wavegate.duplicate_hints (run_id, staged_id, target_table, target_id, level, rule)
       select run_id, id, 'users', 71, 'low', 'x' from wavegate.legacy_student_imports_source where id = $1`,
    ],
    [
      "a hint about the source",
      `insert into wavegate.source_hints (run_id, staged_id, first_id, level, rule, hits, later)
       select run_id, id, id, 'low', 'x', 1, false from wavegate.legacy_student_imports_source where id = $1`,
    ],
  ])("%s of one row changed: that row alone opens", async (_what, statement) => {
    await judges(rows);
    expect(await judged()).toEqual([0, 1, 2, 3]);
    await update(statement);
    await asksAnew();
    expect(await judged()).toEqual([1, 2, 3]);
    expect(await changed(rows[0] as number)).toEqual({ verdict: "right", by: "amina" });
    expect(await changed(rows[1] as number)).toBeNull();
    expect(await refusal(approves())).toBe("SampleNotJudged");
    await judges([rows[0] as number]);
    await approves();
  });

  it("what a row refers to is part of it: a mapping opens the rows that name it, and no others", async () => {
    await judges(rows);
    // Decided once more as it was.
    await world.admin.query(
      `update wavegate.legacy_course_mappings set decided_at = '2026-11-21T10:00:00Z' where run_id = '${runId}'`,
    );
    await asksAnew();
    expect(await judged()).toEqual([0, 1, 2, 3]);
    await world.admin.query(
      `update wavegate.legacy_course_mappings set course_id = 12, status = 'confirmed' where run_id = '${runId}' and legacy_formation_id = 6`,
    );
    await asksAnew();
    expect(await judged()).toEqual([0, 1, 2]);
    await judges([rows[3] as number]);
    await world.admin.query(
      `update wavegate.legacy_session_mappings set status = 'rejected' where run_id = '${runId}' and legacy_session_id = 7`,
    );
    await asksAnew();
    expect(await judged()).toEqual([3]);
  });

  it("B2 what a row would change of one that is there, and what its mapping's target is called there, are part of it", async () => {
    const holds = (value: string) =>
      update(
        `insert into wavegate.rows_there (run_id, staged_id, there_is, target_table, target_key, before, after, seen)
         select run_id, id, 'changed', 'users', '{"id": 71}', '{"phone": "${value}"}', '{"phone": "2"}', '{}'
           from wavegate.legacy_student_imports_source where id = $1
         on conflict (run_id, staged_id) do update set before = excluded.before`,
      );
    const calls = (name: string) =>
      world.admin.query(
        `insert into wavegate.called_things (run_id, reference, target_id, called) values ('${runId}', 'course', '11', '${name}')
         on conflict (run_id, reference, target_id) do update set called = excluded.called`,
      );
    // Row 3 names another course, and is changed each time so that another state is asked about.
    const otherState = () =>
      update(
        "update wavegate.legacy_student_imports_source set full_name = full_name || 'x' where id = $1",
        rows[3],
      );
    await holds("0");
    await calls("Couture");
    await otherState();
    await asksAnew();
    await judges(rows);
    await holds("1");
    await otherState();
    await asksAnew();
    expect(await judged()).toEqual([1, 2]);
    await judges([rows[0], rows[3]] as number[]);
    await calls("Coiffure");
    await asksAnew();
    expect(await judged()).toEqual([3]);
  });

  it("what waves write of a row opens nothing, nor does being asked again about the same", async () => {
    await judges(rows);
    await update(
      `update wavegate.legacy_student_imports_decisions set import_state = 'held', state_reason = 'held_by_person',
         wave = 3, imported_lead_id = 4 where staged_id = $1`,
    );
    await asksAnew();
    expect(await judged()).toEqual([0, 1, 2, 3]);
    expect(await told("verdicts-carried")).toEqual([]);
  });

  it("W12 who judged and when stays, and the log tells which verdicts went on", async () => {
    await judges(rows.slice(0, 2), { person: "brahim" });
    await judges(rows.slice(2));
    world.time.now = new Date("2026-11-21T10:00:00.000Z");
    await update("update wavegate.legacy_student_imports_source set full_name = 'X' where id = $1");
    await asksAnew();
    const { rows: kept } = await world.admin.query(
      `select distinct staged_id::int as id, judged_by, judged_at::text as at from wavegate.samples
        where digest = (select digest from wavegate.dry_runs order by created_at desc limit 1) and verdict is not null
        order by 1`,
    );
    expect(kept).toEqual([
      { id: rows[1], judged_by: "brahim", at: "2026-11-20 10:00:00+00" },
      { id: rows[2], judged_by: "amina", at: "2026-11-20 10:00:00+00" },
      { id: rows[3], judged_by: "amina", at: "2026-11-20 10:00:00+00" },
    ]);
    const hex = expect.stringMatching(/^[0-9a-f]{64}$/u);
    expect(await told("verdicts-carried")).toEqual([
      { actor: "wavegate", details: { rows: rows.slice(1).map((id) => [id, hex]) } },
    ]);
  });

  it("R7 a row that was judged wrong and did not change is wrong still, and stops the approval", async () => {
    await judges(rows);
    const changes = (name: string) =>
      update(
        `update wavegate.legacy_student_imports_source set full_name = '${name}' where id = $1`,
      );
    await changes("X");
    await asksAnew();
    // By a clock that is behind the one by which it was right.
    world.time.now = new Date("2026-11-20T09:00:00.000Z");
    await judges(rows.slice(3), { wrong: ["phone"] });
    await changes("Y");
    await asksAnew();
    await judges([rows[0] as number]);
    expect(await refusal(approves())).toBe("StopConditionHolds");
    const { rows: asked } = await world.admin.query(
      "select stops from wavegate.sign_offs where id = $1",
      [signOff],
    );
    expect(asked[0].stops.filter(({ stops }: { stops: boolean }) => stops)).toMatchObject([
      { id: "sample_judged_wrong", measured: 1 },
    ]);
  });

  it("a row that is again as it was judged has that verdict again", async () => {
    await judges(rows);
    await update(
      "update wavegate.legacy_student_imports_decisions set planned_reason = 'x' where staged_id = $1",
    );
    await asksAnew();
    await judges([rows[0] as number], { wrong: ["action"] });
    await update(
      "update wavegate.legacy_student_imports_decisions set planned_reason = null where staged_id = $1",
    );
    await update(
      "update wavegate.legacy_student_imports_source set full_name = 'Y' where id = $1",
      rows[1],
    );
    await asksAnew();
    expect(await judged()).toEqual([0, 2, 3]);
    const { rows: kept } = await world.admin.query(
      `select distinct verdict from wavegate.samples where staged_id = $1
          and digest = (select digest from wavegate.dry_runs order by created_at desc limit 1)`,
      [rows[0]],
    );
    expect(kept).toEqual([{ verdict: "right" }]);
  });
});

describe("W7 R9 a verdict is about what is signed", () => {
  const means = (course: number) =>
    world.admin.query(
      `update wavegate.legacy_course_mappings set course_id = ${course} where run_id = '${runId}' and legacy_formation_id = 5`,
    );
  const may = async (row: number) =>
    (await readSample(world.services, signOff, "amina", { row })).judgeRow;

  it("a row that says something else since it was asked about is judged by nobody, on its page or past it, until it is as it was", async () => {
    const [row, other] = [rows[0], rows[3]] as [number, number];
    await means(12);
    const changed = expect.stringMatching(/^Since this was asked, row \d+, or what it refers to/u);
    expect(await may(row)).toEqual({ may: false, name: "DigestChanged", because: changed });
    expect(await refusal(judges([other, row]))).toBe("DigestChanged");
    expect(await judged()).toEqual([]);
    // It names another course.
    expect(await may(other)).toEqual({ may: true });
    await judges([other]);
    await means(11);
    expect(await may(row)).toEqual({ may: true });
    await judges([row]);
    expect(await judged()).toEqual([0, 3]);
  });

  it("nor is a verdict given otherwise, or anew, on what it says since", async () => {
    await judges(rows);
    await undoes(rows[1] as number);
    await means(12);
    expect(await refusal(judges([rows[0] as number], { wrong: ["action"] }))).toBe("DigestChanged");
    expect(await refusal(judges([rows[1] as number]))).toBe("DigestChanged");
    expect(await judged()).toEqual([0, 2, 3]);
    await asksAnew();
    await judges(rows);
    expect(await judged()).toEqual([0, 1, 2, 3]);
  });
});

it("W3 what another version kept of a row is kept anew where somebody is asked again, and its verdict was taken back", async () => {
  await judges(rows);
  await world.admin.query(
    `update wavegate.samples set row_digest = 'of another version' where run_id = '${runId}'`,
  );
  expect(await refusal(judges(rows))).toBe("DigestChanged");
  await undoes(rows[0] as number);
  await asksAnew();
  await judges([rows[0] as number]);
  await approves();
});

describe("R9 a verdict is taken back", () => {
  it("by who gave it, while it is open; the row has none then, and none from before comes back", async () => {
    await judges(rows);
    await update("update wavegate.legacy_student_imports_source set full_name = 'X' where id = $1");
    await asksAnew();
    expect(await refusal(undoes(rows[1] as number, "brahim"))).toBe("NothingToUndo");
    expect(await refusal(undoes(rows[0] as number))).toBe("NothingToUndo");
    expect(await refusal(undoes(rows[1] as number, "vera"))).toBe("PermissionDenied");
    // Rows of another run may be numbered alike: of what is known of them nothing goes.
    const other = "7f3a0000-0000-4000-8000-0000000000fe";
    await world.admin.query(
      `insert into wavegate.legacy_import_runs (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed)
       values ('${other}', 'other', 'ecoin', 'd', '{}', 'legacy', 'f', '[25]', 's');
       insert into wavegate.samples (run_id, digest, bucket, position, staged_id, verdict, row_digest) values ('${other}', 'd', 'b', 1, ${rows[1]}, 'right', 'theirs')`,
    );
    await undoes(rows[1] as number);
    const theirs = `select row_digest from wavegate.samples where run_id = '${other}'`;
    expect((await world.admin.query(theirs)).rows).toEqual([{ row_digest: "theirs" }]);
    expect(await refusal(undoes(rows[1] as number))).toBe("NothingToUndo");
    expect(await judged()).toEqual([2, 3]);
    await update("update wavegate.legacy_student_imports_source set full_name = 'Y' where id = $1");
    await asksAnew();
    expect(await judged()).toEqual([2, 3]);
    expect(await told("verdict-undone")).toMatchObject([
      { actor: "amina", details: { row: rows[1] } },
    ]);
    expect(await refusal(approves())).toBe("SampleNotJudged");
  });

  it("not once it was decided", async () => {
    await judges(rows);
    await approves();
    expect(await refusal(undoes(rows[0] as number))).toBe("AlreadyDecided");
  });

  it("W13 an interrupted taking back leaves the verdict and the log as they were", async () => {
    await judges(rows);
    await world.admin.query(
      "create function wavegate.no() returns trigger language plpgsql as $$ begin if new.action = 'verdict-undone' then raise 'no'; end if; return new; end $$",
    );
    await world.admin.query(
      "create trigger no before insert on wavegate.audit_log for each row execute function wavegate.no()",
    );
    await expect(undoes(rows[0] as number)).rejects.toThrow();
    expect(await judged()).toEqual([0, 1, 2, 3]);
  });
});
