import type { Json } from "./asl.ts";
import { Interrupted, StateFailure } from "./errors.ts";

/** AWS's states of an execution. */
export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** How an execution ended; `at` in milliseconds since 1970, `output` as JSON text. */
export interface Ending {
  status: Exclude<Status, "RUNNING">;
  at: number;
  output?: string;
  error?: string;
  cause?: string;
}

/** The last event of an execution. */
export interface EndEvent {
  type: string;
  details?: { [field: string]: Json };
}

/** What the last event makes of an execution. */
export const ENDINGS: Record<string, Ending["status"]> = {
  ExecutionSucceeded: "SUCCEEDED",
  ExecutionFailed: "FAILED",
  ExecutionTimedOut: "TIMED_OUT",
  ExecutionAborted: "ABORTED",
};

/** Error and cause as an event shows them: what there is none of is absent. */
export const failureDetails = (error: string, cause: string): { [field: string]: Json } => ({
  ...(error === "" ? {} : { error }),
  ...(cause === "" ? {} : { cause }),
});

/** How an execution ends whose states threw this; undefined when it is only to rest. */
export function endingOf(thrown: unknown): EndEvent | undefined {
  if (thrown instanceof StateFailure) {
    return { type: "ExecutionFailed", details: failureDetails(thrown.error, thrown.detail) };
  }
  if (!(thrown instanceof Interrupted)) return undefined;
  const { kind, ...details } = thrown.interruption;
  if (kind === "stopped") return { type: "ExecutionAborted", details };
  return kind === "timed-out" ? { type: "ExecutionTimedOut" } : undefined;
}
