import pg from "pg";
import { afterEach, describe, expect, it, vi } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { resume } from "../../lib/review/steer/control.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { takeWaveBack } from "../../lib/stages/undo/undo-wave.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { anotherRun, anothersEntry } from "../support/another-run.ts";
import { olderRun } from "../support/older-runs.ts";
import { untilSomebodyWaits } from "../support/overtaken.ts";
import {
  reviewed,
  reviewedServices,
  type TestServices,
  waveOneServices,
} from "../support/services.ts";
import { approve, refusal, runWave, toTheEnd } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;
/** What the run wrote to the platform, whatever others did before. */
const own = `legacy_completed_trainings where legacy_import_run_id = '${run}'`;

afterEach(() => test.close());

describe("a rollback of part of a run", () => {
  it("R17 keeps the first wave and its drill, asks again, and goes on", async () => {
    test = await waveOneServices();
    await drill(test.services, run);
    await approve(test, run, "scale_up");
    await runWave(test, run, 2);
    // Of a wave that is none nothing is begun: the run goes on, and who signed has signed.
    const standing = () =>
      test.query(`select r.control, s.gate, s.status from wavegate.legacy_import_runs r
        join wavegate.sign_offs s on s.run_id = r.id where r.id = '${run}' order by 2, 3`);
    const before = await standing();
    for (const act of [rollback, previewRollback])
      expect(await refusal(act(test.services, run, 4))).toBe("UnknownWave");
    expect(await standing()).toEqual(before);
    const told = () =>
      test.query(
        "select control from wavegate.legacy_import_runs where id = any ($1) order by id",
        [Object.values(olderRun)],
      );
    const others = await told();
    expect(await rollback(test.services, run, 2)).toMatchObject({
      outcome: "rolled_back",
      waves: [{ wave: 2 }],
    });
    // Until somebody lets it go on, it is stopped; no other run is.
    expect((await standing())[0]?.control).toBe("stop");
    expect(await told()).toEqual(others);
    await resume(test.services.sign, run, "operator");
    expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("NotSignedOff");
    await approve(test, run, "scale_up");
    const { written } = await runWave(test, run, 2);
    expect(written).toMatchObject({ wave: 2, round: 2, counts: { picked: 100 } });
  });

  it("W10 R17 waits for a wave that is being written, and for another run's behind it, and leaves nothing behind but what that one linked", async () => {
    test = await waveOneServices();
    const [first] = (await test.query(`select min(id)::int as id from ${own}`)) as [{ id: number }];
    const [wave, another] = [1, 2].map(() => new pg.Client({ connectionString: test.url })) as [
      pg.Client,
      pg.Client,
    ];
    for (const each of [wave, another]) {
      await each.connect();
      await each.query("begin");
    }
    await wave.query("update wavegate.commit_locks set taken_at = now()");
    const rolling = rollback(test.services, run);
    await untilSomebodyWaits(test);
    const [open] = await test.query(
      "select count(*)::int as n from wavegate.legacy_import_commit_logs where run_id = $1 and rolled_back_at is null",
      [run],
    );
    expect(open).toEqual({ n: 25 });
    // It has the lock once the rollback waited for the first one, and is not over when that wave is to go.
    const its = another.query("update wavegate.commit_locks set taken_at = now()");
    await untilSomebodyWaits(test, 2);
    await wave.query("commit");
    await its;
    await untilSomebodyWaits(test);
    const other = "7f3a0000-0000-4000-8000-0000000000e1";
    await another.query(`${anotherRun(other, run)}; ${anothersEntry(other, "link", first.id)}`);
    await another.query("commit");
    for (const each of [wave, another]) await each.end();
    expect(await rolling).toMatchObject({
      outcome: "conflicts",
      waves: [{ wave: 1, undone: 24, spared: 1, conflicts: [{ id: first.id }] }],
    });
    expect(await test.query(`select id::int from ${own}`)).toEqual([first]);
    expect(await test.query("select run_id from wavegate.commit_locks")).toEqual([
      { run_id: null },
    ]);
  });

  it("W10 R17 of a wave that began behind that wait it spares what it linked, too", async () => {
    test = await waveOneServices();
    const [first] = (await test.query(`select min(id)::int as id from ${own}`)) as [{ id: number }];
    const found = await findRun(test.services.stage, run);
    const another = new pg.Client({ connectionString: test.url });
    await another.connect();
    await another.query("begin; update wavegate.commit_locks set taken_at = now()");
    const taking = takeWaveBack(test.services, found, 1);
    await untilSomebodyWaits(test);
    const other = "7f3a0000-0000-4000-8000-0000000000e2";
    await another.query(`${anotherRun(other, run)}; ${anothersEntry(other, "link", first.id)}`);
    await another.query("commit");
    await another.end();
    expect(await taking).toMatchObject({ undone: 24, spared: 1, conflicts: [{ id: first.id }] });
  });

  it("R17 at the same moment as a wave: either way nothing of the run is left", async () => {
    test = await reviewedServices();
    await approve(test, run, "first_wave");
    const [written] = await Promise.allSettled([
      commit(test.services, { run, wave: 1 }),
      rollback(test.services, run),
    ]);
    if (written.status === "rejected") {
      expect(["RunStopped", "WaveContended", "NotSignedOff"]).toContain(written.reason.name);
    }
    expect(
      await test.query(
        "select 1 from wavegate.legacy_import_commit_logs where run_id = $1 and rolled_back_at is null",
        [run],
      ),
    ).toEqual([]);
    expect(await test.query(`select 1 from ${own}`)).toEqual([]);
  });

  it("R17 answers the task that waits for a sign-off, as nobody can decide any more", async () => {
    test = await waveOneServices();
    await ask(test.services, { run, gate: "scale_up", token: "waiting-task" });
    await rollback(test.services, run);
    expect(test.executions.answers).toMatchObject([
      { token: "waiting-task", output: { decision: "voided" } },
    ]);
    const [noted] = await test.query(
      "select details from wavegate.audit_log where run_id = $1 and action = 'sign-offs-voided'",
      [run],
    );
    expect(noted).toEqual({ details: { because: "rolled back", to_wave: 1, sign_offs: 2 } });
    // Of two at once the other one comes to the wave when it is taken back, and leaves what is said of that.
    const said = () =>
      test.query(`select w.counts, w.rolled_back_at, l.seq, l.details from wavegate.waves w
        join wavegate.audit_log l on l.run_id = w.run_id and l.action = 'rollback' where w.run_id = '${run}'`);
    const once = await said();
    expect(once).toMatchObject([{ counts: { rolledBack: { undone: 25 } } }]);
    await takeWaveBack(test.services, await findRun(test.services.stage, run), 1);
    expect(await said()).toEqual(once);
  });
});

