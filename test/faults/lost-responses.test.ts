import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import type { Fault } from "../../lib/embedded/rds-data/service.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { resume } from "../../lib/review/steer/control.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { match } from "../../lib/stages/match.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { inAll, rollback } from "../../lib/stages/rollback.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  type ServiceOptions,
  type TestServices,
  testServices,
} from "../support/services.ts";
import { acknowledged, approve, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
/** The nth call that matches fails, once, in this way. */
let next:
  | { matches: (operation: string, sql: string) => boolean; nth: number; fault: Fault }
  | undefined;
const options: ServiceOptions = {
  faults: (operation, sql = "") => {
    if (!next?.matches(operation, sql)) return undefined;
    next.nth -= 1;
    if (next.nth > 0) return undefined;
    const { fault } = next;
    next = undefined;
    return fault;
  },
};
const run = reviewed;

afterEach(() => test.close());
// A fault that never fired proves nothing.
afterEach(() => expect(next).toBe(undefined));

const once = (kind: Fault["kind"], operation: RegExp, text = /(?:)/, nth = 1) => {
  next = { matches: (name, sql) => operation.test(name) && text.test(sql), nth, fault: { kind } };
};
const trainings = async () =>
  (
    await test.query<{ n: number }>(
      "select count(*)::int as n from legacy_completed_trainings where legacy_import_run_id = $1",
      [run],
    )
  )[0]?.n;

/** Signs off and writes what comes, until two waves stand. */
const toSecondWave = async (): Promise<void> => {
  for (;;) {
    const step = await nextWave(test.services, run);
    if (step.next === "ask") await approve(test, run, step.gate);
    else if (step.next === "drill") await drill(test.services, run);
    else if (step.next === "wave") await runWave(test, run, step.wave);
    if (step.next === "wave" && step.wave === 2) return;
  }
};

describe("a response that never came", () => {
  beforeEach(async () => {
    test = await reviewedServices(run, {}, options);
    await approve(test, run, "first_wave");
  });

  it("W3 of a wave's commit: sent again it is the wave that was written", async () => {
    once("lose-response", /Commit/);
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("ConnectionLost");
    expect(await trainings()).toBe(25);
    const again = await commit(test.services, { run, wave: 1 });
    expect(again.counts.picked).toBe(25);
    expect(await trainings()).toBe(25);
  });

  it("W3 of the statement that writes a wave: nothing is sent twice inside a transaction, nothing stays", async () => {
    once("lose-response", /Execute/, /legacy_import_commit_logs[\s\S]*returning staged_id/);
    await refusal(commit(test.services, { run, wave: 1 }));
    expect(await trainings()).toBe(0);
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
    expect(await trainings()).toBe(25);
  });

  it("W3 of a wave that timed out: it is looked at again, not written again", async () => {
    once("timeout", /Execute/, /legacy_import_commit_logs[\s\S]*returning staged_id/);
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe(
      "StatementTimeoutException",
    );
    expect(await trainings()).toBe(0);
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });

  it("W3 M7 of a step of matching: it is done again, and what it wrote stays as it was", async () => {
    const hints = () =>
      test.query(
        "select staged_id, rule, first_id, hits, later from wavegate.source_hints order by 1, 2, 3",
      );
    const before = await hints();
    expect(before.length).toBeGreaterThan(50);
    // Behind the beginning, what is forgotten, two copies of people and their statistics: of names or of contacts.
    for (const nth of [3, 6, 7]) {
      once("lose-response", /Commit/, /(?:)/, nth);
      await match(test.services, run);
      expect(await hints()).toEqual(before);
    }
  });

  it("W3 of each commit of a rollback: sent again it comes to its end, and no sign-off outlives its rows", async () => {
    const before = await platformDigest(test);
    let lost = 0;
    for (let open = true; open; lost += 1) {
      await commit(test.services, { run, wave: 1 });
      once("lose-response", /Commit/, /(?:)/, lost + 1);
      await rollback(test.services, run).catch(() => {});
      open = next === undefined;
      next = undefined;
      await rollback(test.services, run);
      expect(await platformDigest(test)).toEqual(before);
      expect((await rollback(test.services, run)).outcome).toBe("nothing_to_do");
      expect(
        await test.query(
          "select status from wavegate.sign_offs where run_id = $1 and status in ('approved', 'pending')",
          [run],
        ),
      ).toEqual([]);
      await resume(test.services.sign, run, "operator");
      await approve(test, run, "first_wave");
    }
    // Five commits, from voiding the approvals to the run's end, and one that there was not.
    expect(lost).toBe(6);
  });

  it("W3 M12 R14 of several waves that go back together, where what waits for the end of all takes too long: each goes by itself", async () => {
    const before = await platformDigest(test);
    await toSecondWave();
    once("timeout", /Execute/, /set constraints all immediate/);
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [
        { wave: 2, spared: 0 },
        { wave: 1, undone: 25 },
      ],
    });
    expect(await platformDigest(test)).toEqual(before);
  });

  it("W3 D16 of a rollback for which one call is too short: the next takes back what is left, and ends it", async () => {
    const before = await platformDigest(test);
    await toSecondWave();
    const shortly = () => rollback(test.services, run, 1, "wavegate", 0);
    // Several waves at once are one transaction; so each is one by itself.
    once("timeout", /Execute/, /set constraints all immediate/);
    const first = await shortly();
    expect(first).toMatchObject({ outcome: "goes_on", waves: [{ wave: 2, spared: 0 }] });
    expect(
      await test.query(
        "select wave from wavegate.waves where run_id = $1 and status <> 'rolled_back'",
        [run],
      ),
    ).toEqual([{ wave: 1 }]);
    // Nothing rests on its approvals any more, and the run is not told as taken back yet.
    expect(
      await test.query(
        `select r.control, count(s.*) filter (where s.status in ('approved', 'pending'))::int as approvals
           from wavegate.legacy_import_runs r left join wavegate.sign_offs s on s.run_id = r.id where r.id = $1 group by 1`,
        [run],
      ),
    ).toEqual([{ control: "stop", approvals: 0 }]);
    expect(
      await test.query("select status from wavegate.legacy_import_runs where id = $1", [run]),
    ).not.toEqual([{ status: "rolled_back" }]);
    const second = await shortly();
    expect(second).toMatchObject({ outcome: "rolled_back", waves: [{ wave: 1, undone: 25 }] });
    expect(await platformDigest(test)).toEqual(before);
    const nothing = { waves: 0, undone: 0, spared: 0 };
    const sofar = inAll(nothing, first);
    expect(inAll(sofar, second)).toEqual({
      ...{ outcome: "rolled_back", waves: 2, undone: sofar.undone + 25, spared: 0 },
    });
    // What an earlier call spared is a conflict of the whole; what was taken back before its end is not nothing.
    expect(inAll({ ...sofar, spared: 1 }, second).outcome).toBe("conflicts");
    const ended = await shortly();
    expect(ended).toMatchObject({ outcome: "nothing_to_do", waves: [] });
    expect([inAll(sofar, ended).outcome, inAll(nothing, ended).outcome]).toEqual([
      ...["rolled_back", "nothing_to_do"],
    ]);
  });
});

describe("while nothing is staged", () => {
  beforeEach(async () => {
    test = await testServices(options);
  });

  it("W3 of a staged record set: each row is staged once, and the import balances", async () => {
    await preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: "arn:x",
      acknowledge: acknowledged,
    });
    const plan = await planImport(test.services, run);
    once("lose-response", /Execute/, /insert into wavegate."legacy_student_imports_source"/);
    for (const { range } of plan.ranges) await importRange(test.services, run, range);
    await finishImport(test.services, run);
    expect(await balance(test.services.stage, compilePin(test.definition), run)).toMatchObject({
      staged: 3000,
      holds: true,
    });
  });

  it("W3 one that wakes up, or throttles, is asked again", async () => {
    await preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: "arn:x",
      acknowledge: acknowledged,
    });
    once("resuming", /Execute/);
    await planImport(test.services, run);
    once("throttle", /Execute/);
    await importRange(test.services, run, 1);
    expect(
      await test.query("select count(*)::int as n from wavegate.legacy_student_imports"),
    ).toEqual([{ n: 2200 }]);
  });
});
