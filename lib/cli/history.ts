import { GetExecutionHistoryCommand, type HistoryEvent } from "@aws-sdk/client-sfn";
import type { Aws } from "./aws.ts";

/** A step of an execution as `watch` shows it. */
export interface Step {
  readonly at: Date;
  readonly state: string;
  readonly what: "began" | "done" | "failed";
  /** The error's name, for a step that failed. */
  readonly error?: string;
}

/** Reads an execution's steps as they come: each call gives those since the call before. */
export function stepReader({ states }: Aws, executionArn: string): () => Promise<Step[]> {
  let seen = 0;
  let inMap = 0;
  let current = "";
  // A failure that was caught leaves its state too, and that is not its being done.
  let failed = false;

  const newEvents = async (): Promise<HistoryEvent[]> => {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await states.send(
        new GetExecutionHistoryCommand({
          executionArn,
          reverseOrder: true,
          includeExecutionData: false,
          maxResults: 100,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      const fresh = (page.events ?? []).filter((event) => (event.id ?? 0) > seen);
      events.push(...fresh);
      nextToken = fresh.length === (page.events ?? []).length ? page.nextToken : undefined;
    } while (nextToken !== undefined);
    events.reverse();
    seen = events.at(-1)?.id ?? seen;
    return events;
  };

  /** What happens inside a Map is the Map's progress, not steps of its own. */
  const stepsOf = (event: HistoryEvent): Step[] => {
    const at = event.timestamp ?? new Date(0);
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    switch (event.type) {
      case "MapStateEntered":
        return inMap++ === 0 ? [{ at, state: entered ?? "", what: "began" }] : [];
      case "MapStateExited":
        return --inMap === 0 ? [{ at, state: exited ?? "", what: "done" }] : [];
      case "MapStateFailed":
      case "MapStateAborted":
        inMap = Math.max(0, inMap - 1);
        return [];
      case "TaskStateEntered":
        if (inMap > 0) return [];
        current = entered ?? "";
        failed = false;
        return [{ at, state: current, what: "began" }];
      case "TaskStateExited":
        return inMap > 0 || failed ? [] : [{ at, state: exited ?? "", what: "done" }];
      case "TaskFailed":
      case "TaskTimedOut":
      case "LambdaFunctionFailed":
      case "LambdaFunctionTimedOut": {
        if (inMap > 0) return [];
        failed = true;
        const details =
          event.taskFailedEventDetails ??
          event.lambdaFunctionFailedEventDetails ??
          event.taskTimedOutEventDetails ??
          event.lambdaFunctionTimedOutEventDetails;
        return [{ at, state: current, what: "failed", error: details?.error ?? event.type }];
      }
      default:
        return [];
    }
  };

  return async () => (await newEvents()).flatMap(stepsOf);
}