describe("several waves that are taken back", () => {
  /** How many transactions took them back. */
  const transactions = async () =>
    (
      await test.query<{ n: number }>(
        `select count(distinct xmin::text)::int as n from wavegate.waves where run_id = '${run}' and status = 'rolled_back'`,
      )
    )[0]?.n;
  const told = () =>
    test.query<{ details: { wave: number; undone: number } }>(
      `select details from wavegate.audit_log where run_id = '${run}' and action = 'rollback' order by seq`,
    );

  /** Writes what comes next, up to a wave. */
  const upTo = async (last: number) => {
    await resume(test.services.sign, run, "operator");
    for (;;) {
      const step = await nextWave(test.services, run);
      if (step.next === "ask") await approve(test, run, step.gate);
      else if (step.next === "drill") await drill(test.services, run);
      else if (step.next === "wave") await runWave(test, run, step.wave);
      if (step.next === "wave" && step.wave === last) return;
    }
  };

  it("R13 R17 D16 go in one transaction, each with what is noted and told of it, and down to the wave that was asked for", async () => {
    test = await waveOneServices();
    await upTo(3);
    const before = (await told()).length;
    const taken = { entries: 100, undone: 100, spared: 0 };
    expect(await rollback(test.services, run, 2)).toMatchObject({
      outcome: "rolled_back",
      waves: [
        { wave: 3, ...taken },
        { wave: 2, ...taken },
      ],
    });
    expect(await transactions()).toBe(1);
    expect((await told()).slice(before)).toMatchObject([
      { details: { wave: 3, ...taken, conflicts: [] } },
      { details: { wave: 2, ...taken, conflicts: [] } },
    ]);
    expect(
      await test.query(
        `select w.wave, w.status, w.counts -> 'rolledBack' ->> 'undone' as undone,
                (select count(*)::int from wavegate.legacy_student_imports_decisions d where d.run_id = w.run_id and d.wave = w.wave) as rows
           from wavegate.waves w where w.run_id = '${run}' order by 1`,
      ),
    ).toEqual([
      { wave: 1, status: "verified", undone: null, rows: 25 },
      { wave: 2, status: "rolled_back", undone: "100", rows: 0 },
      { wave: 3, status: "rolled_back", undone: "100", rows: 0 },
    ]);
    expect(await test.query(`select count(*)::int as n from ${own}`)).toEqual([{ n: 25 }]);
    expect(
      await test.query(
        `select done::int, total::int from wavegate.progress where run_id = '${run}' and stage = 'rollback'`,
      ),
    ).toEqual([{ done: 200, total: 200 }]);
    expect(await faultsOfBundle(test, run)).toEqual([]);

    // A transaction that took long already ends with the wave that it is at.
    await upTo(3);
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 60_000));
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [
        { wave: 3, undone: 100 },
        { wave: 2, undone: 100 },
        { wave: 1, undone: 25 },
      ],
    });
    clock.mockRestore();
    expect(await transactions()).toBe(3);
    expect(await test.query(`select 1 from ${own}`)).toEqual([]);
  });

  it("D16 R14 with an edited row among them go together; where the platform refuses one, or changed its tables between them, each goes by itself, and says what is its own", async () => {
    test = await waveOneServices();
    await upTo(2);
    await test.query("alter table legacy_completed_trainings add column later text");
    await upTo(3);
    const [mine, theirs] = (await test.query(
      `select min(target_id)::int as id from wavegate.legacy_import_commit_logs
        where run_id = '${run}' and rolled_back_at is null and wave > 1 and action = 'commit' group by wave order by wave`,
    )) as [{ id: number }, { id: number }];
    const refuses = "create trigger refuses before delete on legacy_completed_trainings";
    await test.query(`
      update legacy_completed_trainings set full_name = 'Corrected By Hand' where id = ${theirs.id};
      create function refuses() returns trigger language plpgsql as $$
      begin if old.id = ${mine.id} then raise exception 'no' using errcode = '23514'; end if; return old; end $$;
      ${refuses} for each row execute function refuses()`);
    const { waves } = await rollback(test.services, run);
    expect(waves).toMatchObject([
      { wave: 3, undone: 99, spared: 1, reshaped: [], refused: {}, conflicts: [{ id: theirs.id }] },
      {
        wave: 2,
        undone: 99,
        spared: 1,
        reshaped: [{ added: ["later"] }],
        conflicts: [{ id: mine.id }],
      },
      { wave: 1, undone: 25, spared: 0, reshaped: [{ added: ["later"] }], refused: {} },
    ]);
    expect(Object.values(waves[1]?.refused ?? {})).toEqual([1]);
    expect(await transactions()).toBe(3);
    await test.query(`
      drop function refuses() cascade; alter table legacy_completed_trainings drop column later`);
    // What was spared stays open, and each of it is told again by its wave.
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "conflicts",
      waves: [
        { wave: 3, entries: 1, undone: 0, spared: 1, reshaped: [{ dropped: ["later"] }] },
        { wave: 2, entries: 1, undone: 1, spared: 0, reshaped: [] },
      ],
    });
    expect(await test.query(`select full_name from ${own}`)).toEqual([
      { full_name: "Corrected By Hand" },
    ]);
    expect(await faultsOfBundle(test, run)).toEqual([]);
  });
});

