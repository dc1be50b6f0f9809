import type { AslDefinition, Json, State, States } from "./asl.ts";
import { functionOf } from "./names.ts";
import { parseResource } from "./resource.ts";
import { OPEN_SUBSTITUTION } from "./substitute.ts";
import { invalid, unsupported } from "./validate.ts";
import { eachText, groupsOf, type Located, statesOf, targetsOf } from "./walk.ts";

export { substitute } from "./substitute.ts";

/** The names that a machine may call. */
export interface Known {
  functions: string[];
  machines: string[];
}

/**
 * What is wrong with a state machine, in sentences; an empty list when nothing is. Beyond what AWS
 * would refuse it finds what AWS would take and what then hurts at run time.
 */
export function lintStateMachine(definition: AslDefinition, known: Known): string[] {
  const states = statesOf(definition);
  const problems = [
    ...invalid(definition),
    ...unsupported(definition),
    ...openSubstitutions(definition),
    ...groupsOf(definition).flatMap(unreachable),
    ...duplicateNames(states),
    ...states.flatMap((located) => [
      ...timeouts(located),
      ...unknownCalls(located, known),
      ...retries(located),
      ...templates(located),
      ...wildcards(located),
    ]),
  ];
  return [...new Set(problems)];
}

function openSubstitutions(definition: AslDefinition): string[] {
  const open = new Set<string>();
  eachText(definition, (text) => {
    for (const name of text.match(OPEN_SUBSTITUTION) ?? []) open.add(name);
  });
  return [...open].map((name) => `The substitution ${name} has no value.`);
}

function unreachable(group: States): string[] {
  const reached = new Set<string>();
  const visit = (name: string) => {
    const state = Object.hasOwn(group.States, name) ? group.States[name] : undefined;
    if (!state || reached.has(name)) return;
    reached.add(name);
    for (const target of targetsOf(state)) visit(target);
  };
  visit(group.StartAt);
  return Object.keys(group.States)
    .filter((name) => !reached.has(name))
    .map((name) => `State ${name} is not reachable.`);
}

function duplicateNames(states: Located[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of states) {
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return [...twice].map((name) => `More than one state is named ${name}.`);
}

function timeouts({ name, state }: Located): string[] {
  if (state.Type !== "Task") return [];
  if (state.TimeoutSeconds !== undefined || state.TimeoutSecondsPath !== undefined) return [];
  return String(state.Resource).endsWith(".waitForTaskToken")
    ? [`The task ${name} waits for a token and has no TimeoutSeconds: it could wait for a year.`]
    : [`The task ${name} has no TimeoutSeconds.`];
}

function unknownCalls({ name, state }: Located, known: Known): string[] {
  if (state.Type !== "Task") return [];
  const called = calledBy(state);
  if (!called) return [];
  const { kind, target } = called;
  const list = kind === "function" ? known.functions : known.machines;
  if (target === undefined) return [`The task ${name} does not name the ${kind} it calls.`];
  return list.includes(target)
    ? []
    : [`The task ${name} calls the ${kind} ${target}, which is not known.`];
}

/** The function or machine a task calls; undefined when it is chosen by a path at run time. */
function calledBy(
  state: State,
): { kind: "function" | "machine"; target: string | undefined } | undefined {
  const parameters = (state.Parameters ?? {}) as Record<string, Json>;
  const named = (field: string) => {
    const value = parameters[field];
    return typeof value === "string" ? value : undefined;
  };
  let resource: ReturnType<typeof parseResource>;
  try {
    resource = parseResource(String(state.Resource));
  } catch {
    return undefined;
  }
  if (resource.kind === "bare") return { kind: "function", target: resource.function };
  if (resource.kind === "execution") {
    if ("StateMachineArn.$" in parameters) return undefined;
    return { kind: "machine", target: named("StateMachineArn")?.split(":").at(-1) };
  }
  if ("FunctionName.$" in parameters) return undefined;
  const target = named("FunctionName");
  return { kind: "function", target: target === undefined ? undefined : functionOf(target) };
}

function retries({ name, state }: Located): string[] {
  const all = (state.Retry ?? []).some((retrier) => retrier.ErrorEquals?.includes("States.ALL"));
  return all
    ? [`The state ${name} retries States.ALL: name the errors that a retry can mend.`]
    : [];
}

const TEMPLATES = ["Parameters", "ItemSelector", "ResultSelector"] as const;

function templates({ name, state }: Located): string[] {
  const problems: string[] = [];
  for (const template of TEMPLATES) {
    eachText(state[template], (text, field) => {
      const isPath = /^\$(\$?[.[]|\$?$)/.test(text);
      const isCall = /^States\.\w+\(.*\)$/s.test(text);
      if (field.endsWith(".$") && !isPath && !isCall) {
        problems.push(
          `${template} of ${name} has ${field}, but "${text}" is no path and no function.`,
        );
      } else if (!field.endsWith(".$") && (isPath || isCall)) {
        problems.push(
          `${template} of ${name} passes the text "${text}" as it is: the field ${field} lacks the ending ".$".`,
        );
      }
    });
  }
  return problems;
}

const PATH_FIELDS = ["InputPath", "OutputPath", "ItemsPath", "Variable"];

/** AWS gives a list for a path with wildcards; the interpreter here gives nothing when it is empty. */
function wildcards({ name, state }: Located): string[] {
  const problems = new Set<string>();
  const own = { ...state, Branches: undefined, Iterator: undefined, ItemProcessor: undefined };
  eachText(own, (text, field) => {
    const isPath = field.endsWith(".$") || field.endsWith("Path") || PATH_FIELDS.includes(field);
    if (isPath && /^\$/.test(text) && /\.\.|\*|\[\?|\[[^\]'"]*[:,]/.test(text)) {
      problems.add(
        `${name} uses the path ${text}: paths with wildcards, slices or filters give other results here than on AWS when they match one thing or none.`,
      );
    }
  });
  return [...problems];
}
