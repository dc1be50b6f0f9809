import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { candidates, writtenBefore } from "../../lib/compile/wave/rows.ts";
import type { Database } from "../../lib/data/database.ts";
import { render, type Sql } from "../../lib/data/sql.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { Statements } from "../../lib/embedded/rds-data/statements.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { read as readSignOff } from "../../lib/review/sign-off/read.ts";
import type { Services } from "../../lib/services/services.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave, planWave } from "../../lib/stages/next-wave.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { heldOfNone, olderRunsOf } from "../support/older-runs.ts";
import { overtakenAt } from "../support/overtaken.ts";
import { agedServices, platformDigest, type TestServices } from "../support/services.ts";
import { approve, refusal, reviewedRun, runWave } from "../support/steps.ts";

let test: TestServices;
let before: Record<string, string>;
let others: Record<string, string>;
const run = "7f3a0000-0000-4000-8000-000000000002";

beforeAll(async () => {
  test = await agedServices();
  before = await platformDigest(test);
  others = await olderRunsOf(test);
  await reviewedRun(test, run);
});
afterAll(() => test.close());

const guarded = ({ users, enrollments, payments, attendances }: Record<string, string>) => ({
  users,
  enrollments,
  payments,
  attendances,
});

/** The services, with the text of each statement within a transaction of the commit role. */
function told(services: Services, texts: string[]): Services {
  const on = (db: Database): Database => {
    const tell = (statement: Sql): Sql => {
      texts.push(render(statement).sql);
      return statement;
    };
    return {
      rows: (statement) => db.rows(tell(statement)),
      one: (statement) => db.one(tell(statement)),
      execute: (statement) => db.execute(tell(statement)),
      transaction: (work, mode) => db.transaction((inner) => work(on(inner)), mode),
    };
  };
  return { ...services, commitOf: (migration) => on(services.commitOf(migration)) };
}

