import { afterEach, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { resume, stop } from "../../lib/review/steer/control.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { run, smallWorlds } from "../faults/worlds.ts";
import { everyStep } from "../support/every-step.ts";
import { platformDigest, reviewedServices, type TestServices } from "../support/services.ts";
import { approve, judgeAll, refusal, reviewedRun, runWave, toTheEnd } from "../support/steps.ts";

/** Three small waves and the rest; `npm run test:all` takes the rest in small ones, too. */
const wavePlan = everyStep ? [5, 5, 10] : [5, 5, 10, 50];
const lent = smallWorlds(wavePlan);
let test: TestServices;
const second = "7f3a0000-0000-4000-8000-0000000000b5";

afterEach(() => test.close());

/** A second run of the same source, reviewed before the first one wrote. */
const two = async () => {
  const both = await lent.lend("reviewed");
  await reviewedRun(both, second, { wavePlan });
  return both;
};

const standing = async (id: string) =>
  (
    await test.query<{ n: number }>(
      "select count(*)::int as n from wavegate.legacy_import_commit_logs where run_id = $1 and rolled_back_at is null",
      [id],
    )
  )[0]?.n;
const asked = async () =>
  (
    await test.query<{ gate: string }>(
      "select gate from wavegate.sign_offs where run_id = $1 order by asked_at",
      [run],
    )
  ).map(({ gate }) => gate);
const upTo = async (wave: number) => {
  for (;;) {
    const step = await nextWave(test.services, run);
    if (step.next === "wave" && step.wave === wave) return;
    if (step.next === "wave") await runWave(test, run, step.wave);
    else if (step.next === "ask") await approve(test, run, step.gate);
    else if (step.next === "drill") await drill(test.services, run);
    else throw new Error(step.next);
  }
};

describe("a run of which waves were taken back", () => {
  it("R17 goes on after `resume` and one sign-off, between gates and when it was complete", async () => {
    const again = async (toWave: number) => {
      const { waves } = await rollback(test.services, run, toWave);
      expect(waves.map(({ wave }) => wave).at(-1)).toBe(toWave);
      expect(await refusal(commit(test.services, { run, wave: toWave }))).toBe("RunStopped");
      await resume(test.services.sign, run, "operator");
      expect(await refusal(commit(test.services, { run, wave: toWave }))).toBe("NotSignedOff");
      expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", wave: toWave });
    };
    test = await lent.lend("reviewed");
    await upTo(4);
    await again(3);
    for (const toWave of everyStep ? [7, 2] : [2]) {
      await toTheEnd(test, run);
      await finalVerify(test.services, run);
      await again(toWave);
    }
    await toTheEnd(test, run);
    await finalVerify(test.services, run);
    expect(await standing(run)).toBe(67);
    expect(await balance(test.services.stage, compilePin(test.definition), run)).toMatchObject({
      committed: 67,
      linked: 0,
      rolled_back: 0,
      holds: true,
    });
  });

  it("D12 W7 what an approval between gates is about changes: it is asked for again, and the run goes on", async () => {
    // So many that waves are large enough to go on without a gate: behind the first one of those.
    test = await reviewedServices(run, everyStep ? {} : { wavePlan: [25, 125, 625] });
    await upTo(everyStep ? 6 : 4);
    await test.query(
      `update wavegate.legacy_course_mappings set status = 'confirmed', decided_by = 'operator'
        where run_id = $1 and legacy_formation_id = (select min(legacy_formation_id)
          from wavegate.legacy_course_mappings where run_id = $1 and status = 'mapped')`,
      [run],
    );
    // What comes next is the newest, by clocks as well that were ahead until now.
    await test.query(
      `update wavegate.dry_runs set created_at = created_at + interval '1 day' where run_id = '${run}'`,
    );
    await test.query(
      `update wavegate.sign_offs set decided_at = decided_at + interval '1 day' where run_id = '${run}'`,
    );
    await judgeAll(test, run);
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "scale_up" });
    await toTheEnd(test, run);
    expect((await finalVerify(test.services, run)).passed).toBe(true);
    expect((await asked()).filter((gate) => gate === "scale_up")).toHaveLength(2);
  });
});

/** Leaves for the second run what the first one's ledger says stands, and some further rows. */
const leave = (others: number) =>
  test.query(
    `update wavegate.legacy_student_imports_decisions d set import_state = 'held'
       from (select s.id, row_number() over (partition by l.staged_id is null order by s.id) as place, l.staged_id
               from wavegate.legacy_student_imports s
               left join wavegate.legacy_student_imports o on o.run_id = $1
                and (o.source_table, o.legacy_id) = (s.source_table, s.legacy_id)
               left join wavegate.legacy_import_commit_logs l on l.run_id = $1 and l.staged_id = o.id
                and l.rolled_back_at is null
              where s.run_id = $2 and s.import_state = 'pending' and s.classification = 'completed') s
      where d.run_id = $2 and d.staged_id = s.id and s.staged_id is null and s.place > $3`,
    [run, second, others],
  );

