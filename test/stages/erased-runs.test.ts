import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { findRun } from "../../lib/data/runs.ts";
import type { functionNames } from "../../lib/infra/functions.ts";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { override } from "../../lib/review/sign-off/override.ts";
import { eraseSome, eraseWhole } from "../../lib/review/steer/erase.ts";
import { type DecisionRequest, keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { look } from "../../lib/review/steer/look.ts";
import type { Services } from "../../lib/services/services.ts";
import { classify } from "../../lib/stages/classify.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { match } from "../../lib/stages/match.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { validate } from "../../lib/stages/validate.ts";
import { verify } from "../../lib/stages/verify.ts";
import { run, smallWorlds } from "../faults/worlds.ts";
import { everyNth } from "../support/every-step.ts";
import { dyingEverywhere } from "../support/killed.ts";
import { meetingAt, overtakenAt } from "../support/overtaken.ts";
import type { TestServices } from "../support/services.ts";
import { acknowledged, approve, refusal, runWave } from "../support/steps.ts";

const lent = smallWorlds();
let test: TestServices;

beforeEach(async () => {
  test = await lent.lend("reviewed");
});
afterEach(() => test.close());

const erase = async () => {
  const { sign } = test.services;
  const found = await findRun(sign, run);
  return eraseWhole((behind) => eraseSome(sign, found, "approver", behind));
};
const identified = () =>
  test.query<{ rows: number }>(`
    select (select count(*) from wavegate.legacy_student_imports_source where run_id = '${run}' and num_nonnulls(full_name, raw_values, phone_raw, email_raw) > 0)::int
         + (select count(*) from wavegate.match_people where run_id = '${run}')::int + (select count(*) from wavegate.shared_emails where run_id = '${run}')::int
         + (select count(*) from wavegate.shared_phones where run_id = '${run}')::int
         + (select count(*) from wavegate.called_things where run_id = '${run}')::int
         + (select count(*) from wavegate.legacy_import_commit_logs where run_id = '${run}' and after_image is not null)::int as rows`);
const nothing = [{ rows: 0 }];
const stopped = () =>
  test.query(
    `update wavegate.legacy_import_runs set status = 'stopped', control = 'stop' where id = '${run}'`,
  );

const asked: readonly z.input<typeof DecisionRequest>[] = [
  { decide: "pause", run },
  { decide: "resume", run },
  { decide: "stop", run },
  { decide: "mappings", run, reference: "course", decisions: [{ id: 1, reject: true }] },
  { decide: "mappings", run, reference: "session", decisions: [{ id: 1, reject: true }] },
  { decide: "hold", run, row: 1, reason: "Looked at by hand." },
  { decide: "release", run, row: 1, reason: "Looked at by hand." },
  { decide: "ask", run, row: 1, question: "Is this one person?" },
  {
    decide: "restore",
    run,
    step: "begin",
    about: { backup: "nightly", backup_sha256: "0".repeat(64), rows_lost: 0, rows_back: 0 },
  },
];

/** What each function does to a run; or why it may do it to one whose people are erased. */
const acts: Record<
  (typeof functionNames)[number],
  ((services: Services) => Promise<unknown>) | string
> = {
  "start-execution": "starts something, which is refused then",
  "keep-decision": async (services) => {
    const refused = [];
    for (const each of asked) refused.push(await refusal(keepDecision(services, "operator", each)));
    expect(refused).toEqual(asked.map(() => "RunErased"));
    return keepDecision(services, "operator", asked[0] as never);
  },
  "profile-activity": "shows what the platform has, and nothing of a run",
  // It shows what is left, masked; of nobody's values anything is judged.
  look: (services) =>
    look(services, "approver", { look: "what-if", run, definition: {}, after: 0, upTo: 1 }),
  caller: "says who asks",
  preflight: "answers what it recorded",
  "plan-import": (services) => planImport(services, run),
  "import-range": (services) => importRange(services, run, 1),
  "finish-import": (services) => finishImport(services, run),
  validate: (services) => validate(services, run),
  classify: (services) => classify(services, run),
  match: (services) => match(services, run),
  "dry-run": (services) => dryRun(services, run),
  "export-review": (services) => reviewExport(services, run),
  "next-wave": async (services) => {
    // Told to stop, as by a rollback, a run stops; one that may go on is refused.
    expect(await nextWave(services, run)).toMatchObject({ next: "stop" });
    await test.query(`update wavegate.legacy_import_runs set control = 'run' where id = '${run}'`);
    return nextWave(services, run);
  },
  "sign-off": (services) => ask(services, { run, gate: "first_wave" }),
  "plan-wave": "names the number that a wave would have",
  commit: (services) => commit(services, { run, wave: 1 }),
  verify: (services) => verify(services, run),
  gate: "looks at what was verified",
  drill: (services) => drill(services, run),
  "preview-rollback": (services) => previewRollback(services, run),
  rollback: (services) => rollback(services, run),
  "final-verify": (services) => finalVerify(services, run),
  "export-audit": "shows what is left",
  halted: "notes nothing about a run that is erased, and exports what is left",
  paused: "notes nothing about a run that is erased",
  "front-door": "decides about open questions; a run with one is not erased",
  waiting: "looks at executions",
  "note-sign-in": "is about no run",
  "erase-due": "erases",
  "refuse-replacement": "is about no run",
  "set-up-database": "is about no run",
};

describe("B13 a run whose people are erased", () => {
  it("is refused by all that works on a run, and nobody's identity comes back", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await rollback(test.services, run);
    await erase();
    expect(await identified()).toEqual(nothing);
    const before = await findRun(test.services.stage, run);
    await test.query(`update wavegate.import_ranges set done_at = null where run_id = '${run}'`);
    for (const [name, act] of Object.entries(acts)) {
      if (typeof act === "string") continue;
      const outcome = await refusal(act(test.services)).catch(() => "done");
      expect([name, outcome]).toEqual([name, "RunErased"]);
    }
    await preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: "arn:again",
      acknowledge: acknowledged,
    });
    expect(await identified()).toEqual(nothing);
    const { status, stage, erased_at } = await findRun(test.services.stage, run);
    expect([status, stage, erased_at]).toEqual([before.status, before.stage, before.erased_at]);
    const [{ id } = { id: "" }] = await test.query<{ id: string }>(
      `select id from wavegate.sign_offs where run_id = '${run}' order by asked_at desc limit 1`,
    );
    const ref = { id };
    const by = { ref, person: "second" };
    const answers = [
      () => judgeSamples(test.services, { ...by, verdicts: [{ stagedId: 1, wrong: [] }] }),
      () => decide(test.services, { ...by, decision: "approve", comment: "" }),
      () => override(test.services, { ...by, reason: "Looked at by hand." }),
    ];
    for (const answer of answers) expect(await refusal(answer())).not.toBe("");
    expect(await identified()).toEqual(nothing);
  });
});

