import * as z from "zod";
import type { Database } from "../../data/database.ts";
import { findRun, type Run } from "../../data/runs.ts";
import { appendSecurity } from "../../evidence/security-log.ts";
import { Refusal } from "../../services/errors.ts";
import { RunId } from "../../services/inputs.ts";
import type { Services } from "../../services/services.ts";
import { decideMappings } from "../mappings/decisions.ts";
import { personBehind } from "../people/caller.ts";
import { type Permission, requireAny } from "../people/permissions.ts";
import { holdRow, releaseRow } from "../rows/held-rows.ts";
import { askAbout, closeQuestion } from "../samples/questions.ts";
import { pause, resume, stop } from "./control.ts";
import { endWaiting, noteWithdrawn, withdrawOpen } from "./end-waiting.ts";
import { eraseSome } from "./erase.ts";
import { turnFeature } from "./features.ts";
import { forgetTrial } from "./forget-trial.ts";
import { noteRestore, Restoring } from "./restore.ts";

/** An id of whatever type its system has. */
const Id = z.union([z.number().int(), z.string().min(1).max(1_000)]);

const run = RunId;

/** How it stood where somebody looked: what somebody else decided since is not undone unseen. */
const Seen = z.string().max(2_000).optional();

/** What an operator's terminal asks to be decided about a run. */
export const DecisionRequest = z.discriminatedUnion("decide", [
  z.strictObject({ decide: z.literal("pause"), run }),
  z.strictObject({
    decide: z.literal("resume"),
    run,
    /** The newest entry of the run's log that was seen. */
    seen: z.number().int().nonnegative().max(2_147_483_647).optional(),
  }),
  z.strictObject({
    decide: z.literal("stop"),
    run,
    /** Executions of the run that end at once, by their ARNs, and not before their next batch. */
    now: z.array(z.string().max(2_048)).max(20).optional(),
  }),
  /** A stage that somebody ran alone withdrew the run's question: whatever waits for its answer ends. */
  z.strictObject({ decide: z.literal("withdrawn"), run }),
  z.strictObject({
    decide: z.literal("mappings"),
    run,
    /** By its name in the run's definition. */
    reference: z.string().max(100),
    decisions: z
      .array(
        z.union([
          // By what it is: a suggestion may be another one since it was looked at.
          z.strictObject({ id: Id, confirm: z.literal(true), target: Id, seen: Seen }),
          z.strictObject({ id: Id, reject: z.literal(true), seen: Seen }),
        ]),
      )
      .min(1)
      .max(2_000),
  }),
  z.strictObject({
    decide: z.enum(["hold", "release"]),
    run,
    row: z.number().int().positive(),
    reason: z.string().max(10_000),
    seen: Seen,
  }),
  z.strictObject({
    decide: z.literal("ask"),
    run,
    row: z.number().int().positive(),
    question: z.string().max(10_000),
  }),
  z.strictObject({
    decide: z.literal("close"),
    run,
    /** Its number within the run. */
    question: z.number().int().positive(),
    reason: z.string().max(10_000),
  }),
  /** One part of an erasure, of the rows behind an id (see `erase.ts`). */
  z.strictObject({ decide: z.literal("erase"), run, behind: z.string().regex(/^\d{1,19}$/u) }),
  z.strictObject({ decide: z.literal("forget"), run }),
  /** That a backup of the platform is restored, which the terminal does itself (V10). */
  z.strictObject({
    decide: z.literal("restore"),
    run,
    step: z.enum(["begin", "restored", "restore-failed"]),
    about: Restoring,
  }),
  z.strictObject({
    decide: z.literal("feature"),
    run,
    feature: z.string().min(1).max(100),
    percentage: z.number().int().min(0).max(100),
    segments: z.array(z.string().min(1).max(100)).max(20),
    seen: z.string().max(5_000).optional(),
  }),
]);

type Asked = z.output<typeof DecisionRequest>;

/**
 * Keeps what somebody whom the platform vouches for decides about a run: no setting of a terminal says who
 * that is (W8). The database looks whether the person may; a decision that is refused for want of a
 * permission is kept in the security log. Errors: those of each decision.
 */
export async function keepDecision(
  services: Pick<Services, "sign" | "clock" | "executions">,
  identity: string,
  asked: Asked,
): Promise<object & { readonly ended: readonly string[] }> {
  const { sign, clock } = services;
  const person = (await personBehind(sign, identity))?.name ?? identity;
  try {
    // Before anything is looked at: an answer about a run or its people would be one to somebody who may not ask.
    await requireAny(sign, person, takenBy(asked));
    const run = await findRun(sign, asked.run);
    const answer = await decided(sign, run, asked, person);
    return { ...answer, ended: await ended(services, run, asked, person) };
  } catch (error) {
    if (error instanceof Refusal && error.name === "PermissionDenied") {
      const details = { refusal: error.name, what: asked.decide, signOff: null, run: asked.run };
      const actor = person.slice(0, 200);
      await appendSecurity(sign, { actor, action: "decision-refused", details }, clock());
    }
    throw error;
  }
}

