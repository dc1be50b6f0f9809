import {
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateListExecutions,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { readError } from "./inputs.ts";
import type { Machine, StepEvent, UnderWay, Workflow } from "./services.ts";

/**
 * Executions of these work on a run. A wave is begun alone, too; where it is a step of the migration's, that one comes
 * first and is the one that is shown.
 */
export const machinesAtWork: readonly Machine[] = ["migration", "rollback", "wave"];

/** Step Functions, looked at and never told anything. */
export function openWorkflow(states: SFNClient, machines: Record<Machine, string>): Workflow {
  return {
    definition: async (machine) => {
      const { definition } = await states.send(
        new DescribeStateMachineCommand({ stateMachineArn: machines[machine] }),
      );
      return definition ?? "{}";
    },
    underWay: async () => {
      const found: UnderWay[] = [];
      for (const machine of machinesAtWork) {
        const pages = paginateListExecutions(
          { client: states },
          { stateMachineArn: machines[machine], statusFilter: "RUNNING" },
        );
        for await (const { executions = [] } of pages) {
          found.push(
            ...executions.map(({ name = "", executionArn = "" }) => ({
              machine,
              name,
              executionArn,
            })),
          );
        }
      }
      return found;
    },
    arnOf: ({ machine, name }) =>
      `${machines[machine].replace(":stateMachine:", ":execution:")}:${name}`,
    steps: async (executionArn, most) => {
      const { events = [] } = await states.send(
        new GetExecutionHistoryCommand({
          executionArn,
          reverseOrder: true,
          includeExecutionData: true,
          maxResults: most,
        }),
      );
      return events.map(stepEvent);
    },
  };
}

/**
 * What a step was given and gave back are ids, counts and digests (W14). What was handed to a function is left
 * out: there a task's token stands, with which anybody could answer.
 */
function stepEvent(event: HistoryEvent): StepEvent {
  const { stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
  const failed =
    event.taskFailedEventDetails ??
    event.lambdaFunctionFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails;
  const ended = event.type === "ExecutionFailed" || event.type === "ExecutionTimedOut";
  // Neither of a time-out nor of every failure an error is named.
  const unnamed = event.type === "ExecutionTimedOut" ? "States.Timeout" : event.type;
  const { error = unnamed ?? "", cause = "" } = failed ?? {};
  return {
    id: event.id ?? 0,
    at: (event.timestamp ?? new Date(0)).toISOString(),
    type: event.type ?? "",
    state: entered?.name ?? exited?.name,
    input: entered?.input,
    output: exited?.output,
    error: failed?.error ?? (ended ? error : undefined),
    because: ended ? readError({ Error: error, Cause: cause }) : undefined,
  };
}