describe("a second run that was reviewed before the first one wrote", () => {
  it("M11 W10 writes and links no legacy row again, whatever became of the first one's records", async () => {
    test = await two();
    await approve(test, second, "first_wave");
    await toTheEnd(test, run);
    await finalVerify(test.services, run);
    for (const edit of [
      "update crm_leads set updated_at = updated_at",
      "update crm_leads set phone = '21355' || lpad(id::text, 7, '0') where legacy_import_run_id is not null",
      "update crm_leads set phone = null, email = null where legacy_import_run_id is not null",
      "update crm_leads set legacy_import_run_id = null",
    ]) {
      await test.query(edit);
      // What a wave that wrote nothing skipped stays skipped: each edit is met by rows that are still to be looked at.
      await test.query(
        "update wavegate.legacy_student_imports set import_state = 'pending', state_reason = null where run_id = $1 and state_reason = 'moved_before'",
        [second],
      );
      const before = await platformDigest(test);
      expect(await refusal(commit(test.services, { run: second, wave: 1 }))).toBe(
        "NothingToCommit",
      );
      expect(await platformDigest(test)).toEqual(before);
    }
    expect(await standing(second)).toBe(0);
  });

  it("M11 skips with the reason what the first one wrote or linked, and writes the rest", async () => {
    test = await two();
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await stop(test.services.sign, run, "operator");
    await leave(2);
    await approve(test, second, "first_wave");
    const { written, verified } = await runWave(test, second, 1);
    expect(written.counts).toMatchObject({ picked: 2, skipped: 5, heldBack: 0 });
    expect(verified.passed).toBe(true);
    expect(
      await test.query(
        `select import_state, state_reason, count(*)::int as n from wavegate.legacy_student_imports
          where run_id = $1 and state_reason = 'moved_before' group by 1, 2`,
        [second],
      ),
    ).toEqual([{ import_state: "skipped", state_reason: "moved_before", n: 5 }]);
    expect(
      await test.query(
        `select count(*)::int as n, count(distinct (source_table, legacy_id))::int as people
           from legacy_completed_trainings where legacy_import_run_id in ($1, $2)`,
        [run, second],
      ),
    ).toEqual([{ n: 7, people: 7 }]);
  });

  it("D16 counts what a rollback of the first one spared, and not what it took back", async () => {
    test = await two();
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await test.query(
      `update legacy_completed_trainings set full_name = 'Edited' where id in (
         select id from legacy_completed_trainings where legacy_import_run_id = $1 order by id limit 3)`,
      [run],
    );
    const { waves } = await rollback(test.services, run);
    expect(waves[0]).toMatchObject({ undone: 2, spared: 3 });
    await leave(2);
    // Rows that stand as somebody edited them are nobody's to write again, whoever made them.
    await test.query(
      "update legacy_completed_trainings set legacy_id = -legacy_id where legacy_import_run_id = $1",
      [run],
    );
    await approve(test, second, "first_wave");
    const { counts } = await commit(test.services, { run: second, wave: 1 });
    expect(counts).toMatchObject({ picked: 2, skipped: 3 });
  });

  it("M11 a record that somebody made of a legacy row by hand counts as well", async () => {
    test = await lent.lend("reviewed");
    await approve(test, run, "first_wave");
    await test.query(
      `insert into legacy_completed_trainings (legacy_import_run_id, source_table, legacy_id, full_name, classification)
       select gen_random_uuid(), source_table, legacy_id, 'By Hand', 'completed' from wavegate.legacy_student_imports
        where run_id = $1 and planned = 'commit' and classification = 'completed' order by id offset 2 limit 1`,
      [run],
    );
    const { counts } = await commit(test.services, { run, wave: 1 });
    expect(counts).toMatchObject({ picked: 5, committed: 5, skipped: 1 });
  });

  it("W10 says who holds the lock as long as the first one goes on", async () => {
    test = await two();
    await approve(test, run, "first_wave");
    await commit(test.services, { run, wave: 1 });
    await approve(test, second, "first_wave");
    expect(await refusal(commit(test.services, { run: second, wave: 1 }))).toBe(
      "AnotherRunCommits",
    );
    expect((await ask(test.services, { run: second, gate: "first_wave" })).kind).toBe(
      "approved_already",
    );
  });
});
