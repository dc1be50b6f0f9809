import type { Json } from "./asl.ts";
import { Interrupted, ServiceError, StateFailure } from "./errors.ts";
import { withinLimit } from "./evaluate.ts";
import type { Outcome } from "./journal.ts";
import { functionOf } from "./names.ts";
import { attemptKey, type Visit } from "./run.ts";
import type { TaskCall } from "./task-call.ts";
import type { TaskEvents } from "./task-events.ts";
import type { Settlement } from "./tokens.ts";

interface Work {
  pending: Settlement;
  events: TaskEvents;
  visit: Visit;
  signal: AbortSignal;
}

/** Longest run of a Lambda function, seconds. */
const LAMBDA_LIMIT_SECONDS = 900;

/** Does the task's work in the background; how it ends goes into `pending`. */
export function workOn(call: TaskCall, work: Work): void {
  const kinds = {
    bare: callBare,
    function: callFunction,
    token: callForToken,
    execution: runChild,
  };
  kinds[call.resource.kind](call, work).catch((thrown: unknown) => {
    if (work.signal.aborted) return;
    return work.pending.settle(failed(thrown)).catch(() => {});
  });
}

async function callBare(call: TaskCall, work: Work): Promise<void> {
  const { resource } = call;
  if (resource.kind !== "bare") return;
  await succeed(await invoke(resource.function, call.parameters, call, work), work);
}

async function callFunction(call: TaskCall, work: Work): Promise<void> {
  const { name, payload } = invocation(call);
  await succeed(wrapped(await invoke(name, payload, call, work)), work);
}

/** Nobody asks for the function's own result; that it took the token is written down. */
async function callForToken(call: TaskCall, work: Work): Promise<void> {
  const { run } = work.visit.frame;
  if (run.journal.at("TaskSubmitted", attemptKey(work.visit)) !== undefined) return;
  const { name, payload } = invocation(call);
  const result = await invoke(name, payload, call, work);
  if (!work.pending.closed) await work.events.submit(wrapped(result));
}

async function runChild(call: TaskCall, work: Work): Promise<void> {
  const { run } = work.visit.frame;
  const key = attemptKey(work.visit);
  const { StateMachineArn, Input, Name } = (call.parameters ?? {}) as { [field: string]: Json };
  const child = await run.startChild({
    machineArn: String(StateMachineArn),
    input: withoutStarter(Input ?? {}),
    name: typeof Name === "string" ? Name : undefined,
    key,
  });
  const stop = () => {
    const why = work.signal.reason instanceof Interrupted ? work.signal.reason.interruption : null;
    if (why?.kind !== "closing") void child.stop();
  };
  if (work.signal.aborted) return stop();
  work.signal.addEventListener("abort", stop, { once: true });
  await work.events.submit({ ExecutionArn: child.arn, StartDate: child.startedAt });
  const outcome = await child.ended;
  work.signal.removeEventListener("abort", stop);
  if (outcome.kind === "succeeded") await succeed(outcome.output, work);
  else await work.pending.settle(outcome);
}

/** The field by which AWS's console links child and parent; it is not part of the input's meaning. */
function withoutStarter(input: Json): Json {
  if (input === null || typeof input !== "object" || Array.isArray(input)) return input;
  const { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: _, ...rest } = input;
  return rest;
}

async function succeed(output: Json, work: Work): Promise<void> {
  withinLimit(output, `result of the task ${work.visit.name}`);
  await work.pending.settle({ kind: "succeeded", output });
}

function failed(thrown: unknown): Outcome {
  if (thrown instanceof StateFailure) {
    return { kind: "failed", error: thrown.error, cause: thrown.detail };
  }
  if (thrown instanceof ServiceError) {
    return {
      kind: "failed",
      error: `StepFunctions.${thrown.code}Exception`,
      cause: thrown.message,
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: "failed", error: "States.TaskFailed", cause: message };
}

function invocation(call: TaskCall): { name: string; payload: Json } {
  const { FunctionName, Payload } = (call.parameters ?? {}) as { [field: string]: Json };
  return { name: functionOf(String(FunctionName)), payload: Payload ?? {} };
}

/** A function's result as the service integration gives it. */
function wrapped(result: Json): Json {
  return { ExecutedVersion: "$LATEST", Payload: result, StatusCode: 200 };
}

async function invoke(name: string, payload: Json, call: TaskCall, work: Work): Promise<Json> {
  const seconds = call.timeoutSeconds;
  const timeoutMs =
    seconds === undefined ? undefined : Math.min(seconds, LAMBDA_LIMIT_SECONDS) * 1000;
  try {
    const context = { timeoutMs, signal: work.signal };
    const result = await work.visit.frame.run.invoke(name, payload, context);
    return JSON.parse(JSON.stringify(result ?? null)) as Json;
  } catch (thrown) {
    const errorType = thrown instanceof Error ? thrown.name : "Error";
    const errorMessage = thrown instanceof Error ? thrown.message : String(thrown);
    throw new StateFailure(errorType, JSON.stringify({ errorType, errorMessage }));
  }
}
