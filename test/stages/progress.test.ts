import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeProgress } from "../../lib/cli/progress.ts";
import { progressOf } from "../../lib/review/steer/progress-of.ts";
import { noteProgress, progressNotes, wholeStage } from "../../lib/stages/run/ranges.ts";
import { validate } from "../../lib/stages/validate.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-000000000043";
beforeAll(async () => {
  test = await testServices();
  await importAll(test, run);
});
afterAll(() => test.close());

/** Lets a stage have begun so many seconds before its newest note. */
const begun = (seconds: number) =>
  test.query(
    "update wavegate.progress set started_at = updated_at - make_interval(secs => $2) where run_id = $1",
    [run, seconds],
  );

describe("W11 how far a stage is", () => {
  it.each([
    [0.1, 60, 540],
    [0.25, 100, 300],
    [0.9, 900, 100],
  ])("W11 at %d of it after %d s, a steady stage has %d s left", async (share, seconds, left) => {
    await noteProgress(test.services.stage, run, "validate", 0);
    await noteProgress(test.services.stage, run, "validate", wholeStage * share);
    await begun(seconds);
    const progress = await progressOf(test.services.stage, run);
    expect(progress).toMatchObject({ stage: "validate", done: 3_000 * share, total: 3_000 });
    expect(Math.abs((progress?.left ?? 0) / left - 1)).toBeLessThan(0.2);
    expect(describeProgress(progress as NonNullable<typeof progress>)).toMatch(/ (s|min) left$/);
  });

  it("W11 of two notes that overtake each other the larger stays, and a new start begins at nothing", async () => {
    const { stage } = test.services;
    await noteProgress(stage, run, "classify", 0);
    await noteProgress(stage, run, "classify", 6_000);
    await noteProgress(stage, run, "classify", 4_000);
    expect((await progressOf(stage, run))?.done).toBe(1_800);
    await noteProgress(stage, run, "classify", 0);
    expect((await progressOf(stage, run))?.done).toBe(0);
  });

  it("W11 a stage that is done says so", async () => {
    await validate(test.services, run);
    expect(await progressOf(test.services.stage, run)).toMatchObject({
      stage: "validate",
      done: 3_000,
      total: 3_000,
    });
  });

  it("W11 between two notes the time left goes on falling, and never below nothing", async () => {
    const { stage } = test.services;
    await noteProgress(stage, run, "match", 0);
    await noteProgress(stage, run, "match", wholeStage / 4);
    await test.query("delete from wavegate.progress where run_id = $1 and stage <> 'match'", [run]);
    const leftAfter = async (began: number, noted: number) => {
      await test.query(
        `update wavegate.progress set started_at = clock_timestamp() - make_interval(secs => $2),
                updated_at = clock_timestamp() - make_interval(secs => $3)
          where run_id = $1`,
        [run, began, noted],
      );
      return (await progressOf(stage, run))?.left;
    };
    expect(await leftAfter(1_000, 0)).toBeCloseTo(3_000, -2);
    expect(await leftAfter(1_600, 600)).toBeCloseTo(2_400, -2);
    expect(await leftAfter(11_000, 10_000)).toBe(0);
  });

  it("W11 a rollback is counted in the rows it takes back", async () => {
    const { stage } = test.services;
    await noteProgress(stage, run, "rollback", 0, 120);
    expect(await progressOf(stage, run)).toMatchObject({ done: 0, total: 120, left: null });
    await noteProgress(stage, run, "rollback", 30, 120);
    expect(await progressOf(stage, run)).toMatchObject({ stage: "rollback", done: 30, total: 120 });
  });
});

describe("W11 W3 notes of how much of a stage is done", () => {
  /** Notes that are answered when they are let. */
  const heldNotes = () => {
    const open: { answer: () => void; fail: (error: Error) => void }[] = [];
    const execute = () =>
      new Promise<number>((answer, fail) => {
        open.push({ answer: () => answer(1), fail });
      });
    const stage = { ...test.services.stage, execute };
    return { open, note: progressNotes(stage, run, "export-review") };
  };
  const isOver = async (promise: Promise<unknown>) => {
    const over = Symbol("over");
    const first = await Promise.race([
      promise.then(() => over),
      new Promise((done) => setImmediate(done)),
    ]);
    return first === over;
  };

  it("W11 W3 go on their way while the stage works on: waited for are the one before, the first and the last", async () => {
    const { open, note } = heldNotes();
    const begins = note(0);
    expect(await isOver(begins)).toBe(false);
    open[0]?.answer();
    await begins;

    await note(2_000);
    const next = note(4_000);
    expect(await isOver(next)).toBe(false);
    open[1]?.answer();
    await next;

    const ends = note(wholeStage);
    open[2]?.answer();
    expect(await isOver(ends)).toBe(false);
    open[3]?.answer();
    await ends;
    expect(open).toHaveLength(4);
  });

  it("W11 one that fails is told at the next one, and is no failure that nobody takes", async () => {
    const { open, note } = heldNotes();
    await note(2_000);
    open[0]?.fail(new Error("gone"));
    await new Promise((done) => setImmediate(done));
    await expect(note(4_000)).rejects.toThrow("gone");
    open[1]?.answer();
  });
});