describe("M15 the commit phase, from the first wave to the rollback of all", () => {
  it("R10 nothing is committed before a person decided", async () => {
    const texts: string[] = [];
    expect(await refusal(commit(told(test.services, texts), { run, wave: 1 }))).toBe(
      "NotSignedOff",
    );
    expect(await platformDigest(test)).toEqual(before);
    // A connection that may be left otherwise than it was is thrown away, with all that it knows, at every wave.
    const statements = new Statements();
    expect(texts.filter((each) => statements.changesSession(each))).toEqual([]);
    expect(texts.join()).toContain("set_config('work_mem'");
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "first_wave" });
  });

  it("W10 a run whose migration's lock another one holds writes nothing", async () => {
    const hold = (id: string | null) =>
      test.query(
        `insert into wavegate.commit_locks (migration, run_id) values ('ecoin', $1)
         on conflict (migration) do update set run_id = excluded.run_id`,
        [id],
      );
    const [older] = await test.query(
      "select id from wavegate.legacy_import_runs where migration = 'ecoin' and id <> $1 limit 1",
      [run],
    );
    await hold((older as { id: string }).id);
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("AnotherRunCommits");
    await hold(null);
    expect(await platformDigest(test)).toEqual(before);
  });

  it("R11 wave one takes none but the kinds that come first, however much room is left", async () => {
    const { first, order } = (test.definition as Migration).waves;
    const taken = async (kinds: readonly string[]) => {
      const all = { run, wave: 1, round: 1, size: 10_000, kinds };
      const rows = await test.services.stage.rows<{ id: number }>(
        candidates(test.definition as Migration, all),
      );
      const found = await test.query<{ kind: string }>(
        "select distinct classification as kind from wavegate.legacy_student_imports where id = any ($1)",
        [rows.map(({ id }) => id)],
      );
      return found.map(({ kind }) => kind).sort();
    };
    expect(await taken(first)).toEqual([...first].sort());
    expect((await taken(order)).length).toBeGreaterThan(first.length);
  });

  it("R11 R13 the first wave is 25 completed rows and passes the six checks", async () => {
    await approve(test, run, "first_wave");
    expect(await nextWave(test.services, run)).toEqual({ next: "wave", run, wave: 1, size: 25 });
    const { written, verified } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({
      picked: 25,
      committed: 25,
      linked: 0,
      created: { legacy_completed_trainings: 25 },
    });
    expect(verified.checks.map(({ id, passed }) => [id, passed])).toEqual([
      ["summary_changed", true],
      ["logs_written", true],
      ["users_untouched", true],
      ["enrolments_untouched", true],
      ["no_placeholder", true],
      ["history_in_place", true],
    ]);
    const rows = await test.query(
      "select classification, count(*)::int as n from legacy_completed_trainings where legacy_import_run_id = $1 group by 1",
      [run],
    );
    expect(rows).toEqual([{ classification: "completed", n: 25 }]);
    expect(guarded(await platformDigest(test))).toEqual(guarded(before));
  });

  it("W3 a wave that is delivered twice is written once", async () => {
    const again = await commit(test.services, { run, wave: 1 });
    expect(again.counts.picked).toBe(25);
    const [{ n }] = (await test.query(
      "select count(*)::int as n from legacy_completed_trainings where legacy_import_run_id = $1",
      [run],
    )) as [{ n: number }];
    expect(n).toBe(25);
  });

  it("R17 W9 a wave alone is the one that was the next to whoever asked, however late it is planned", async () => {
    expect(await planWave(test.services, run, 1)).toEqual({ run, wave: 1 });
    expect(await planWave(test.services, run, 2)).toEqual({ run, wave: 2 });
    await expect(planWave(test.services, run, 3)).rejects.toMatchObject({
      name: "WaveOutOfOrder",
      message: expect.stringContaining("is 2, not 3. Nothing was written."),
    });
  });

  it("R14 wave two is refused without the drill's certificate", async () => {
    expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("NotReady");
    expect(
      (await goNoGo(test.services.stage, run)).items
        .filter(({ holds }) => !holds)
        .map(({ id }) => id),
    ).toEqual(["drill_passed"]);
  });

  it("R14 D13 the drill takes wave one back, leaves nothing, and commits the same again", async () => {
    expect(await nextWave(test.services, run)).toEqual({ next: "drill", run });
    const { certificate } = await drill(test.services, run);
    expect(certificate).toEqual({
      wave: 1,
      rows_written_first: 25,
      rows_taken_back: 25,
      rows_left_behind: 0,
      conflicts: 0,
      rows_differing: 0,
      verified_again: true,
    });
    expect(guarded(await platformDigest(test))).toEqual(guarded(before));
    expect((await goNoGo(test.services.stage, run)).ready).toBe(true);
    expect((await drill(test.services, run)).certificate).toEqual(certificate);
  });

  it("W8 R14 the question about scaling up shows the first wave and its drill", async () => {
    const asked = await ask(test.services, { run, gate: "scale_up" });
    if (asked.kind !== "asked") throw new Error("It was not asked.");
    const view = await readSignOff(test.services, { id: asked.signOff }, "approver");
    expect(view.waves).toMatchObject([
      { wave: 1, picked: 25, created: 25, linked: 0, clean: true },
    ]);
    expect(view.drill?.passed).toBe(true);
  });

  it("R14 a certificate that is gone since the list was computed lets no wave scale up", async () => {
    const took = "update wavegate.drills set passed = $2 where run_id = $1";
    const seen: string[] = [];
    for (let nth = 1, met = true; met; nth++) {
      const late = overtakenAt(test.services, nth, () => test.query(took, [run, false]));
      const refused = await refusal(commit(late, { run, wave: 2 }));
      met = late.overtaken();
      if (met) seen.push(refused);
      await test.query(took, [run, true]);
    }
    // Nobody signed for scaling up: whoever did not look again would come as far as that.
    expect(new Set(seen)).toEqual(new Set(["NotReady"]));
    expect(seen.length).toBeGreaterThan(4);
  });

  it("R15 D12 scaling up asks a person again, then waves of 100, 100 and 250 follow", async () => {
    expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("NotSignedOff");
    const sizes: number[] = [];
    for (;;) {
      const step = await nextWave(test.services, run);
      if (step.next === "done") break;
      if (step.next === "ask") await approve(test, run, step.gate);
      if (step.next === "wave") {
        const { written, verified } = await runWave(test, run, step.wave);
        expect(verified.checks.filter(({ passed }) => !passed)).toEqual([]);
        sizes.push(written.counts.picked);
      }
    }
    expect(sizes.slice(0, 5)).toEqual([100, 100, 250, 250, 250]);
    const asked = await test.query(
      "select gate from wavegate.sign_offs where run_id = $1 order by asked_at",
      [run],
    );
    expect([...new Set(asked.map(({ gate }) => gate))]).toEqual([
      "first_wave",
      "scale_up",
      "wave:3",
      "wave:4",
    ]);
    expect(await refusal(commit(test.services, { run, wave: sizes.length + 2 }))).toBe(
      "NothingToCommit",
    );
  });

  it("R16 M11 completed rows came first, leads last; each kind of commit happened", async () => {
    const rows = await test.query<{
      classification: string;
      action: string;
      target_table: string;
      first: number;
      last: number;
    }>(
      `select s.classification, l.action, l.target_table, min(l.wave)::int as first, max(l.wave)::int as last
         from wavegate.legacy_import_commit_logs l join wavegate.legacy_student_imports s on s.id = l.staged_id
        where l.run_id = $1 and l.rolled_back_at is null group by 1, 2, 3 order by 1, 2, 3`,
      [run],
    );
    expect(
      rows.map(({ classification, action, target_table }) => [
        classification,
        action,
        target_table,
      ]),
    ).toEqual([
      ["archived_training", "commit", "legacy_completed_trainings"],
      ["completed", "commit", "legacy_completed_trainings"],
      ["lead_only", "commit", "crm_leads"],
      ["lead_only", "link", "crm_leads"],
      ["lead_only", "link", "users"],
      ["registered", "commit", "legacy_imported_enrollments"],
      ["registered", "link", "crm_leads"],
      ["registered", "link", "users"],
    ]);
    const kinds = ["completed", "archived_training", "registered", "lead_only"];
    const waves = kinds.map((kind) => {
      const of = rows.filter(({ classification }) => classification === kind);
      return {
        first: Math.min(...of.map(({ first }) => first)),
        last: Math.max(...of.map(({ last }) => last)),
      };
    });
    for (const [index, { first }] of waves.entries()) {
      expect(first).toBeGreaterThanOrEqual(waves[index - 1]?.last ?? 1);
    }
  });

  it("W6 R18 at the end every row is accounted for and the run is complete", async () => {
    const states = await balance(test.services.stage, compilePin(test.definition), run);
    expect(states).toMatchObject({ staged: 3000, pending: 0, rolled_back: 0, holds: true });
    const done = await finalVerify(test.services, run);
    expect(done.goNoGo.ready).toBe(true);
    expect(guarded(await platformDigest(test))).toEqual(guarded(before));
  });

  it("M12 D17 a rollback of the whole run leaves the platform row for row as it was", async () => {
    const { outcome, waves } = await rollback(test.services, run);
    expect(outcome).toBe("rolled_back");
    expect(waves.every(({ spared }) => spared === 0)).toBe(true);
    expect(await platformDigest(test)).toEqual(before);
    const states = await balance(test.services.stage, compilePin(test.definition), run);
    expect(states).toMatchObject({ committed: 0, linked: 0, pending: 0, holds: true });
    const marked = await test.query(
      `select 1 from wavegate.legacy_student_imports
        where run_id = $1 and coalesce(imported_user_id, imported_lead_id, imported_completed_training_id, imported_enrollment_id, wave) is not null`,
      [run],
    );
    expect(marked).toEqual([]);
  });

  it("M11 W10 what older runs left is as they left it, in each table that tells runs apart", async () => {
    const none = Object.keys(others).filter((table) => others[table]?.startsWith("0 "));
    expect(none).toEqual(heldOfNone.map((table) => `wavegate.${table}`));
    expect(await olderRunsOf(test)).toEqual(others);
  });

  it("R14 D13 written once more it is of the rows of its last round, each once, however often they were written", async () => {
    const rows = await test.services.stage.rows<{ id: number }>(
      writtenBefore(test.definition as Migration, { run, wave: 1, round: 3 }),
    );
    expect([rows.length, new Set(rows.map(({ id }) => id)).size]).toEqual([25, 25]);
  });

  it("D16 a second rollback finds nothing to do and says so", async () => {
    expect((await rollback(test.services, run)).outcome).toBe("nothing_to_do");
  });

  it("R17 after a rollback nothing is committed without a new sign-off", async () => {
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("RunStopped");
    await test.query("update wavegate.legacy_import_runs set control = 'run' where id = $1", [run]);
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("NotSignedOff");
  });
});
