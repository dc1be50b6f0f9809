import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { preparedServices, type TestServices } from "../support/services.ts";
import { approve, question, refusal, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-000000000042";
let test: TestServices;

/** A run past its last gate: two waves are written, the next asks nobody. */
const pastTheLastGate = (): Promise<TestServices> =>
  preparedServices(
    "past_the_last_gate",
    async (draft) => {
      await reviewedRun(draft, run, { gates: "on-anomaly" });
      await approve(draft, run, "first_wave");
      await runWave(draft, run, 1);
      await drill(draft.services, run);
      await approve(draft, run, "scale_up");
      await runWave(draft, run, 2);
    },
    {},
  );
beforeEach(async () => {
  test = await pastTheLastGate();
});
afterEach(() => test.close());

/** The marks by which waves after the last gate know that nothing was changed. */
const marks = async () =>
  (
    await test.query<{ changes: string }>(
      "select before ->> 'changes' as changes from wavegate.waves where run_id = $1 order by wave",
      [run],
    )
  ).map(({ changes }) => changes);

const decideAbout = (id = "") =>
  decide(test.services, { ref: { id }, person: "approver", decision: "approve", comment: "Yes." });

/** Something was left undone: a person is asked before the next wave. */
const askNext = async () => {
  await test.query(`update wavegate.waves set clean = false where run_id = '${run}' and wave = 2`);
  expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "wave:3" });
};

/** The gates that are open, and the wave behind them. */
const toWave = async (wave: number) => {
  for (;;) {
    const step = await nextWave(test.services, run);
    if (step.next === "wave") break;
    expect(step).toMatchObject({ next: "ask" });
    if (step.next === "ask") await approve(test, run, step.gate);
  }
  expect((await runWave(test, run, wave)).verified.passed).toBe(true);
};

const changeARow = `update wavegate.legacy_student_imports_source set full_name = 'Somebody Else'
  where id = (select max(id) from wavegate.legacy_student_imports where run_id = '${run}' and planned = 'commit' and import_state = 'pending')`;

/** What stands beside the rows; and the like of every other run, which is none of this one's business. */
const beside = (of: "=" | "<>") => [
  [
    "a detail",
    `update wavegate.legacy_student_imports_decisions set import_action = 'needs_review' where run_id ${of} '${run}'`,
  ],
  ["a hint", `delete from wavegate.duplicate_hints where run_id ${of} '${run}'`],
  [
    "a mapping",
    `update wavegate.legacy_course_mappings set course_id = 2 where run_id ${of} '${run}'`,
  ],
];