it("B13 W3 an erasure that dies at any of its steps is ended by asking again, and told of once", async () => {
  await stopped();
  const eraseBy = async ({ sign }: Pick<Services, "sign">) => {
    const found = await findRun(sign, run);
    return eraseWhole((behind) => eraseSome(sign, found, "approver", behind));
  };
  const halves = new Set<string>();
  const deaths = await dyingEverywhere(test.services, eraseBy, async () => {
    const [{ rows = 0 } = {}] = await identified();
    const { erased_at: at } = await findRun(test.services.sign, run);
    // Whatever is gone, the run is closed, and may be ended by whoever asks again.
    halves.add(at === null ? "open, with its people" : "closed");
    expect(rows > 0 || at !== null).toBe(true);
  });
  expect(deaths).toBeGreaterThan(3);
  expect([...halves]).toEqual(["open, with its people", "closed"]);
  await erase();
  expect(await identified()).toEqual(nothing);
  const told = await test.query(
    "select action from wavegate.audit_log where run_id = $1 and action like 'erase%' order by seq",
    [run],
  );
  expect(told).toEqual([{ action: "erase" }, { action: "erased" }]);
});

describe("B13 people are erased between any two steps of", () => {
  const late: Record<string, (services: Services) => Promise<unknown>> = {
    "an import": async (services) => {
      await test.query(
        `update wavegate.import_ranges set done_at = null where run_id = '${run}' and n = 1`,
      );
      // As if its rows had not been staged before.
      await test.query(
        `delete from wavegate.legacy_student_imports_source s using wavegate.import_ranges r
          where r.run_id = '${run}' and s.run_id = r.run_id and r.n = 1 and s.source_table = r.source_table and s.id % 2 = 0`,
      );
      return importRange(services, run, 1);
    },
    "a matching": (services) => match(services, run),
    "a wave": async (services) => commit(services, { run, wave: 1 }),
    "a question": (services) => ask(services, { run, gate: "first_wave" }),
  };

  it.each(Object.keys(late))("%s: nobody's identity is written after", async (name) => {
    let erased = 0;
    // Every step of the first, and some of many.
    for (let step = 1; ; step += step < 6 ? 1 : everyNth(37)) {
      await test.close();
      test = await lent.lend("reviewed");
      if (name === "a wave") await approve(test, run, "first_wave");
      let gone = false;
      const overtaken = overtakenAt(test.services, step, async () => {
        await stopped();
        // Not while a question is open, or what was written stands.
        for (let tries = 0; tries < 5 && !gone; tries++) {
          const refused = await erase().then(
            () => undefined,
            (error: Error) => error,
          );
          if (refused?.name === "RunNotOver") return;
          // What met a lock of the other's is sent again, and goes on where it was.
          gone = refused === undefined;
        }
      });
      const act = late[name] as (services: Services) => Promise<unknown>;
      const outcome = await act(overtaken).then(
        () => "done",
        (error: Error) => error.name,
      );
      if (gone) {
        erased += 1;
        expect([step, outcome, await identified()]).toEqual([
          step,
          expect.stringMatching(/^(?:done|RunErased|RunStopped|DryRunMissing)$/),
          nothing,
        ]);
      }
      if (!overtaken.overtaken()) break;
    }
    expect(erased).toBeGreaterThan(1);
  });

  it("a rollback: behind that nothing is begun, taken back or noted as a conflict", async () => {
    const told: string[] = [];
    let refused = "";
    const standing = async () =>
      (
        await test.query<{ control: string; entries: number }>(`
          select control, (select count(*)::int from wavegate.legacy_import_commit_logs where run_id = r.id and rolled_back_at is null and conflict is null) as entries
            from wavegate.legacy_import_runs r where r.id = '${run}'`)
      )[0];
    // As far as it may be erased: not once the rollback has begun.
    for (let erased = true; erased; ) {
      await test.close();
      test = await lent.lend("completed");
      erased = false;
      const before = await standing();
      const overtaken = overtakenAt(test.services, told.length + 1, async () => {
        refused = await refusal(erase()).catch(() => "");
        erased = refused === "";
      });
      const [outcome] = await Promise.allSettled([rollback(overtaken, run)]);
      const state = await standing();
      if (!erased) {
        // It comes to its end, and an erasure has nothing against it then.
        expect([refused, outcome.status]).toEqual(["RunNotOver", "fulfilled"]);
        await erase();
        break;
      }
      expect(outcome).toMatchObject({ reason: { name: "RunErased" } });
      expect(state?.entries).toBe(before?.entries);
      told.push(state?.control ?? "");
    }
    // Before it is read, and before it begins.
    expect(told).toEqual(["run", "run"]);
  });

  it("a matching, within its transactions too: neither waits for the other for ever", async () => {
    for (let step = 3; ; step += everyNth(43)) {
      await test.close();
      test = await lent.lend("reviewed");
      await stopped();
      const { met, ...outcomes } = await meetingAt(
        test,
        step,
        ({ services }) => match(services, run),
        erase,
      );
      const names = Object.values(outcomes).map((error) => (error as Error | undefined)?.message);
      expect([step, ...names].join(" ")).not.toMatch(/deadlock|SQLState/);
      if (!met) break;
    }
  });
});
