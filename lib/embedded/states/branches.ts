import { insideOf, type Json, MAP_CONCURRENCY, type State, type States } from "./asl.ts";
import { Interrupted, StateFailure } from "./errors.ts";
import { atPath, fillIn, withinLimit } from "./evaluate.ts";
import { attemptKey, contextOf, type Frame, type Visit } from "./run.ts";

/** Runs a group of states to its end: the interpreter, handed in. */
type RunStates = (states: States, input: Json, frame: Frame) => Promise<Json>;

/** Runs a Map's iterations, at most 40 at a time; the first failure stops the others. */
export async function runMap(
  state: State,
  input: Json,
  visit: Visit,
  runStates: RunStates,
): Promise<Json> {
  const { run } = visit.frame;
  const key = attemptKey(visit);
  const context = contextOf(visit);
  const data = await atPath(state.InputPath, input, context);
  const items = await atPath(state.ItemsPath, data, context);
  if (!Array.isArray(items)) {
    throw new StateFailure("States.Runtime", `The items of the Map ${visit.name} are no list.`);
  }
  const width = await concurrency(state, data, visit);
  const { scope } = visit.frame;
  await run.emit({ type: "MapStateStarted", key, scope, details: { length: items.length } });
  const iterate = async (index: number, signal: AbortSignal) => {
    const map = { Item: { Index: index, Value: items[index] as Json } };
    const selector = state.ItemSelector ?? state.Parameters;
    const item =
      selector === undefined
        ? map.Item.Value
        : await fillIn(selector, data, { ...context, Map: map });
    withinLimit(item, `input of iteration ${index} of the Map ${visit.name}`);
    const frame = { ...visit.frame, scope: `${key}[${index}]`, top: false, signal, map };
    const inside = () => runStates(insideOf(state), item, frame);
    return iteration(inside, frame, scope, { name: visit.name, index });
  };
  return reported(visit, "Map", () => each(items.length, width, visit.frame.signal, iterate));
}

/** Runs the branches of a Parallel; the first failure stops the others. */
export async function runParallel(
  state: State,
  input: Json,
  visit: Visit,
  runStates: RunStates,
): Promise<Json> {
  const { run } = visit.frame;
  const key = attemptKey(visit);
  const context = contextOf(visit);
  const data = await fillIn(
    state.Parameters,
    await atPath(state.InputPath, input, context),
    context,
  );
  withinLimit(data, `input of the state ${visit.name}`);
  const branches = state.Branches ?? [];
  await run.emit({ type: "ParallelStateStarted", key, scope: visit.frame.scope });
  const branch = (index: number, signal: AbortSignal) => {
    const frame = { ...visit.frame, scope: `${key}{${index}}`, top: false, signal };
    return runStates(branches[index] as States, data, frame);
  };
  return reported(visit, "Parallel", () =>
    each(branches.length, branches.length, visit.frame.signal, branch),
  );
}

async function concurrency(state: State, data: Json, visit: Visit): Promise<number> {
  const wanted =
    state.MaxConcurrencyPath === undefined
      ? (state.MaxConcurrency ?? 0)
      : await atPath(state.MaxConcurrencyPath, data, contextOf(visit));
  if (!Number.isInteger(wanted) || Number(wanted) < 0) {
    throw new StateFailure("States.Runtime", `MaxConcurrency of ${visit.name} is no whole number.`);
  }
  return Math.min(Number(wanted) || MAP_CONCURRENCY, MAP_CONCURRENCY);
}

async function iteration(
  inside: () => Promise<Json>,
  frame: Frame,
  scope: string,
  details: { name: string; index: number },
): Promise<Json> {
  const { run, scope: key } = frame;
  await run.emit({ type: "MapIterationStarted", key, scope, details });
  try {
    const output = await inside();
    await run.emit({ type: "MapIterationSucceeded", key, scope, details });
    return output;
  } catch (thrown) {
    const type = frame.signal.aborted ? "MapIterationAborted" : "MapIterationFailed";
    await run.emit({ type, key, scope, details });
    throw thrown;
  }
}

async function reported(
  visit: Visit,
  type: "Map" | "Parallel",
  work: () => Promise<Json[]>,
): Promise<Json[]> {
  const { run } = visit.frame;
  const key = attemptKey(visit);
  try {
    const results = await work();
    await run.emit({ type: `${type}StateSucceeded`, key, scope: visit.frame.scope });
    return results;
  } catch (thrown) {
    visit.failedInside = thrown instanceof StateFailure;
    throw thrown;
  }
}

/**
 * Works through the indexes in order, several at a time. After a failure no further one is
 * started, those under way are aborted and waited for, and the first failure is thrown.
 */
async function each(
  count: number,
  width: number,
  outer: AbortSignal,
  work: (index: number, signal: AbortSignal) => Promise<Json>,
): Promise<Json[]> {
  const siblings = new AbortController();
  const signal = AbortSignal.any([outer, siblings.signal]);
  const results: Json[] = new Array(count).fill(null);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count && !signal.aborted) {
      const index = next++;
      try {
        results[index] = await work(index, signal);
      } catch (thrown) {
        failures.push(thrown);
        siblings.abort(new Interrupted({ kind: "sibling-failed" }));
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (outer.aborted) throw outer.reason;
  if (failures.length > 0) throw failures[0];
  return results;
}