describe("W13 how far an import of nothing is", () => {
  it("W13 an empty source has no rows to count, and no 10,000", async () => {
    const { stage } = test.services;
    const empty = "7f3b0000-0000-4000-8000-000000000047";
    await importAll(test, empty);
    await test.query("delete from wavegate.import_ranges where run_id = $1", [empty]);
    await test.query("delete from wavegate.progress where run_id = $1", [empty]);
    await test.query(
      `update wavegate.legacy_import_runs set counts = counts || '{"staged_rows": 0, "stagiaires": 0, "archives": 0}' where id = $1`,
      [empty],
    );
    for (const name of ["import", "validate", "classify", "match"]) {
      await noteProgress(stage, empty, name, 0);
      expect([name, await progressOf(stage, empty)]).toEqual([name, undefined]);
    }
  });
});

describe("W11 how far an import is", () => {
  const importing = "7f3b0000-0000-4000-8000-000000000045";

  it("W11 counts the rows that are staged, also of ranges that are not done", async () => {
    await importAll(test, importing);
    const { stage } = test.services;
    await test.query("update wavegate.import_ranges set done_at = null where run_id = $1", [
      importing,
    ]);
    await noteProgress(stage, importing, "import", 0);
    await test.query(
      "update wavegate.progress set started_at = clock_timestamp() - interval '1000 s' where run_id = $1",
      [importing],
    );
    const whole = await progressOf(stage, importing);
    expect(whole).toMatchObject({ stage: "import", done: 3_000, total: 3_000, left: 0 });
    await test.query(
      `delete from wavegate.legacy_student_imports where run_id = $1
          and id > (select min(id) + 749 from wavegate.legacy_student_imports where run_id = $1)`,
      [importing],
    );
    const quarter = (await progressOf(stage, importing)) as NonNullable<typeof whole>;
    expect(quarter).toMatchObject({ done: 750, total: 3_000 });
    expect(quarter.left).toBeCloseTo(3_000, -2);
  });

  it("W11 reckons by what was read since it went on", async () => {
    const { stage } = test.services;
    await test.query(
      `update wavegate.import_ranges set done_at = clock_timestamp() - interval '1 hour', rows_read = 250
        where run_id = $1 and n = 1`,
      [importing],
    );
    const progress = await progressOf(stage, importing);
    expect(progress).toMatchObject({ done: 750, total: 3_000 });
    expect(progress?.rate).toBeCloseTo(0.5, 1);
  });
});

describe("W11 how far the waves are", () => {
  const committing = "7f3c0000-0000-4000-8000-000000000046";
  /** Waves of so many rows, each begun so many seconds before the last. */
  const wrote = (waves: readonly { size: number; ago: number }[]) =>
    test.query(
      `insert into wavegate.waves (run_id, wave, size, round, status, digest, counts, committed_at)
       select $1, n, (w ->> 'size')::int, 1, 'verified', '', jsonb_build_object('picked', w -> 'size'),
              clock_timestamp() - make_interval(secs => (w ->> 'ago')::float8)
         from jsonb_array_elements($2::jsonb) with ordinality each(w, n)`,
      [committing, JSON.stringify(waves)],
    );

  it("W11 tells the time by full waves since the last decision, in the rows that are planned", async () => {
    await importAll(test, committing);
    await test.query(
      "update wavegate.progress set updated_at = updated_at - interval '1 hour' where run_id = $1",
      [committing],
    );
    await test.query(
      `insert into wavegate.dry_runs (run_id, digest, parts, report)
       values ($1, '', '{}', '{"plan": {"commit": 2000, "link": 100, "hold": 900}}')`,
      [committing],
    );
    await test.query(
      `insert into wavegate.sign_offs (id, run_id, gate, digest, status, decided_at)
       values (gen_random_uuid(), $1, 'scale_up', '', 'approved', clock_timestamp() - interval '100 s')`,
      [committing],
    );
    await wrote([
      { size: 25, ago: 400 },
      { size: 125, ago: 90 },
      { size: 500, ago: 20 },
      { size: 500, ago: 10 },
    ]);
    const progress = await progressOf(test.services.stage, committing);
    expect(progress).toMatchObject({ stage: "waves", done: 1_150, total: 2_100 });
    expect(Math.round(progress?.rate ?? 0)).toBe(50);
    expect(Math.round(progress?.left ?? 0)).toBe(19);
  });

  it("W13 tells no time by small waves while larger ones are planned", async () => {
    await test.query(
      `update wavegate.legacy_import_runs set wave_plan = '[25, 125, 500, 2500]' where id = $1`,
      [committing],
    );
    expect(await progressOf(test.services.stage, committing)).toMatchObject({ left: null });
    await test.query(
      `update wavegate.legacy_import_runs set wave_plan = '[25, 100, 100, 250]' where id = $1`,
      [committing],
    );
    expect(await progressOf(test.services.stage, committing)).not.toMatchObject({ left: null });
  });

  it("W11 tells no time while a person is asked", async () => {
    await test.query(
      `insert into wavegate.sign_offs (id, run_id, gate, digest)
       values (gen_random_uuid(), $1, 'wave:5', '')`,
      [committing],
    );
    expect(await progressOf(test.services.stage, committing)).toMatchObject({ left: null });
    await test.query("delete from wavegate.sign_offs where run_id = $1 and status = 'pending'", [
      committing,
    ]);
  });

  it("W11 tells no time where a person decides before every wave", async () => {
    await test.query(
      "update wavegate.sign_offs set decided_at = clock_timestamp() - interval '15 s' where run_id = $1",
      [committing],
    );
    expect(await progressOf(test.services.stage, committing)).toMatchObject({ left: null });
  });
});
