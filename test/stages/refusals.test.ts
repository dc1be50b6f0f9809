import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runOrLatest } from "../../lib/cli/runs.ts";
import { findRun } from "../../lib/data/runs.ts";
import type { Sql } from "../../lib/data/sql.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { resume, stop } from "../../lib/review/steer/control.ts";
import { commit } from "../../lib/stages/commit.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { validate } from "../../lib/stages/validate.ts";
import { legacyFolder } from "../support/legacy-folder.ts";
import {
  reviewedServices,
  reviewed as run,
  type TestServices,
  testServices,
} from "../support/services.ts";
import { acknowledged, approve, judgeAll, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
const other = "8a4b0000-0000-4000-8000-00000000000b";

afterEach(() => test.close());

const staged = async () =>
  (
    await test.query<{ n: number }>(
      "select count(*)::int as n from wavegate.legacy_student_imports",
    )
  )[0]?.n;

describe("before anything is staged", () => {
  beforeEach(async () => {
    test = await testServices();
  });
  const input = { migration: "ecoin", run, executionArn: "arn:x" };
  const recorded = async () => {
    const [{ preflight: found }] = (await test.query(
      "select preflight from wavegate.legacy_import_runs where id = $1",
      [run],
    )) as [{ preflight: { passed: boolean; checks: { id: string; passed: boolean }[] } }];
    const failed = found.checks.filter(({ passed }) => !passed).map(({ id }) => id);
    return { passed: found.passed, failed };
  };

  it.each([
    ["no backup", { ...acknowledged, backup: "" }, "backup"],
    ["a backup that nobody sees", { ...acknowledged, backup: "\u200b \u2800" }, "backup"],
    ["queues not detached", { ...acknowledged, queues: false }, "queues"],
    ["priority not acknowledged", { ...acknowledged, priority: false }, "priority"],
  ])("R1 %s stops the run", async (_case, acknowledge, failed) => {
    expect(await refusal(preflight(test.services, { ...input, acknowledge }))).toBe(
      "PreflightFailed",
    );
    expect(await recorded()).toEqual({ passed: false, failed: [failed] });
    expect(await staged()).toBe(0);
  });

  it("W9 nor does it go on when it is told to: there is nothing to go on with", async () => {
    await refusal(preflight(test.services, { ...input, acknowledge: { backup: "b" } }));
    await expect(resume(test.services.sign, run, "operator")).rejects.toMatchObject({
      name: "PreflightFailed",
      message: expect.stringMatching(
        /^Preflight of ecoin-\S+ did not pass, so nothing of it was read, .* Nothing was changed\. .*`wavegate start ecoin`\.$/u,
      ),
    });
    const [stands] = await test.query(
      "select status, control from wavegate.legacy_import_runs where id = $1",
      [run],
    );
    expect(stands).toEqual({ status: "halted", control: "run" });
    expect(await refusal(resume(test.services.sign, run, "nobody"))).toBe("PermissionDenied");
  });

  it("R1 what was missing may be said in a second attempt", async () => {
    await refusal(preflight(test.services, { ...input, acknowledge: { backup: "b" } }));
    const passed = await preflight(test.services, { ...input, acknowledge: acknowledged });
    expect(passed.counts).toMatchObject({ stagiaires: 2200, archives: 800, source_rows: 3000 });
  });

  it("R1 M14 a starter without the permission is refused", async () => {
    test.executions.starters.set("arn:x", "nobody");
    expect(await refusal(preflight(test.services, { ...input, acknowledge: acknowledged }))).toBe(
      "PreflightFailed",
    );
  });

  it("W13 D14 an unknown migration, focus or an incautious wave plan is refused by name", async () => {
    expect(await refusal(preflight(test.services, { ...input, migration: "ecion" }))).toBe(
      "UnknownMigration",
    );
    expect(await refusal(preflight(test.services, { ...input, focus: "everything" }))).toBe(
      "UnknownFocus",
    );
    for (const wavePlan of [[26], [25, 126], [25, 100, 500, 2500, 5001], [0], []]) {
      expect(await refusal(preflight(test.services, { ...input, wavePlan }))).toBe(
        "WavePlanInvalid",
      );
    }
  });

  it("R2 connection and focus come from the start, else from the settings, else from the definition", async () => {
    const pinned = async (services: TestServices["services"], id: string, more: object) => {
      await preflight(services, { ...input, run: id, acknowledge: acknowledged, ...more });
      const [row] = await test.query(
        "select connection_name, focus_mode from wavegate.legacy_import_runs where id = $1",
        [id],
      );
      return [row?.connection_name, row?.focus_mode];
    };
    Object.assign(test.legacy, {
      ARCHIVE_DB_DRIVER: "csv",
      ARCHIVE_DB_PATH: test.legacy.LEGACY_DB_PATH,
    });
    const { services } = test;
    const settings = { ...services.settings, connection: "archive", focus: "lead_only" };
    expect(await pinned(services, run, {})).toEqual(["legacy", "historical_completed"]);
    expect(await pinned({ ...services, settings }, other, {})).toEqual(["archive", "lead_only"]);
    const third = "9a4b0000-0000-4000-8000-00000000000b";
    const named = { connection: "legacy", focus: "registered_pending" };
    expect(await pinned({ ...services, settings }, third, named)).toEqual([
      "legacy",
      "registered_pending",
    ]);
  });

  it("R4 a source that is not there stops the run at once", async () => {
    test.legacy.LEGACY_DB_PATH = "/nowhere/at/all";
    expect(
      await refusal(preflight(test.services, { ...input, acknowledge: acknowledged })),
    ).toMatch(/^Source/);
    expect(await staged()).toBe(0);
  });

  it("M1 a source that holds the platform's own tables is refused", async () => {
    const source = await legacyFolder(test, [{}]);
    await writeFile(join(test.legacy.LEGACY_DB_PATH as string, "crm_leads.csv"), "id\n1\n");
    expect(await refusal(preflight(test.services, { ...input, acknowledge: acknowledged }))).toBe(
      "PreflightFailed",
    );
    expect(await recorded()).toEqual({ passed: false, failed: ["source_is_not_target"] });
    await source.remove();
  });

  it("W13 a stage whose predecessor has not finished says which one is missing", async () => {
    await preflight(test.services, { ...input, acknowledge: acknowledged });
    expect(await refusal(validate(test.services, run))).toBe("StageMissing");
    expect(await refusal(dryRun(test.services, run))).toBe("StageMissing");
    expect(await refusal(validate(test.services, other))).toBe("UnknownRun");
  });
});

describe("a run that was reviewed", () => {
  beforeEach(async () => {
    test = await reviewedServices();
  });

  it("W7 R8 a dry run beside which somebody decides about a mapping shows nothing", async () => {
    const { stage: db } = test.services;
    const pinned = await findRun(db, run);
    let decided = false;
    const beside = (on: typeof db): typeof db => ({
      ...on,
      transaction: (work, mode) => on.transaction((inner) => work(beside(inner)), mode),
      rows: async <Row>(statement: Sql) => {
        const found = await on.rows<Row>(statement);
        if (!decided && statement.parts.join("").includes("judged as materialized")) {
          decided = true;
          await decideMappings(
            test.services.sign,
            pinned,
            "course",
            [{ id: 1, reject: true }],
            "approver",
          );
        }
        return found;
      },
    });
    const before = await test.query("select digest from wavegate.dry_runs");
    expect(await refusal(dryRun({ ...test.services, stage: beside(db) }, run))).toBe(
      "StageOvertaken",
    );
    expect(decided).toBe(true);
    expect(await test.query("select digest from wavegate.dry_runs")).toEqual(before);
  });
});

describe("a commit without a right to it", () => {
  beforeEach(async () => {
    test = await reviewedServices();
  });

  it("W8 the starter cannot approve the own run", async () => {
    const asked = await ask(test.services, { run, gate: "first_wave" });
    if (asked.kind !== "asked") throw new Error("It was not asked.");
    const decision = {
      ref: { id: asked.signOff },
      person: "operator",
      decision: "approve",
      comment: "",
    } as const;
    expect(await refusal(decide(test.services, decision))).toBe("ApproverIsStarter");
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("NotSignedOff");
  });

  it("W7 a row that changed after the sign-off voids it, and the message says what changed", async () => {
    await approve(test, run, "first_wave");
    await test.query(
      "update wavegate.legacy_student_imports set full_name = 'Somebody Else' where run_id = $1 and id = (select max(id) from wavegate.legacy_student_imports)",
      [run],
    );
    await expect(commit(test.services, { run, wave: 1 })).rejects.toThrow(
      /the staged rows or decisions about them changed/,
    );
    await test.query(
      "update wavegate.legacy_course_mappings set course_id = null where run_id = $1",
      [run],
    );
    await expect(commit(test.services, { run, wave: 1 })).rejects.toMatchObject({
      name: "SignOffStale",
    });
  });

  it("W8 after a rejection nothing is committed", async () => {
    const asked = await ask(test.services, { run, gate: "first_wave" });
    if (asked.kind !== "asked") throw new Error("It was not asked.");
    await decide(test.services, {
      ref: { id: asked.signOff },
      person: "approver",
      decision: "reject",
      comment: "The names are swapped.",
    });
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("SignOffRejected");
  });

  it("R15 a batch larger than the plan, and a wave out of order, are refused", async () => {
    await approve(test, run, "first_wave");
    expect(await refusal(commit(test.services, { run, wave: 1, batch: 26 }))).toBe("WaveTooLarge");
    expect(await refusal(commit(test.services, { run, wave: 3 }))).toBe("WaveOutOfOrder");
  });

  it("W10 a second run of the migration is refused while the first commits", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    const second = {
      migration: "ecoin",
      run: other,
      executionArn: "arn:y",
      acknowledge: acknowledged,
    };
    const latest = async () => (await runOrLatest(test.services.stage, undefined)).id;
    expect(await refusal(preflight(test.services, second))).toBe("AnotherRunCommits");
    // Who looks at the latest run means the one that goes on.
    expect(await latest()).toBe(run);
    await stop(test.services.sign, run, "operator");
    await preflight(test.services, second);
    expect(await latest()).toBe(other);
  });

  it("W10 a commit that was refused holds no lock: another run may begin", async () => {
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("NotSignedOff");
    await preflight(test.services, {
      migration: "ecoin",
      run: other,
      executionArn: "arn:y",
      acknowledge: acknowledged,
    });
  });

  it("R8 W7 a mapping that a person decides on means judging again before anything is written", async () => {
    await approve(test, run, "first_wave");
    const [{ reference_id }] = (await test.query(
      "select legacy_formation_id::int as reference_id from wavegate.legacy_course_mappings where run_id = $1 and status = 'needs_review' and course_id is not null order by 1 limit 1",
      [run],
    )) as [{ reference_id: number }];
    await decideMappings(
      test.services.sign,
      await findRun(test.services.stage, run),
      "course",
      [{ id: reference_id, confirm: true, target: null }],
      "approver",
    );
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("StageMissing");
    await judgeAll(test, run);
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("SignOffStale");
    await approve(test, run, "first_wave");
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });

  it("W9 a stop takes effect before the next batch, and resume lets it go on", async () => {
    await approve(test, run, "first_wave");
    await stop(test.services.sign, run, "operator");
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("RunStopped");
    await resume(test.services.sign, run, "operator");
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });

  it("W10 two waves at the same moment are one wave", async () => {
    await approve(test, run, "first_wave");
    const both = await Promise.allSettled([
      commit(test.services, { run, wave: 1 }),
      commit(test.services, { run, wave: 1 }),
      commit(test.services, { run, wave: 1 }),
    ]);
    const lost = both.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    for (const { reason } of lost) expect(reason.name).toBe("WaveContended");
    expect(lost.length).toBeLessThan(3);
    const [{ n }] = (await test.query(
      "select count(*)::int as n from legacy_completed_trainings where legacy_import_run_id = $1",
      [run],
    )) as [{ n: number }];
    expect(n).toBe(25);
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });

  it("M7 a person who came to the platform after the review is not written twice: the row is held", async () => {
    const [next] = (await test.query(
      `select id, phone_normalized from wavegate.legacy_student_imports
        where run_id = $1 and planned = 'commit' and classification = 'completed' and phone_normalized is not null
        order by id limit 1`,
      [run],
    )) as [{ id: string; phone_normalized: string }];
    await test.query("insert into users (full_name, phone) values ('Came Since', $1)", [
      next.phone_normalized,
    ]);
    await approve(test, run, "first_wave");
    const { counts } = await commit(test.services, { run, wave: 1 });
    expect(counts).toMatchObject({ picked: 25, heldBack: 1 });
    const [row] = await test.query(
      "select import_state, state_reason from wavegate.legacy_student_imports where id = $1",
      [next.id],
    );
    expect(row).toEqual({ import_state: "held", state_reason: "platform_changed_since_review" });
  });
});
