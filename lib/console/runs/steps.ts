import type { Run } from "../../data/runs.ts";
import {
  atWorkOn,
  type Doing,
  doingOf,
  type InTheWay,
  inTheWayOf,
} from "../../review/people/acts.ts";
import type { Begun } from "../../review/steer/run-standing.ts";
import type { Machine, Services, StepEvent } from "../../services/services.ts";
import type { Because } from "../../speech/refused.ts";
import type { Definition } from "../machine/asl.ts";
import { describeFault } from "../noted.ts";

/** An execution as its picture shows it. */
export interface Watched {
  readonly machine: Machine;
  readonly definition: Definition;
  readonly alive: boolean;
  readonly doing: Doing;
  /** Beside what the run does not go on. */
  readonly inTheWay: InTheWay | undefined;
  /** Whether nothing of the run was begun since, as far as its log tells. */
  readonly latest: boolean;
  /** Where and why it failed, if it did. */
  readonly failure: (Because & { readonly step: string }) | undefined;
  /** The state it is in; of one that is over, the last one it was in. */
  readonly current: string | undefined;
  /** States that it came through, as far back as was looked. */
  readonly passed: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  /** What happened last, the latest first. */
  readonly events: readonly StepEvent[];
}

/** So many events are looked at: a wave is about thirty, so it is the last ones of a long run. */
const lookedBack = 500;

/** The execution that works on a run now; else the one that did last, as far as the run tells. */
export async function watchedOf(
  { workflow }: Pick<Services, "workflow">,
  run: Run,
  begun: readonly Begun[],
): Promise<Watched | undefined> {
  try {
    return await watch(workflow, run, begun);
  } catch (error) {
    // Step Functions may be busy or away: what the database tells of the run is shown all the same.
    console.error(`console: the workflow could not be asked: ${describeFault(error)}`);
    return undefined;
  }
}

/** Whether a run goes on as far as its own row tells, where the workflow cannot be asked: nothing is begun beside it. */
export const seemsAlive = ({ status }: Pick<Run, "status">): boolean =>
  status === "running" || status === "waiting";

async function watch(
  workflow: Services["workflow"],
  run: Run,
  begun: readonly Begun[],
): Promise<Watched> {
  const underWay = await workflow.underWay();
  const atWork = atWorkOn(underWay, run.id);
  const inTheWay = inTheWayOf(underWay, run.id);
  if (atWork !== undefined)
    return look(workflow, { ...atWork, inTheWay, alive: true, latest: true });
  for (const [place, { machine, name }] of begun.entries()) {
    if (name === undefined) continue;
    const each = { machine, name };
    const doing = doingOf(each, run.id);
    const found = await look(workflow, {
      ...{ machine, executionArn: workflow.arnOf(each), doing },
      ...{ alive: false, inTheWay },
      latest: place === 0,
    });
    // A step that was done alone has done what it was asked for: the run itself tells more.
    if (found.events.length > 0 && (doing !== "step" || found.failure !== undefined)) return found;
  }
  return look(workflow, {
    ...{ machine: "migration", executionArn: run.execution_arn, doing: "run" },
    ...{ alive: false, inTheWay },
    latest: begun.length === 0,
  });
}

interface Execution {
  readonly machine: Machine;
  readonly executionArn: string | null;
  readonly doing: Doing;
  readonly inTheWay: InTheWay | undefined;
  readonly alive: boolean;
  readonly latest: boolean;
}

async function look(
  workflow: Services["workflow"],
  { machine, executionArn, ...is }: Execution,
): Promise<Watched> {
  const [definition, events] = await Promise.all([
    workflow.definition(machine),
    executionArn === null ? [] : stepsOf(workflow, executionArn),
  ]);
  return seen({ machine, ...is }, JSON.parse(definition) as Definition, events);
}

/** An execution that Step Functions no longer knows has no steps to show. */
export const stepsOf = (
  workflow: Services["workflow"],
  executionArn: string,
  most = lookedBack,
): Promise<readonly StepEvent[]> =>
  workflow.steps(executionArn, most).catch((error) => {
    const { name } = error as Error;
    if (name === "ExecutionDoesNotExist" || name === "InvalidArn") return [];
    throw error;
  });

/** What the events say of the states that a machine has; what happens inside a Map is the Map's. */
export function seen(
  is: Pick<Watched, "machine" | "alive" | "doing" | "inTheWay" | "latest">,
  definition: Definition,
  events: readonly StepEvent[],
): Watched {
  const own = events.filter(({ state }) => state !== undefined && state in definition.States);
  const entered = own.filter(({ type }) => type.endsWith("StateEntered"));
  const passed = own.filter(({ type }) => type.endsWith("StateExited"));
  return {
    ...is,
    definition,
    failure: failureIn(events),
    current: entered[0]?.state,
    passed: new Set(passed.map(({ state }) => state as string)),
    failed: new Set(failures(events)),
    events,
  };
}

/**
 * How it ended, if it failed: the step is the one that failed with the very error, before whoever was told of it. Of a
 * wave inside a run that is the error of the state that waited for it; why is said by the wave itself.
 */
function failureIn(events: readonly StepEvent[]): Watched["failure"] {
  const [end, ...before] = events;
  if (end?.because === undefined) return undefined;
  const { because } = end;
  const [at = 0] = before.flatMap(({ error }, place) => (error === end.error ? [place] : []));
  const step = before
    .slice(at)
    .find(({ type, state }) => type.endsWith("StateEntered") && state !== undefined)?.state;
  return { ...because, step: step ?? "" };
}

/** States in which something failed: the one entered before the failure, going back from it. */
function failures(events: readonly StepEvent[]): string[] {
  return events.flatMap(({ error }, index) => {
    if (error === undefined) return [];
    const before = events.slice(index).find(({ type }) => type.endsWith("StateEntered"));
    return before?.state === undefined ? [] : [before.state];
  });
}

/** What an execution was given and gave back in a state, the last time; and what happened there. */
export function stepOf(watched: Watched, name: string) {
  const { events } = watched;
  const left = events.findIndex(
    ({ type, state }) => state === name && type.endsWith("StateExited"),
  );
  const begun = events.findIndex(
    ({ type, state }) => state === name && type.endsWith("StateEntered"),
  );
  if (begun < 0) return undefined;
  const over = left >= 0 && left < begun;
  const of = events.slice(over ? left : 0, begun + 1).toReversed();
  const [first, last] = [of[0], of.at(-1)];
  return {
    input: shown(events[begun]?.input),
    output: over ? shown(events[left]?.output) : undefined,
    events: of,
    seconds:
      over && first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 1_000 : undefined,
  };
}

/** A value by where it stands in what a state was given: `counts.rows`. */
export type Shown = readonly [path: string, value: string | boolean | null];

/** Values of one state that are listed. */
const mostShown = 60;

/** What JSON says, value by value: without the stamp, which only says to wavegate who asked. */
function shown(json: string | undefined): readonly Shown[] | undefined {
  if (json === undefined) return undefined;
  try {
    return valuesIn(JSON.parse(json), "").slice(0, mostShown);
  } catch {
    return undefined;
  }
}

function valuesIn(value: unknown, path: string): readonly Shown[] {
  if (typeof value !== "object" || value === null)
    return [[path, typeof value === "boolean" || value === null ? value : String(value)]];
  return Object.entries(value)
    .filter(([key]) => key !== "stamp")
    .flatMap(([key, inner]) => valuesIn(inner, path === "" ? key : `${path}.${key}`));
}
