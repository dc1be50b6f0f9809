import type { AslDefinition, Json } from "./asl.ts";
import type { NewEvent } from "./events.ts";
import type { Journal, Outcome } from "./journal.ts";
import type { TaskTokens } from "./tokens.ts";

/** Calls a Lambda function: `timeoutMs` is what the task has left, at most Lambda's 15 minutes. */
export type Invoke = (
  functionName: string,
  payload: unknown,
  context: { timeoutMs: number | undefined; signal: AbortSignal },
) => Promise<unknown>;

/** A child execution, as its parent sees it. */
export interface Child {
  arn: string;
  startedAt: number;
  ended: Promise<Outcome>;
  /** Resolves when the child has ended. */
  stop(): Promise<void>;
}

/** One execution as the interpreter sees it: who it is, and all that it can do to the world. */
export interface Run {
  arn: string;
  name: string;
  machine: { arn: string; name: string };
  definition: AslDefinition;
  /** ISO 8601. */
  startTime: string;
  /** The execution's input as JSON text. */
  inputText: string;
  redriveCount: number;
  region: string;
  /** What was done before the process ended, to be taken from there. */
  journal: Journal;
  tokens: TaskTokens;
  invoke: Invoke;
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Adds to the history; resolves when it is on the disk. Does nothing for an event logged before a restart.
   *
   * @param at milliseconds since 1970, where something else goes by the same moment; now, unless said
   */
  emit(event: NewEvent, at?: number): Promise<void>;
  /** Starts a child execution, or finds the one again that this place in the execution started. */
  startChild(child: {
    machineArn: string;
    input: Json;
    name: string | undefined;
    key: string;
  }): Promise<Child>;
}

/** A place in a running execution: the execution, how deep in it, and what would cut it short. */
export interface Frame {
  run: Run;
  /** Prefix of the keys of everything in this frame. */
  scope: string;
  top: boolean;
  signal: AbortSignal;
  /** `$$.Map`, inside a Map. */
  map?: { Item: { Index: number; Value: Json } };
}

/** A state being visited, in its present attempt. */
export interface Visit {
  frame: Frame;
  name: string;
  /** Same for all attempts. */
  key: string;
  attempt: number;
  /** The present attempt at a Map or Parallel began, and failed in one of its iterations or branches. */
  failedInside?: boolean;
  /** Milliseconds since 1970. */
  enteredAt: number;
}

/** The key of the visit's present attempt. */
export function attemptKey(visit: Visit): string {
  return `${visit.key}@${visit.attempt}`;
}

/** The context object, `$$`, at this place; `Input` is parsed anew each time, so nobody can change it. */
export function contextOf(visit: Visit, more: { [field: string]: unknown } = {}) {
  const { run, map } = visit.frame;
  return {
    Execution: {
      Id: run.arn,
      Name: run.name,
      RoleArn: roleArn(run.machine.arn),
      StartTime: run.startTime,
      RedriveCount: run.redriveCount,
      get Input() {
        return JSON.parse(run.inputText) as Json;
      },
    },
    StateMachine: { Id: run.machine.arn, Name: run.machine.name },
    State: {
      Name: visit.name,
      EnteredTime: new Date(visit.enteredAt).toISOString(),
      RetryCount: visit.attempt,
    },
    ...(map ? { Map: map } : {}),
    ...more,
  };
}

/** The role a machine would have on AWS; the stand-in checks no permissions. */
export function roleArn(machineArn: string): string {
  const [, , , , account, , machine] = machineArn.split(":");
  return `arn:aws:iam::${account}:role/${machine}`;
}
