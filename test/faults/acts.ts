import { findRun } from "../../lib/data/runs.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { holdRow, releaseRow } from "../../lib/review/rows/held-rows.ts";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import type { Gate } from "../../lib/review/sign-off-store.ts";
import { pause, resume, stop } from "../../lib/review/steer/control.ts";
import { eraseSome, eraseWhole } from "../../lib/review/steer/erase.ts";
import { classify } from "../../lib/stages/classify.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { match } from "../../lib/stages/match.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { validate } from "../../lib/stages/validate.ts";
import { verify } from "../../lib/stages/verify.ts";
import { setUpAgain, type TestServices } from "../support/services.ts";
import { acknowledged, approve, importAll, judgeAll, runWave } from "../support/steps.ts";
import { run } from "./worlds.ts";

/** What somebody does with the run. */
export type Act = (test: TestServices) => Promise<unknown>;

const openQuestion = async (test: TestServices) =>
  (
    await test.query<{ id: string }>(
      "select id from wavegate.sign_offs where run_id = $1 order by asked_at limit 1",
      [run],
    )
  )[0]?.id as string;
/** The first row of the order that waits for a wave. */
const nextRow = async (test: TestServices) =>
  (
    await test.query<{ id: number }>(
      `select id::int from wavegate.legacy_student_imports where run_id = $1 and planned = 'commit'
        and import_state in ('pending', 'rolled_back', 'held') and classification = 'completed' order by id limit 1`,
      [run],
    )
  )[0]?.id ?? 0;
const both =
  (...acts: Act[]): Act =>
  async (test) => {
    for (const act of acts) await act(test);
  };
const decision =
  (verdict: "approve" | "reject", person = "approver"): Act =>
  async (test) =>
    decide(test.services, {
      ref: { id: await openQuestion(test) },
      person,
      decision: verdict,
      comment: "Looked at.",
    });
const says =
  (gate: Gate): Act =>
  (test) =>
    approve(test, run, gate);
const wave =
  (n: number): Act =>
  (test) =>
    runWave(test, run, n);

/** What stages, people and operators do, by name. */
export const acts = {
  preflight: (test) =>
    preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
    }),
  "plan-import": (test) => planImport(test.services, run),
  "import-range": (test) => importRange(test.services, run, 1),
  "whole import": (test) => importAll(test, run),
  "finish-import": (test) => finishImport(test.services, run),
  validate: (test) => validate(test.services, run),
  classify: (test) => classify(test.services, run),
  match: (test) => match(test.services, run),
  "dry-run": (test) => dryRun(test.services, run),
  "export-review": (test) => reviewExport(test.services, run),
  judging: (test) => judgeAll(test, run),
  mapping: async (test) =>
    decideMappings(
      test.services.sign,
      await findRun(test.services.sign, run),
      "course",
      [{ id: 1, reject: true }],
      "approver",
    ),
  hold: async (test) =>
    holdRow(test.services.sign, await findRun(test.services.sign, run), {
      row: await nextRow(test),
      person: "approver",
      reason: "Two people of one name.",
    }),
  release: async (test) =>
    releaseRow(test.services.sign, await findRun(test.services.sign, run), {
      row: await nextRow(test),
      person: "approver",
      reason: "One person.",
    }),
  ask: (test) => ask(test.services, { run, gate: "first_wave" }),
  approve: decision("approve"),
  reject: decision("reject", "second"),
  "judge-samples": async (test) =>
    judgeSamples(test.services, {
      ref: { id: await openQuestion(test) },
      person: "approver",
      verdicts: [{ stagedId: await nextRow(test), wrong: ["name"] }],
    }),
  "permission lost": (test) =>
    test.query("update wavegate.people set permissions = '[]' where name = 'approver'"),
  "commit 1": (test) => commit(test.services, { run, wave: 1 }),
  "commit 2": (test) => commit(test.services, { run, wave: 2 }),
  "verify 1": (test) => verify(test.services, run, 1),
  drill: (test) => drill(test.services, run),
  rollback: (test) => rollback(test.services, run),
  "rollback to 2": (test) => rollback(test.services, run, 2),
  "preview-rollback": (test) => previewRollback(test.services, run),
  "final-verify": (test) => finalVerify(test.services, run),
  "export-audit": (test) => auditExport(test.services, run),
  pause: (test) => pause(test.services.sign, run, "operator"),
  stop: (test) => stop(test.services.sign, run, "operator"),
  resume: (test) => resume(test.services.sign, run, "operator"),
  erase: async (test) => {
    const { sign } = test.services;
    const found = await findRun(sign, run);
    return eraseWhole((behind) => eraseSome(sign, found, "operator", behind));
  },
  "set-up": (test) => setUpAgain(test, test.definition),
} satisfies Record<string, Act>;
export type Name = keyof typeof acts;

/** The run as it was relaunched: taken back, and its first wave written anew. */
const relaunched: readonly Name[] = ["rollback", "resume"];

/** The same, and several one after the other: what meets an act. */
export const another: Readonly<Record<string, Act>> = {
  ...acts,
  "judging of other mappings": both(acts.mapping, acts.judging),
  "approval and wave 1": both(says("first_wave"), wave(1)),
  "wave 1": wave(1),
  "wave 2": wave(2),
  "rollback and relaunch": both(
    ...relaunched.map((name) => acts[name]),
    says("first_wave"),
    wave(1),
  ),
  "relaunch up to wave 2, without a drill": both(
    ...relaunched.map((name) => acts[name]),
    says("first_wave"),
    wave(1),
    says("scale_up"),
  ),
  "resume and wave 1": both(acts.resume, says("first_wave"), wave(1)),
  "rollback and erasing": both(acts.rollback, acts.erase),
  "validation and whole import": both(acts["whole import"], acts.judging),
};
