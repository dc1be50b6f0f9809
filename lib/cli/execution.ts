import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeExecutionCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Run } from "../data/runs.ts";
import { sql } from "../data/sql.ts";
import { beginOnce, newestAlone, onceBehind, onceOfSame } from "../review/steer/begin-once.ts";
import { progressOf } from "../review/steer/progress-of.ts";
import { executionName } from "../review/steer/start-execution.ts";
import { Refusal } from "../services/errors.ts";
import { readError } from "../services/inputs.ts";
import type { Machine } from "../services/services.ts";
import { askToStart } from "./ask-signed.ts";
import type { Aws } from "./aws.ts";
import type { Frame } from "./command.ts";
import { CannotRun } from "./failure.ts";
import { pacer } from "./pace.ts";
import { meter } from "./progress.ts";
import { executionArnOf, handedOverTo, isOver } from "./standing.ts";

/** How an execution ended, or what it waits for. */
export type Ending =
  | { readonly kind: "succeeded"; readonly output: unknown }
  | { readonly kind: "failed"; readonly error: string; readonly cause: string }
  | { readonly kind: "stopped"; readonly because: string }
  /** A gate asks a person. */
  | { readonly kind: "sign-off"; readonly gate: string };

/**
 * Starts an execution in the caller's name, through the function that vouches for who asks (D36); where
 * the place has none, past it, and then the execution waits until CloudTrail says who started it. Its own
 * name begins with the run's id, so that the executions of a run are found, says what it is for, and is
 * used once. Errors: `PermissionDenied`.
 *
 * @param once what is the same when the same is asked again: one execution comes of it, and whoever asks later is
 *   answered with no ARN
 */
export async function startExecution(
  aws: Aws,
  machine: Machine,
  runId: string,
  about: string,
  input: unknown,
  once?: string,
): Promise<string> {
  if (aws.place.settings.WAVEGATE_SIGN_OFF_URL) {
    return askToStart(aws, { machine, about, input, ...(once === undefined ? {} : { once }) });
  }
  const name = executionName(runId, about, once ?? randomUUID());
  const start = new StartExecutionCommand({
    stateMachineArn: aws.machine(machine),
    name,
    input: JSON.stringify(input),
  });
  return aws.states.send(start).then(
    ({ executionArn }) => executionArn as string,
    (error) => {
      if (error instanceof Error && error.name === "ExecutionAlreadyExists") return "";
      throw error;
    },
  );
}

/**
 * Begins a rollback, a wave or a step of a run: one execution, whoever else asks for the same at the same moment or while
 * it runs, from a page or a terminal. Answers its ARN, to be followed. Errors: those of {@link startExecution}, and `RunUnderWay`.
 */
export async function startAlone(
  aws: Aws,
  machine: Machine,
  run: Pick<Run, "id">,
  about: string,
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  const newest = () => newestAlone(aws.db, run.id, about);
  const told = await newest();
  const over = (once: string) => isOver(aws, machine, executionName(run.id, about, once));
  const same = onceOfSame(told, input);
  const once = same === undefined || (await over(same)) ? onceBehind(told.entry, input) : same;
  let executionArn = "";
  await beginOnce({
    ...{ once, behind: told.entry, newest: async () => (await newest()).entry },
    begin: async (once) => {
      const begun = await startExecution(aws, machine, run.id, about, input, once);
      executionArn = begun || executionArnOf(aws, machine, executionName(run.id, about, once));
      return begun !== "";
    },
    isOver: over,
  });
  return executionArn;
}

/**
 * Waits until the execution ends or asks a person, and shows the run's progress meanwhile; where it hands over to another
 * one, it is that one that is waited for.
 */
export async function follow(
  aws: Aws,
  frame: Frame,
  first: string,
  runId: string,
): Promise<Ending> {
  let executionArn = first;
  const everyMs = aws.place.name === "local" ? 200 : 2_000;
  const bar = meter(frame.io);
  const paced = pacer();
  const left = new AbortController();
  const stopListening = frame.io.onInterrupt(() => left.abort());
  try {
    for (;;) {
      const ended = await endingOf(aws, executionArn);
      const onward =
        ended?.kind === "succeeded" ? await handedOverTo(aws, executionArn) : undefined;
      if (onward !== undefined) {
        executionArn = onward;
        continue;
      }
      if (ended !== undefined) return ended;
      const waits = await waitOf(aws, executionArn);
      if (waits !== undefined) return waits;
      const progress = await progressOf(aws.db, runId);
      if (progress !== undefined && progress.done < progress.total) {
        bar.show(paced(progress));
      }
      await sleep(everyMs, undefined, { signal: left.signal }).catch(() => {});
      if (left.signal.aborted) throw stoppedWaiting();
    }
  } finally {
    stopListening();
    bar.end();
  }
}

const stoppedWaiting = () =>
  new CannotRun(
    "StoppedWaiting",
    "You stopped waiting; the step itself goes on. `wavegate status` shows where it is.",
  );

async function endingOf(aws: Aws, executionArn: string): Promise<Ending | undefined> {
  const { status, output, error, cause } = await aws.states.send(
    new DescribeExecutionCommand({ executionArn }),
  );
  switch (status) {
    case "SUCCEEDED":
      return { kind: "succeeded", output: output === undefined ? undefined : JSON.parse(output) };
    case "FAILED":
    case "TIMED_OUT":
      return { kind: "failed", error: error ?? status, cause: cause ?? "" };
    case "ABORTED":
      return { kind: "stopped", because: cause ?? "" };
    default:
      return undefined;
  }
}

/** What a running execution waits for, as the run's own tables say: asked, and everybody written to. */
async function waitOf(aws: Aws, executionArn: string): Promise<Ending | undefined> {
  const [asked] = await aws.db.rows<{ gate: string }>(sql`
    select s.gate from wavegate.sign_offs s join wavegate.legacy_import_runs r on r.id = s.run_id
     where s.execution_arn = ${executionArn} and s.status = 'pending' and r.status = 'waiting' limit 1`);
  return asked === undefined ? undefined : { kind: "sign-off", gate: asked.gate };
}

/** The output of an execution that had to succeed. Errors: {@link Refusal} with what the state said. */
export function succeeded(ending: Ending, besides = ""): unknown {
  switch (ending.kind) {
    case "succeeded":
      return ending.output;
    case "failed":
      throw new Refusal(
        ending.error,
        [
          ending.cause === ""
            ? `The step failed: ${ending.error}.`
            : readError({ Error: ending.error, Cause: ending.cause }).message,
          besides,
        ]
          .filter(Boolean)
          .join(" "),
      );
    case "stopped":
      throw new Refusal(
        "ExecutionStopped",
        `The execution was stopped${ending.because ? ` (${ending.because})` : ""}. Look with \`wavegate status\` at what was written; the command can be repeated.`,
      );
    case "sign-off":
      throw new Refusal(
        "WaitsForSignOff",
        `The run waits for a sign-off (${ending.gate}). See \`wavegate sign-off show\`.`,
      );
  }
}
