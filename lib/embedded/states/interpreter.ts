import type { Json, State, States } from "./asl.ts";
import { runMap, runParallel } from "./branches.ts";
import { StateFailure, throwIfInterrupted } from "./errors.ts";
import { atPath, choose, fillIn, place, withinLimit } from "./evaluate.ts";
import { catcherFor, Retries } from "./retry.ts";
import { attemptKey, contextOf, type Frame, type Visit } from "./run.ts";
import { runTask } from "./tasks.ts";
import { pause } from "./timers.ts";

/** Where to go on after a restart. */
interface Resumption {
  state: string;
  input: Json;
  visit: number;
}

interface Left {
  output: Json;
  next: string | undefined;
}

/**
 * Runs states from the first (or the given one) to the end and returns the last output. Throws
 * `StateFailure` when a state fails for good, `Interrupted` when the frame's signal aborts.
 */
export async function runStates(
  states: States,
  input: Json,
  frame: Frame,
  from?: Resumption,
): Promise<Json> {
  let name = from?.state ?? states.StartAt;
  let data = from ? from.input : input;
  for (let count = from?.visit ?? 0; ; count += 1) {
    const state = stateNamed(states, name);
    const left = await visitState(state, name, data, `${frame.scope}/${name}#${count}`, frame);
    if (left.next === undefined) return left.output;
    data = left.output;
    name = left.next;
  }
}

function stateNamed(states: States, name: string): State {
  const state = Object.hasOwn(states.States, name) ? states.States[name] : undefined;
  if (!state) throw new StateFailure("States.Runtime", `There is no state named ${name}.`);
  return state;
}

async function visitState(
  state: State,
  name: string,
  input: Json,
  key: string,
  frame: Frame,
): Promise<Left> {
  throwIfInterrupted(frame.signal);
  const { run, top } = frame;
  const entered = `${state.Type}StateEntered`;
  const enteredAt = run.journal.at(entered, key) ?? run.now();
  const details = { name, input: JSON.stringify(input) };
  const { scope } = frame;
  await run.emit({ type: entered, key, scope, top, details }, enteredAt);
  const left = await attemptUntilDone(state, input, { frame, name, key, attempt: 0, enteredAt });
  const output = withinLimit(left.output, `output of the state ${name}`);
  const exit = run.emit({
    type: `${state.Type}StateExited`,
    key,
    scope,
    top,
    next: left.next ?? null,
    details: { name, output },
  });
  // The next state's entry goes to the disk in the same write and is waited for there.
  if (left.next === undefined) await exit;
  else exit.catch(() => {});
  return left;
}

async function attemptUntilDone(state: State, input: Json, visit: Visit): Promise<Left> {
  const retries = new Retries(state);
  for (;;) {
    try {
      return await attempt(state, input, visit);
    } catch (thrown) {
      throwIfInterrupted(visit.frame.signal);
      if (!(thrown instanceof StateFailure)) throw thrown;
      const delay = retries.next(thrown);
      if (delay === undefined) {
        await reportFailure(state, visit);
        return caught(state, input, thrown);
      }
      await pause(delay, visit.frame.signal);
      visit.attempt += 1;
    }
  }
}

/** A Map or Parallel fails once, however often it was tried. */
async function reportFailure({ Type }: State, visit: Visit): Promise<void> {
  const { run, scope } = visit.frame;
  if (visit.failedInside) {
    await run.emit({ type: `${Type}StateFailed`, key: attemptKey(visit), scope });
  }
}

async function caught(state: State, input: Json, failure: StateFailure): Promise<Left> {
  const catcher = catcherFor(state, failure);
  if (!catcher) throw failure;
  const error = { Error: failure.error, Cause: failure.detail };
  return { output: await place(catcher.ResultPath, input, error), next: catcher.Next };
}

async function attempt(state: State, input: Json, visit: Visit): Promise<Left> {
  const next = state.Next;
  switch (state.Type) {
    case "Task":
      return {
        output: await asResult(state, input, await runTask(state, input, visit), visit),
        next,
      };
    case "Map":
      return {
        output: await asResult(state, input, await runMap(state, input, visit, runStates), visit),
        next,
      };
    case "Parallel":
      return {
        output: await asResult(
          state,
          input,
          await runParallel(state, input, visit, runStates),
          visit,
        ),
        next,
      };
    case "Pass":
      return { output: await passOn(state, input, visit), next };
    case "Wait":
      await waitFor(state, input, visit);
      return { output: await through(state, input, visit), next };
    case "Choice":
      return chosen(state, input, visit);
    case "Succeed":
      return { output: await through(state, input, visit), next: undefined };
    case "Fail":
      throw await failureOf(state, input, visit);
    default:
      throw new StateFailure("States.Runtime", `There is no state type ${String(state.Type)}.`);
  }
}

/** What the state's result becomes: ResultSelector, ResultPath, OutputPath. */
async function asResult(state: State, input: Json, result: Json, visit: Visit): Promise<Json> {
  const context = contextOf(visit);
  const selected = await fillIn(state.ResultSelector, result, context);
  return atPath(state.OutputPath, await place(state.ResultPath, input, selected), context);
}

async function passOn(state: State, input: Json, visit: Visit): Promise<Json> {
  const context = contextOf(visit);
  const data = await fillIn(
    state.Parameters,
    await atPath(state.InputPath, input, context),
    context,
  );
  const result = state.Result === undefined ? data : state.Result;
  return atPath(state.OutputPath, await place(state.ResultPath, input, result), context);
}

/** InputPath and OutputPath of a state that does not change its data. */
async function through(state: State, input: Json, visit: Visit): Promise<Json> {
  const context = contextOf(visit);
  return atPath(state.OutputPath, await atPath(state.InputPath, input, context), context);
}

async function chosen(state: State, input: Json, visit: Visit): Promise<Left> {
  const context = contextOf(visit);
  const data = await atPath(state.InputPath, input, context);
  const next = await choose(state, data, context);
  return { output: await atPath(state.OutputPath, data, context), next };
}

/** Waits from the moment the state was first entered: a restart does not start the wait anew. */
async function waitFor(state: State, input: Json, visit: Visit): Promise<void> {
  const { run, signal } = visit.frame;
  const context = contextOf(visit);
  const data = await atPath(state.InputPath, input, context);
  const seconds =
    state.SecondsPath === undefined
      ? state.Seconds
      : await atPath(state.SecondsPath, data, context);
  const timestamp =
    state.TimestampPath === undefined
      ? state.Timestamp
      : String(await atPath(state.TimestampPath, data, context));
  const until =
    seconds === undefined
      ? Date.parse(String(timestamp))
      : visit.enteredAt + Number(seconds) * 1000;
  const whole = seconds === undefined || (Number.isInteger(seconds) && Number(seconds) >= 0);
  if (!Number.isFinite(until) || !whole) {
    throw new StateFailure("States.Runtime", `The state ${visit.name} has no time to wait for.`);
  }
  await pause(until - run.now(), signal);
}

async function failureOf(state: State, input: Json, visit: Visit): Promise<StateFailure> {
  const context = contextOf(visit);
  const text = async (fixed: string | undefined, path: string | undefined) => {
    if (path === undefined) return fixed ?? "";
    if (path.startsWith("States.")) {
      const filled = await fillIn({ "text.$": path }, input, context);
      return String((filled as { text: Json }).text);
    }
    return String(await atPath(path, input, context));
  };
  return new StateFailure(
    await text(state.Error, state.ErrorPath),
    await text(state.Cause, state.CausePath),
  );
}
