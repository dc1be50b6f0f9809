import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { read } from "../../lib/review/sign-off/read.ts";
import type { Services } from "../../lib/services/services.ts";
import { classify } from "../../lib/stages/classify.ts";
import { commit } from "../../lib/stages/commit.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { match } from "../../lib/stages/match.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { askNextGate } from "../../lib/stages/sign-off.ts";
import { validate } from "../../lib/stages/validate.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { approve, refusal } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
});
afterAll(() => test.close());

/** Everything behind `validate` once more. */
const rest: readonly ((services: Services, run: string) => Promise<unknown>)[] = [
  validate,
  classify,
  match,
  dryRun,
  reviewExport,
];
const question = async (id: string) =>
  (await test.query("select status, void_because from wavegate.sign_offs where id = $1", [id]))[0];
const status = async () =>
  (await test.query("select status from wavegate.legacy_import_runs where id = $1", [run]))[0]
    ?.status;
const waits = async (): Promise<string> => {
  const task = { run, executionArn: "arn:waits", token: "token" };
  const asked = await askNextGate(test.services, task);
  if (asked.kind !== "asked") throw new Error(asked.kind);
  expect(await status()).toBe("waiting");
  return asked.signOff;
};
const gone = {
  status: "voided",
  void_because: "its rows are judged anew since it was asked",
};
const approval = (id: string) =>
  decide(test.services, {
    ref: { id },
    person: "approver",
    decision: "approve",
    comment: "Looked at.",
  });

describe("W7 a question is withdrawn with the first step that leaves its state", () => {
  it.each([
    ["validate", 0],
    ["classify", 1],
    ["match", 2],
    ["dry-run", 3],
  ])("by %s, and nobody is waited for", async (_, first) => {
    const asked = await waits();
    await rest[first]?.(test.services, run);
    expect(await question(asked)).toEqual(gone);
    expect(await status()).toBe("paused");
    expect(await refusal(approval(asked))).toBe("LinkExpired");
    expect(await nextWave(test.services, run)).toEqual({ next: "pause", run });
    for (const stage of rest.slice(first + 1)) await stage(test.services, run);
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "first_wave" });
  });

  it("by a stage that was cut off before it was done", async () => {
    const asked = await waits();
    const { stage } = test.services;
    const cutOff = (db: typeof stage): typeof stage => ({
      ...db,
      transaction: (work, mode) => db.transaction((inner) => work(cutOff(inner)), mode),
      execute: async (statement) => {
        if (JSON.stringify(statement).includes("_decisions")) throw new Error("cut off");
        return db.execute(statement);
      },
    });
    const broken = { ...test.services, stage: cutOff(stage) };
    expect(await refusal(classify(broken, run))).toBe("Error");
    expect(await question(asked)).toEqual(gone);
    expect((await findRun(stage, run)).stage).toBe("validate");
    for (const again of rest.slice(1)) await again(test.services, run);
  });

  it("by a decision about a mapping, made as the CLI's role, which cannot touch sign-offs", async () => {
    const asked = await waits();
    const [{ id }] = (await test.query(
      `select min(legacy_formation_id)::int as id from wavegate.legacy_course_mappings where run_id = $1 and status = 'mapped'`,
      [run],
    )) as [{ id: number }];
    await decideMappings(
      test.services.sign,
      await findRun(test.operator, run),
      "course",
      [{ id, confirm: true, target: null }],
      "operator",
    );
    expect(await question(asked)).toEqual(gone);
    expect((await read(test.services, { id: asked }, "approver")).status).toBe("voided");
    for (const stage of rest) await stage(test.services, run);
  });

  it("and is not asked at all if that step was made while it was being asked", async () => {
    const { sign } = test.services;
    const late = {
      ...test.services,
      sign: {
        ...sign,
        transaction: async <Result>(work: Parameters<typeof sign.transaction<Result>>[0]) => {
          await validate(test.services, run);
          return sign.transaction(work);
        },
      },
    };
    expect(await refusal(ask(late, { run, gate: "first_wave" }))).toBe("ReviewOvertaken");
    expect(
      await test.query(
        "select 1 from wavegate.sign_offs where run_id = $1 and status = 'pending'",
        [run],
      ),
    ).toEqual([]);
    for (const again of rest) await again(test.services, run);
  });

  const ofRun = (set: string) =>
    `update wavegate.legacy_import_runs set ${set} where id = '${run}'`;
  it.each([
    ["stopped", "ReviewOvertaken", ofRun("control = 'stop'"), ofRun("control = 'run'")],
    ["taken back", "ReviewOvertaken", ofRun("status = 'rolled_back'"), ofRun("status = 'waiting'")],
    ["judged anew", "ReviewOvertaken", ofRun("stage = 'match'"), ofRun("stage = 'export-review'")],
    ["erased", "RunErased", ofRun("erased_at = now()"), ofRun("erased_at = null")],
    [
      "shown otherwise",
      "ReviewOvertaken",
      `insert into wavegate.dry_runs (run_id, digest, parts, report)
       select run_id, 'other', parts, report from wavegate.dry_runs where run_id = '${run}' limit 1 on conflict do nothing`,
      "delete from wavegate.dry_runs where digest = 'other'",
    ],
  ])(
    "R17 B13 nor about a run that is %s while it is being asked",
    async (_, name, happens, before) => {
      const { sign } = test.services;
      const late = {
        ...test.services,
        sign: {
          ...sign,
          transaction: async <Result>(work: Parameters<typeof sign.transaction<Result>>[0]) => {
            await test.query(happens);
            return sign.transaction(work);
          },
        },
      };
      const outcome = await refusal(ask(late, { run, gate: "first_wave" }));
      await test.query(before);
      expect(outcome).toBe(name);
      expect(
        await test.query(
          "select 1 from wavegate.sign_offs where run_id = $1 and status = 'pending'",
          [run],
        ),
      ).toEqual([]);
    },
  );

  it("while an approval of the very same state stands", async () => {
    await approve(test, run, "first_wave");
    // Whoever was on the way to ask finds it decided: nobody is asked, and what waits goes on.
    const task = { run, executionArn: "arn:late", token: "late" };
    expect(await askNextGate(test.services, task)).toEqual({ kind: "no_gate" });
    expect(test.executions.answers.at(-1)).toMatchObject({
      token: "late",
      output: { decision: "approved" },
    });
    for (const stage of rest) await stage(test.services, run);
    expect(await nextWave(test.services, run)).toMatchObject({ next: "wave", wave: 1 });
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });
});