describe("a run that is relaunched after a rollback with conflicts", () => {
  it("R17 M11 is asked about anew while a wave of it stands that nobody approves any more, whoever signed other runs", async () => {
    test = await waveOneServices();
    await test.query(
      "update wavegate.sign_offs set status = 'voided', void_because = 'rolled back' where run_id = $1",
      [run],
    );
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "first_wave" });
  });

  it("D16 R17 writes and proves its first wave anew, and leaves what was spared alone", async () => {
    test = await waveOneServices();
    const [spared] = (await test.query(
      `select id::int, full_name from ${own} order by id limit 1`,
    )) as [{ id: number; full_name: string }];
    const call = (name: string) =>
      test.query("update legacy_completed_trainings set full_name = $2 where id = $1", [
        spared.id,
        name,
      ]);
    await call("Corrected By Hand");
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "conflicts" });

    await resume(test.services.sign, run, "operator");
    await approve(test, run, "first_wave");
    const { written, verified } = await runWave(test, run, 1);

    expect(written).toMatchObject({ wave: 1, round: 2, counts: { picked: 24 } });
    expect(verified.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(
      await test.query("select full_name from legacy_completed_trainings where id = $1", [
        spared.id,
      ]),
    ).toEqual([{ full_name: "Corrected By Hand" }]);
    // Other runs' drills say nothing about this one.
    expect(await nextWave(test.services, run)).toEqual({ next: "drill", run });
    // The drill takes back and writes again what this round wrote, and nothing else.
    expect(await drill(test.services, run)).toMatchObject({ passed: true });
    expect(await test.query(`select count(*)::int as rows from ${own}`)).toEqual([{ rows: 25 }]);

    await toTheEnd(test, run);
    const { passed, checks } = await finalVerify(test.services, run);
    expect({ passed, failed: checks.filter((check) => !check.passed) }).toEqual({
      passed: true,
      failed: [],
    });

    // What was spared goes with the round that stands now, and the bundle holds: as it was once more, and in the end.
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "conflicts" });
    expect(await faultsOfBundle(test, run)).toEqual([]);
    await call(spared.full_name);
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
    expect(await test.query(`select 1 from ${own}`)).toEqual([]);
    expect(await faultsOfBundle(test, run)).toEqual([]);
  });
});
