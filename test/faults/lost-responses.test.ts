import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin.ts";
import type { Fault } from "../../lib/embedded/rds-data/service.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { commit } from "../../lib/stages/commit.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { platformDigest, type TestServices, testServices } from "../support/services.ts";
import { acknowledged, approve, refusal, reviewedRun } from "../support/steps.ts";

let test: TestServices;
/** The next call that matches fails once in this way. */
let next: { matches: (operation: string, sql: string) => boolean; fault: Fault } | undefined;
const run = "7f3a0000-0000-4000-8000-00000000000c";

beforeEach(async () => {
  test = await testServices({
    faults: (operation, sql = "") => {
      if (!next?.matches(operation, sql)) return undefined;
      const { fault } = next;
      next = undefined;
      return fault;
    },
  });
});
afterEach(() => test.close());

const once = (kind: Fault["kind"], operation: RegExp, text = /(?:)/) => {
  next = { matches: (name, sql) => operation.test(name) && text.test(sql), fault: { kind } };
};
const trainings = async () =>
  (await test.query<{ n: number }>("select count(*)::int as n from legacy_completed_trainings"))[0]
    ?.n;

describe("a response that never came", () => {
  it("W3 of a wave's commit: sent again it is the wave that was written", async () => {
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    once("lose-response", /Commit/);
    await refusal(commit(test.services, { run, wave: 1 }));
    expect(await trainings()).toBe(25);
    const again = await commit(test.services, { run, wave: 1 });
    expect(again.counts.picked).toBe(25);
    expect(await trainings()).toBe(25);
  });

  it("W3 of the statement that writes a wave: nothing is sent twice inside a transaction, nothing stays", async () => {
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    once("lose-response", /Execute/, /legacy_import_commit_logs[\s\S]*returning staged_id/);
    await refusal(commit(test.services, { run, wave: 1 }));
    expect(await trainings()).toBe(0);
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
    expect(await trainings()).toBe(25);
  });

  it("W3 of a wave that timed out: it is looked at again, not written again", async () => {
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    once("timeout", /Execute/, /legacy_import_commit_logs[\s\S]*returning staged_id/);
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe(
      "StatementTimeoutException",
    );
    expect(await trainings()).toBe(0);
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });

  it("W3 of a staged record set: each row is staged once, and the import balances", async () => {
    await preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: "arn:x",
      acknowledge: acknowledged,
    });
    const plan = await planImport(test.services, run);
    once("lose-response", /Execute/, /insert into wavegate."legacy_student_imports"/);
    for (const { range } of plan.ranges) await importRange(test.services, run, range);
    await finishImport(test.services, run);
    expect(await balance(test.services.stage, compilePin(test.definition), run)).toMatchObject({
      staged: 3000,
      holds: true,
    });
  });

  it("W3 of a rollback: sent again it finds nothing left, and the platform is as it was", async () => {
    const before = await platformDigest(test);
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    await commit(test.services, { run, wave: 1 });
    once("lose-response", /Commit/);
    await refusal(rollback(test.services, run));
    await rollback(test.services, run);
    expect(await platformDigest(test)).toEqual(before);
    expect((await rollback(test.services, run)).outcome).toBe("nothing_to_do");
  });
});

describe("a database that is not there for a moment", () => {
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
