/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A retrier of a state, with AWS's defaults where a field is missing. */
export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: "NONE" | "FULL";
}

/** A catcher of a state. */
export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  ResultPath?: string | null;
}

/** The kinds of state of the Amazon States Language. */
type StateType = "Task" | "Parallel" | "Map" | "Pass" | "Wait" | "Choice" | "Succeed" | "Fail";

/** One state, JSONPath flavour. Fields that a type does not have are simply absent. */
export interface State {
  Type: StateType;
  Next?: string;
  End?: boolean;
  InputPath?: string | null;
  Parameters?: Json;
  ResultSelector?: Json;
  ResultPath?: string | null;
  OutputPath?: string | null;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Resource?: string;
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  HeartbeatSeconds?: number;
  HeartbeatSecondsPath?: string;
  Result?: Json;
  Choices?: { [field: string]: Json }[];
  Default?: string;
  Seconds?: number;
  SecondsPath?: string;
  Timestamp?: string;
  TimestampPath?: string;
  Error?: string;
  Cause?: string;
  ErrorPath?: string;
  CausePath?: string;
  Branches?: States[];
  Iterator?: States;
  ItemProcessor?: States;
  ItemSelector?: Json;
  ItemsPath?: string;
  MaxConcurrency?: number;
  MaxConcurrencyPath?: string;
  [field: string]: unknown;
}

/** A group of states with an entry: a machine, a branch of a Parallel or the inside of a Map. */
export interface States {
  StartAt: string;
  States: Record<string, State>;
  [field: string]: unknown;
}

/** A state machine as read from an `.asl.yaml` file, substitutions done. */
export interface AslDefinition extends States {
  Comment?: string;
  TimeoutSeconds?: number;
}

/** AWS's limit for the data of a state, a task result or an execution: bytes of UTF-8. */
export const PAYLOAD_LIMIT_BYTES = 262_144;

/** AWS's limit for the events of one execution. */
export const HISTORY_LIMIT_EVENTS = 25_000;

/** AWS's ceiling for iterations of an inline Map under way at once. */
export const MAP_CONCURRENCY = 40;

/** The inside of a Map, under its present or its older name. */
export function insideOf(map: State): States {
  const inside = map.ItemProcessor ?? map.Iterator;
  if (!inside) throw new TypeError("A Map state has neither ItemProcessor nor Iterator.");
  return inside;
}