/** What each decision takes, any one of them; the database looks again, as it decides. */
const takes: Readonly<Record<Asked["decide"], readonly [Permission, ...Permission[]]>> = {
  pause: ["legacy_imports.run"],
  resume: ["legacy_imports.run"],
  stop: ["legacy_imports.run"],
  withdrawn: ["legacy_imports.run", "legacy_imports.validate", "legacy_imports.review"],
  mappings: ["legacy_imports.review"],
  hold: ["legacy_imports.review"],
  release: ["legacy_imports.review"],
  ask: ["legacy_imports.review", "legacy_imports.commit"],
  close: ["legacy_imports.review", "legacy_imports.commit"],
  erase: ["legacy_imports.rollback"],
  restore: ["legacy_imports.rollback"],
  forget: ["legacy_imports.run"],
  feature: ["legacy_imports.commit", "legacy_imports.rollback"],
};

/** Turning something on takes more than turning it off: whoever may not is told nothing of what they wrote. */
const takenBy = (asked: Asked): readonly [Permission, ...Permission[]] =>
  asked.decide === "feature" && asked.percentage > 0
    ? ["legacy_imports.commit"]
    : takes[asked.decide];

async function decided(db: Database, run: Run, asked: Asked, person: string): Promise<object> {
  switch (asked.decide) {
    case "mappings": {
      await decideMappings(db, run, asked.reference, asked.decisions, person);
      return { run: run.id };
    }
    case "hold":
      await holdRow(db, run, { ...asked, person });
      return { run: run.id, held: true };
    case "release":
      return {
        run: run.id,
        held: !(await releaseRow(db, run, { ...asked, person })),
      };
    case "ask": {
      const about = { row: asked.row, person, says: asked.question };
      return { run: run.id, question: await askAbout(db, run, about) };
    }
    case "close":
      await closeQuestion(db, run, { ...asked, person });
      return { run: run.id, question: asked.question };
    case "erase":
      return eraseSome(db, run, person, asked.behind);
    case "forget":
      return forgetTrial(db, run, person);
    case "restore":
      return noteRestore(db, run, { ...asked, person });
    case "feature":
      return turnFeature(db, run, asked, person);
    case "withdrawn":
      await noteWithdrawn(db, run.id, person);
      return { run: run.id };
    case "stop":
      requireOwn(run, asked.now ?? []);
      return stop(db, run.id, person);
    case "pause":
      return pause(db, run.id, person);
    case "resume":
      return resume(db, run.id, person, asked.seen);
  }
}

/**
 * Ends what a decision leaves without anything to wait for: nobody but this function may end executions, as
 * whoever may call Step Functions alone was asked for no permission (W8). Returns their ARNs.
 */
async function ended(
  services: Pick<Services, "sign" | "clock" | "executions">,
  run: Run,
  asked: Asked,
  person: string,
): Promise<readonly string[]> {
  switch (asked.decide) {
    case "ask":
    case "close":
    case "erase":
    case "feature":
      return [];
    case "mappings":
    case "hold":
    case "release":
    case "withdrawn": {
      const arns = await endWaiting(services, run.id, "withdrawn");
      if (arns.length > 0) await noteWithdrawn(services.sign, run.id, person);
      return arns;
    }
    case "stop": {
      await withdrawOpen(services, run.id, unanswered, "expired");
      // Nobody is asked any more about a run of which nothing goes on.
      if (asked.now !== undefined) await withdrawOpen(services, run.id, "the run was stopped");
      const waited = await endWaiting(services, run.id, "withdrawn or decided");
      const others = (asked.now ?? []).filter((arn) => !waited.includes(arn));
      for (const arn of others) await services.executions.stop(arn, "Its run was stopped.");
      return [...others, ...waited];
    }
    case "pause":
    case "resume":
      await withdrawOpen(services, run.id, unanswered, "expired");
      return endWaiting(services, run.id, "withdrawn or decided");
    default:
      return endWaiting(services, run.id, "withdrawn or decided");
  }
}

/** Why a question is withdrawn that nobody can answer any more: what waits for the answer waits in vain. */
const unanswered = "nobody answered in time";

/** Executions carry the id of their run at the beginning of their names. Errors: `InputInvalid`. */
function requireOwn(run: Run, arns: readonly string[]): void {
  const own = new RegExp(
    `^arn:[^:]+:states:[^:]*:[^:]*:execution:[^:]+:${run.id}(?:-[^:]+)?$`,
    "u",
  );
  if (arns.every((arn) => own.test(arn))) return;
  throw new Refusal(
    "InputInvalid",
    `That is no execution of ${run.reference}. Nothing was stopped or ended.`,
  );
}
