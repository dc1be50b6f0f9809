import type { Json } from "./asl.ts";
import type { Ending } from "./endings.ts";
import type { Execution } from "./execution.ts";
import type { Outcome } from "./journal.ts";

/** Milliseconds as AWS's JSON protocol writes a moment: seconds. */
export function moment(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** The answer of `DescribeExecution`; without its data only what was not said is said. */
export function describeExecution(
  execution: Execution,
  withData: boolean,
): Record<string, unknown> {
  const { ending } = execution;
  const said = (field: string, value: string | undefined) =>
    value === undefined
      ? {}
      : { ...(withData ? { [field]: value } : {}), [`${field}Details`]: { included: withData } };
  return {
    ...summary(execution),
    ...said("input", execution.inputText),
    ...said("output", ending?.output),
    error: ending?.error,
    cause: ending?.cause,
    ...redriveStatus(execution),
  };
}

/** An entry of `ListExecutions`. */
export function summary(execution: Execution): Record<string, unknown> {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: moment(execution.startedAt),
    stopDate: moment(execution.ending?.at),
    redriveCount: execution.redriveCount,
    redriveDate: moment(execution.redrivenAt),
  };
}

function redriveStatus(execution: Execution): Record<string, string> {
  const { status } = execution;
  if (status === "RUNNING" || status === "SUCCEEDED") {
    return {
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: `Execution is ${status} and cannot be redriven`,
    };
  }
  return { redriveStatus: "REDRIVABLE" };
}

/** How a child's end looks to the `startExecution.sync:2` that waited for it. */
export function childOutcome(execution: Execution, ending: Ending): Outcome {
  const about = {
    ExecutionArn: execution.arn,
    InputDetails: { Included: true },
    Name: execution.name,
    RedriveCount: execution.redriveCount,
    StartDate: execution.startedAt,
    StateMachineArn: execution.machine.arn,
    Status: ending.status,
    StopDate: ending.at,
  };
  if (ending.status !== "SUCCEEDED") {
    const why = {
      ...(ending.error === undefined ? {} : { Error: ending.error }),
      ...(ending.cause === undefined ? {} : { Cause: ending.cause }),
    };
    const cause = JSON.stringify({ ...about, Input: execution.inputText, ...why });
    return { kind: "failed", error: "States.TaskFailed", cause };
  }
  return {
    kind: "succeeded",
    output: {
      ...about,
      Input: JSON.parse(execution.inputText) as Json,
      Output: JSON.parse(String(ending.output)) as Json,
      OutputDetails: { Included: true },
    },
  };
}