describe("what was reviewed, after the last gate", () => {
  it("W7 a wave rests on the rows as the wave before it read them, while nothing was noted", async () => {
    await runWave(test, run, 3);
    const [, second, third] = await marks();
    expect(second).toMatch(/^\d+ \d+$/);
    expect(third).toBe(second);
  });

  it("W7 what is changed of other runs stops nothing", async () => {
    for (const [, change = ""] of beside("<>")) await test.query(change);
    const { verified } = await runWave(test, run, 3);
    expect(verified.passed).toBe(true);
  });

  it.each([["a row", changeARow], ...beside("=")])(
    "W7 %s that was changed since the last wave stops the next one",
    async (_what, change) => {
      await test.query(change);
      expect(await refusal(commit(test.services, { run, wave: 3 }))).toBe("SignOffStale");
    },
  );

  it("W7 a dry run follows the run's own one before, and notes how it read for what it read alone", async () => {
    await test.query(
      `insert into wavegate.dry_runs (run_id, digest, parts, report, changes, created_at)
       select run_id, 'another state', parts, report, 'read before', created_at - interval '1 day'
         from wavegate.dry_runs where run_id = $1 limit 1`,
      [run],
    );
    await test.query(
      "update wavegate.dry_runs set changes = 'read by another', created_at = now() + interval '1 day' where run_id <> $1",
      [run],
    );
    await test.query(changeARow);
    await dryRun(test.services, run);
    const kept = "select changes, created_at > now() as later from wavegate.dry_runs";
    expect(
      await test.query(`${kept} where run_id = $1 and digest = 'another state'`, [run]),
    ).toEqual([{ changes: "read before", later: false }]);
    expect(await test.query(`${kept} where run_id <> $1 group by 1, 2`, [run])).toEqual([
      { changes: "read by another", later: true },
    ]);
    expect(
      await test.query(`${kept} where run_id = $1 order by created_at desc limit 1`, [run]),
    ).toEqual([{ changes: expect.stringMatching(/^\d+ \d+ /), later: false }]);
  });

  it("W7 a change that was taken back again stops nothing, and is read once", async () => {
    await test.query(
      "update wavegate.legacy_student_imports set full_name = full_name where run_id = $1 and legacy_id = 7",
      [run],
    );
    await runWave(test, run, 3);
    const [, second, third] = await marks();
    expect(third).not.toBe(second);
  });

  it.each(["before", "after"])(
    "W7 a superuser's change past the triggers is found by the wave itself where it has a gate of its own, made %s a person is asked",
    async (when) => {
      const pastTheTriggers = () =>
        test.query(
          `do $$ begin set local session_replication_role = replica; ${changeARow}; end $$`,
        );
      await askNext();
      if (when === "before") await pastTheTriggers();
      const asked = await question(test, run, "wave:3");
      if (when === "after") await pastTheTriggers();
      // Who asks, whoever decides, and what comes next go by the notes of changes; the wave reads every row.
      expect(await decideAbout(asked)).toMatchObject({ decision: "approved" });
      expect(await nextWave(test.services, run)).toMatchObject({ next: "wave", wave: 3 });
      expect(await refusal(commit(test.services, { run, wave: 3 }))).toBe("SignOffStale");
      // The way out: what changed is shown, and asked about.
      await dryRun(test.services, run);
      await reviewExport(test.services, run);
      expect(await nextWave(test.services, run)).toMatchObject({ next: "ask" });
      await toWave(3);
    },
  );

  it("W7 nobody is asked about rows that changed since the dry run: shown anew they are asked about, and written", async () => {
    await askNext();
    await test.query(changeARow);
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "wave:3" });
    expect(await refusal(question(test, run, "wave:3"))).toBe("DryRunMissing");
    await dryRun(test.services, run);
    await reviewExport(test.services, run);
    await toWave(3);
  });

  it("W7 nor about rows of which more is read than was shown", async () => {
    await askNext();
    await approve(test, run, "wave:3");
    await test.query(
      "alter table wavegate.legacy_student_imports_decisions add column noted_since text",
    );
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "wave:3" });
    expect(await refusal(question(test, run, "wave:3"))).toBe("DryRunMissing");
    await dryRun(test.services, run);
    await reviewExport(test.services, run);
    await toWave(3);
  });

  it.each([["a row", changeARow], ...beside("=")])(
    "W7 of what was asked about before %s changed nothing is approved",
    async (_what, change) => {
      await askNext();
      const asked = await question(test, run, "wave:3");
      await test.query(change);
      expect(await refusal(decideAbout(asked))).toBe("DigestChanged");
    },
  );

  it("W7 at a gate a change that was noted is asked about again", async () => {
    await askNext();
    await approve(test, run, "wave:3");
    await test.query(changeARow);
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "wave:3" });
  });

  it("W7 a superuser's change past the triggers is found at the end", async () => {
    await test.query(
      `do $$ begin set local session_replication_role = replica; ${changeARow}; end $$`,
    );
    for (let wave = 3; ; wave++) {
      const step = await nextWave(test.services, run);
      if (step.next !== "wave") break;
      await runWave(test, run, wave);
    }
    await expect(finalVerify(test.services, run)).rejects.toThrow(
      "Every reviewed row is what was signed off. (expected unchanged, got changed)",
    );
  });
});
