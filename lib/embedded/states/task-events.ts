import type { Json } from "./asl.ts";
import { failureDetails } from "./endings.ts";
import type { Outcome } from "./journal.ts";
import type { Resource } from "./resource.ts";
import type { Run } from "./run.ts";
import type { TaskCall } from "./task-call.ts";

/** Writes a task's events under the names that AWS gives them. */
export interface TaskEvents {
  /** The type of the first event, which says when the task was scheduled. */
  scheduled: string;
  /** The task is scheduled and started: two events in one write. */
  schedule(call: TaskCall): Promise<void>;
  submit(output: Json): Promise<void>;
  end(outcome: Outcome): Promise<void>;
}

const ENDINGS = { succeeded: "Succeeded", failed: "Failed", "timed-out": "TimedOut" } as const;

/** The events of one attempt; functions called by ARN have names of their own. */
export function startTaskEvents(
  run: Run,
  resource: Resource,
  key: string,
  scope: string,
): TaskEvents {
  const bare = resource.kind === "bare";
  const prefix = bare ? "LambdaFunction" : "Task";
  const about: { [field: string]: Json } = bare
    ? {}
    : { resourceType: resource.type, resource: resource.name };
  const emit = (type: string, details: { [field: string]: Json }) =>
    run.emit({ type: `${prefix}${type}`, key, scope, details });
  return {
    scheduled: `${prefix}Scheduled`,
    schedule: async (call) => {
      await Promise.all([
        emit("Scheduled", { ...about, ...scheduling(run, call) }),
        emit("Started", about),
      ]);
    },
    submit: (output) => emit("Submitted", { ...about, output: JSON.stringify(output) }),
    end: (outcome) =>
      emit(
        ENDINGS[outcome.kind],
        outcome.kind === "succeeded"
          ? { ...about, output: JSON.stringify(outcome.output) }
          : { ...about, ...failureDetails(outcome.error, outcome.cause) },
      ),
  };
}

function scheduling(run: Run, call: TaskCall): { [field: string]: Json } {
  const text = JSON.stringify(call.parameters);
  if (call.resource.kind === "bare") {
    return { resource: `function:${call.resource.function}`, input: text };
  }
  return {
    region: run.region,
    // Who holds the token can decide: it is not written down (AWS does show it here).
    parameters: call.token === undefined ? text : text.replaceAll(call.token, "(task token)"),
    ...(call.timeoutSeconds === undefined ? {} : { timeoutInSeconds: call.timeoutSeconds }),
    ...(call.heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: call.heartbeatSeconds }),
  };
}
