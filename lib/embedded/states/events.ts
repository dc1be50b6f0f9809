import type { Json } from "./asl.ts";

/** What is known about an execution from its first line on. */
export interface Birth {
  arn: string;
  name: string;
  machine: string;
  machineArn: string;
  /** Digest of the definition the execution was started with and keeps for life. */
  definition: string;
  /** The execution that started this one, and the place in it: how it finds its child again. */
  parent?: { arn: string; key: string };
}

/** An event about to be added to an execution's history. */
export interface NewEvent {
  /** AWS's name of the event. */
  type: string;
  /** Where in the execution it happened; the same place has the same key after a restart. */
  key: string;
  details?: { [field: string]: Json };
  /** The branch of a Parallel or iteration of a Map that the event happened in; absent outside. */
  scope?: string;
  /** The event belongs to the outermost states, at one of which an execution is resumed. */
  top?: boolean;
  /** On leaving a state: the next one, or null at the end. */
  next?: string | null;
  birth?: Birth;
}

/** A line of an execution's log: an event of its history with what only the stand-in needs. */
export interface LoggedEvent extends NewEvent {
  id: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** The field that AWS puts the details of an event into. */
function detailsField(type: string): string {
  const state = /^[A-Z][a-z]+State(Entered|Exited)$/.exec(type)?.[1];
  if (state) return `state${state}EventDetails`;
  return `${type[0]?.toLowerCase()}${type.slice(1)}EventDetails`;
}

const DATA_FIELDS = ["input", "output", "parameters"];

/** The event as `GetExecutionHistory` shows it; `previous` is the id of the event that led to it. */
export function shownEvent(
  event: LoggedEvent,
  previous: number,
  withData: boolean,
): Record<string, unknown> {
  const details = Object.entries(event.details ?? {}).filter(
    ([field]) => withData || !DATA_FIELDS.includes(field),
  );
  for (const field of ["input", "output"]) {
    if (withData && typeof event.details?.[field] === "string") {
      details.push([`${field}Details`, { truncated: false }]);
    }
  }
  return {
    timestamp: event.at / 1000,
    type: event.type,
    id: event.id,
    previousEventId: previous,
    ...(event.details ? { [detailsField(event.type)]: Object.fromEntries(details) } : {}),
  };
}
