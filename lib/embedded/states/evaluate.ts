import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import { type Json, PAYLOAD_LIMIT_BYTES, type State } from "./asl.ts";
import { StateFailure } from "./errors.ts";

/**
 * What a state does with its data is decided by aws-local-stepfunctions: paths, payload templates,
 * intrinsic functions, choice rules. It gets one small machine at a time, because run as a whole
 * it knows neither heartbeats, stops, limits nor restarts, and
 *  - replaces `$$.Execution.Input` in every nested machine (so the context is passed under a name
 *    of our own, and paths are pointed there),
 *  - finds nothing at `$` when the data is 0, false, "" or null (so such data is passed in the
 *    context),
 *  - ignores a falsy `Result`, reads the ResultPath `$` as a field, never matches
 *    `IsPresent: false`, and finds a text below a number (each is put in words that it understands).
 */

/** The context object, `$$`. */
export type Context = { [field: string]: unknown };

/** The data at a path; nothing given means all of it, null an empty object. */
export async function atPath(path: string | null | undefined, data: Json, context: Context) {
  if (path === undefined || path === "$") return data;
  if (path === null) return {};
  return evaluate({ Type: "Pass", InputPath: aim(path, data) }, data, context);
}

/** A payload template (Parameters, ResultSelector, ItemSelector) filled in from the data. */
export async function fillIn(template: Json | undefined, data: Json, context: Context) {
  if (template === undefined) return data;
  return evaluate({ Type: "Pass", Parameters: aimTemplate(template, data) }, data, context);
}

/** The state's input with its result put where ResultPath says. */
export async function place(path: string | null | undefined, input: Json, result: Json) {
  if (path === undefined || path === "$") return result;
  if (path === null) return input;
  const ResultPath = path.replace(/^\$\[/, "$.[");
  return evaluate({ Type: "Task", Resource: "", ResultPath }, input, {}, () => result);
}

/** The name of the state that a Choice goes to. */
export async function choose(state: State, input: Json, context: Context): Promise<string> {
  const targets: Record<string, State> = {};
  const to = (next: string) => {
    targets[`to ${next}`] = { Type: "Pass", Result: next, End: true };
    return `to ${next}`;
  };
  const choice: State = {
    Type: "Choice",
    Choices: (state.Choices ?? []).map((rule) => ({
      ...aimRule(rule, input),
      Next: to(String(rule.Next)),
    })),
    ...(state.Default === undefined ? {} : { Default: to(state.Default) }),
  };
  return String(await evaluate(choice, input, context, undefined, targets));
}

/** The size limit that AWS sets for what passes between states. Returns the JSON text. */
export function withinLimit(data: Json, what: string): string {
  const text = JSON.stringify(data);
  if (Buffer.byteLength(text) > PAYLOAD_LIMIT_BYTES) {
    throw new StateFailure(
      "States.DataLimitExceeded",
      `The ${what} is larger than the limit of ${PAYLOAD_LIMIT_BYTES} bytes.`,
    );
  }
  return text;
}

async function evaluate(
  state: State,
  data: Json,
  context: Context,
  task?: () => Json,
  others: Record<string, State> = {},
): Promise<Json> {
  const only = state.Type === "Choice" ? state : { ...state, End: true };
  const definition = { StartAt: "only", States: { ...others, only } };
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  const { result } = machine.run(data, {
    context: { Context: context, Data: data },
    overrides: task ? { taskResourceLocalHandlers: { only: task } } : {},
  });
  try {
    return (await result) as Json;
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

/** The library wraps what went wrong; anything that is not a named States error is a bug in a path. */
function asFailure(thrown: unknown): StateFailure {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const name = cause instanceof Error ? cause.name : "";
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StateFailure(name.startsWith("States.") ? name : "States.Runtime", message);
}

/** Points a path at the context or, for falsy data, at the copy in the context. */
function aim(path: string, data: Json): string {
  if (path.startsWith("$$")) return `$$.Context${path.slice(2)}`;
  return path === "$" && !data ? "$$.Data" : path;
}

/** The same inside an intrinsic function's arguments; what is quoted stays. */
function aimIntrinsic(call: string, data: Json): string {
  return call
    .split(/('(?:\\.|[^'\\])*')/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/\$\$?[^\s,()]*/g, (path) => aim(path, data)),
    )
    .join("");
}

function aimTemplate(template: Json, data: Json): Json {
  if (Array.isArray(template)) return template.map((item) => aimTemplate(item, data));
  if (template === null || typeof template !== "object") return template;
  const fields = Object.entries(template).map(([key, value]): [string, Json] => {
    if (!key.endsWith(".$") || typeof value !== "string") return [key, aimTemplate(value, data)];
    return [key, value.startsWith("$") ? aim(value, data) : aimIntrinsic(value, data)];
  });
  return Object.fromEntries(fields);
}

const TESTS = ["IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"];

function aimRule(rule: { [field: string]: Json }, data: Json): { [field: string]: Json } {
  const inner = (value: Json) => aimRule(value as { [field: string]: Json }, data);
  const aimed: { [field: string]: Json } = {};
  for (const [field, value] of Object.entries(rule)) {
    if (field === "And" || field === "Or") aimed[field] = (value as Json[]).map(inner);
    else if (field === "Not") aimed[field] = inner(value);
    else if (field === "Variable" || field.endsWith("Path"))
      aimed[field] = aim(String(value), data);
    else aimed[field] = value;
  }
  const denied = TESTS.find((test) => rule[test] === false);
  return denied ? { Not: { ...aimed, [denied]: true } } : amongItsKind(aimed);
}

/** Less and greater are said of two numbers or of two texts, and of nothing else. */
function amongItsKind(rule: { [field: string]: Json }): { [field: string]: Json } {
  const order = Object.keys(rule).find((field) => /^(String|Numeric)(Less|Greater)/.test(field));
  if (order === undefined) return rule;
  const isOfKind = order.startsWith("String") ? "IsString" : "IsNumeric";
  const compared = [rule.Variable, ...(order.endsWith("Path") ? [rule[order]] : [])];
  return { And: [...compared.map((Variable) => ({ Variable, [isOfKind]: true })), rule] as Json };
}
