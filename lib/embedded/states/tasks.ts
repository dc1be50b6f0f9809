import type { Json, State } from "./asl.ts";
import { Interrupted, StateFailure } from "./errors.ts";
import { atPath, fillIn, withinLimit } from "./evaluate.ts";
import { type Outcome, unwrap } from "./journal.ts";
import { parseResource, type Resource } from "./resource.ts";
import { attemptKey, contextOf, type Visit } from "./run.ts";
import type { TaskCall } from "./task-call.ts";
import { startTaskEvents } from "./task-events.ts";
import { workOn } from "./task-work.ts";
import { pause, unlessAborted } from "./timers.ts";
import { PendingTask } from "./tokens.ts";

/**
 * Runs one attempt at a task and returns its result. Whatever ends it first (its work, its token,
 * a time-out) is written down before it counts. After a restart a finished attempt is taken from
 * the journal, a pending token is waited for again, a child execution is found again, and a
 * function that was under way is called once more.
 */
export async function runTask(state: State, input: Json, visit: Visit): Promise<Json> {
  const { run, signal } = visit.frame;
  const key = attemptKey(visit);
  const past = run.journal.outcome(key);
  if (past) return unwrap(past);

  const resource = parseResource(String(state.Resource));
  const events = startTaskEvents(run, resource, key, visit.frame.scope);
  const token = tokenOf(resource, visit);
  const call = await prepare(state, input, visit, resource, token?.text);
  const since = functionStartsAnew(resource) ? undefined : run.journal.at(events.scheduled, key);
  await events.schedule(call);

  const pending = token
    ? run.tokens.open(run.arn, token.key, (outcome) => events.end(outcome))
    : new PendingTask((outcome) => events.end(outcome));
  const over = new AbortController();
  const working = AbortSignal.any([signal, over.signal]);
  const stopClocks = startClocks(call, pending, since ?? run.now(), visit);
  try {
    if (!pending.closed) workOn(call, { pending, events, visit, signal: working });
    const outcome = await unlessAborted(pending.outcome, signal);
    if (outcome.kind !== "succeeded") over.abort(new Interrupted({ kind: "over" }));
    return unwrap(outcome);
  } finally {
    stopClocks();
    pending.close();
    if (token) run.tokens.close(run.arn, token.key);
  }
}

/** After a restart a call of a function begins anew; tokens and children have been waiting all along. */
function functionStartsAnew(resource: Resource): boolean {
  return resource.kind === "function" || resource.kind === "bare";
}

/** A redriven task gets a new token, as a retried one does. */
function tokenOf(resource: Resource, visit: Visit): { key: string; text: string } | undefined {
  if (resource.kind !== "token") return undefined;
  const { run } = visit.frame;
  const key = tokenKey(attemptKey(visit), run.redriveCount);
  return { key, text: run.tokens.tokenFor(run.arn, key) };
}

/** The place a token belongs to. */
export function tokenKey(key: string, redriveCount: number): string {
  return `${key}~${redriveCount}`;
}

async function prepare(
  state: State,
  input: Json,
  visit: Visit,
  resource: Resource,
  token: string | undefined,
): Promise<TaskCall> {
  const context = contextOf(visit, token === undefined ? {} : { Task: { Token: token } });
  const data = await atPath(state.InputPath, input, context);
  const parameters = await fillIn(state.Parameters, data, context);
  withinLimit(parameters, `input of the task ${visit.name}`);
  const seconds = async (fixed: number | undefined, path: string | undefined) => {
    const value = path === undefined ? fixed : await atPath(path, data, context);
    if (value === undefined || (Number.isInteger(value) && Number(value) > 0))
      return value as number;
    throw new StateFailure("States.Runtime", `A time-out of ${visit.name} is no positive number.`);
  };
  return {
    resource,
    parameters,
    token,
    timeoutSeconds: await seconds(state.TimeoutSeconds, state.TimeoutSecondsPath),
    heartbeatSeconds: await seconds(state.HeartbeatSeconds, state.HeartbeatSecondsPath),
  };
}

/**
 * Ends the task when its time is up, counted from its scheduling also across a restart; a missed
 * heartbeat is counted from the last one or from the restart.
 */
function startClocks(
  call: TaskCall,
  pending: PendingTask,
  since: number,
  visit: Visit,
): () => void {
  const { run } = visit.frame;
  const stop = new AbortController();
  const after = (ms: number, error: string, signal: AbortSignal) => {
    // AWS gives a time-out no cause.
    const outcome: Outcome = { kind: "timed-out", error, cause: "" };
    pause(ms, signal)
      .then(() => pending.settle(outcome))
      .catch(() => {});
  };
  if (call.timeoutSeconds !== undefined) {
    const left = since + call.timeoutSeconds * 1000 - run.now();
    after(left, "States.Timeout", stop.signal);
  }
  const { heartbeatSeconds } = call;
  if (heartbeatSeconds !== undefined && call.resource.kind === "token") {
    let rest = new AbortController();
    const expect = () => {
      rest.abort();
      rest = new AbortController();
      const signal = AbortSignal.any([stop.signal, rest.signal]);
      after(heartbeatSeconds * 1000, "States.HeartbeatTimeout", signal);
    };
    pending.beat = expect;
    expect();
  }
  return () => stop.abort(new Interrupted({ kind: "over" }));
}
