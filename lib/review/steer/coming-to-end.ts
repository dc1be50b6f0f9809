import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../data/runs.ts";
import { Refusal } from "../../services/errors.ts";
import type { Workflow } from "../../services/services.ts";

/** States of `statemachines/migration.asl.yaml` behind which an execution asks no more whether its run goes on. */
export const lastStates: ReadonlySet<string> = new Set([
  ...["FinalVerify", "FinalVerifyOnly", "ExportAudit", "Paused"],
  ...["Rejected", "AnswerIncomplete", "StopOrAsk", "Halted", "Failed", "Done"],
]);
/** States in which it asks, or has asked already. */
const asking: ReadonlySet<string> = new Set(["NextWave", "WhatIsNext"]);

const ends = new Set([
  "ExecutionSucceeded",
  "ExecutionFailed",
  "ExecutionAborted",
  "ExecutionTimedOut",
]);

/** How long an execution that comes to its end is waited for, in ms: a page is answered within half a minute. */
const patience = 6_000;

/**
 * Whether executions of a run are over now, so that nothing of it goes on by itself. To be asked once the run was told to
 * go on: one that was told to stop or pause before may have read that, and comes to its end whatever it is told since.
 * Errors: `RunUnderWay` where one takes its time to end; a run that goes on in another one beside it would be noted as
 * paused or halted by the first.
 */
export async function areOver(
  { steps }: Pick<Workflow, "steps">,
  run: Pick<Run, "reference">,
  executionArns: readonly string[],
): Promise<boolean> {
  const until = performance.now() + patience;
  for (;;) {
    const standings = await Promise.all(executionArns.map((arn) => standingOf(steps, arn)));
    if (standings.includes("goes on")) return false;
    if (standings.every((each) => each === "over")) return true;
    if (performance.now() > until) break;
    await sleep(200);
  }
  throw new Refusal(
    "RunUnderWay",
    `Run ${run.reference} may go on, but what of it is under way is coming to its end, and nothing follows that by itself. \`wavegate resume --run ${run.reference}\` once it is over.`,
  );
}

async function standingOf(
  steps: Workflow["steps"],
  executionArn: string,
): Promise<"goes on" | "ending" | "over"> {
  try {
    const latest = await steps(executionArn, 100);
    if (ends.has(latest[0]?.type ?? "")) return "over";
    const state = latest.find(({ type }) => type.endsWith("StateEntered"))?.state ?? "";
    return lastStates.has(state) || asking.has(state) ? "ending" : "goes on";
  } catch (error) {
    // Begun just now.
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return "goes on";
    throw error;
  }
}

/** Whether an execution that was begun is over; one that was begun just now may not be known yet. */
export const isOverNow = async (
  { steps }: Pick<Workflow, "steps">,
  executionArn: string,
): Promise<boolean> => (await standingOf(steps, executionArn)) === "over";
