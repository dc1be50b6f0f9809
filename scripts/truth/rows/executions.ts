import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { type Aws, errorOf, type Row, type ScratchMachines } from "../row.ts";

/** What the two machines do; Step Functions itself does it all, nothing is called. */
export const scratchDefinitions: Readonly<Record<keyof ScratchMachines, object>> = {
  steps: {
    StartAt: "Which",
    TimeoutSeconds: 3600,
    States: {
      Which: {
        Type: "Choice",
        Choices: [
          { Variable: "$.do", StringEquals: "wait", Next: "Wait" },
          { Variable: "$.do", StringEquals: "fail", Next: "Fail" },
        ],
        Default: "Done",
      },
      Wait: { Type: "Wait", Seconds: 3600, Next: "Done" },
      Fail: { Type: "Fail", Error: "Meant", Cause: "as asked" },
      Done: { Type: "Pass", End: true },
    },
  },
  late: {
    StartAt: "Wait",
    TimeoutSeconds: 1,
    States: { Wait: { Type: "Wait", Seconds: 3600, End: true } },
  },
};

const everyMs = 250;

async function start(aws: Aws, which: keyof ScratchMachines, input: object, name?: string) {
  const stateMachineArn = aws.scratch?.machines?.[which];
  const { executionArn } = await aws.states.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name }),
  );
  return executionArn;
}

async function ended(aws: Aws, executionArn: string | undefined) {
  for (;;) {
    const found = await aws.states.send(new DescribeExecutionCommand({ executionArn }));
    if (found.status !== "RUNNING") return found;
    await sleep(everyMs);
  }
}

async function events(aws: Aws, executionArn: string | undefined) {
  const { events: all = [] } = await aws.states.send(
    new GetExecutionHistoryCommand({ executionArn }),
  );
  return all.map(({ id, previousEventId, type }) => `${previousEventId} → ${id} ${type}`);
}

const stop = (aws: Aws, executionArn: string | undefined) =>
  aws.states.send(new StopExecutionCommand({ executionArn, error: "Stopped", cause: "by hand" }));

const needs = "scratch machines";

/** What becomes of executions, in machines made for it. */
export const executions: readonly Row[] = [
  {
    asks: "an execution that succeeds",
    call: "DescribeExecution",
    known: "documented",
    needs,
    ask: async (aws) => {
      const { status, output, error } = await ended(aws, await start(aws, "steps", { do: "it" }));
      return { status, output: JSON.parse(output ?? ""), error: error ?? null };
    },
    answers: { status: "SUCCEEDED", output: { do: "it" }, error: null },
  },
  {
    asks: "its history, by what came before each event",
    call: "GetExecutionHistory",
    known: "recorded",
    needs,
    ask: async (aws) => {
      const arn = await start(aws, "steps", { do: "it" });
      await ended(aws, arn);
      return events(aws, arn);
    },
    answers: [
      "0 → 1 ExecutionStarted",
      "0 → 2 ChoiceStateEntered",
      "2 → 3 ChoiceStateExited",
      "3 → 4 PassStateEntered",
      "4 → 5 PassStateExited",
      "5 → 6 ExecutionSucceeded",
    ],
  },
  {
    asks: "an execution that fails by itself",
    call: "DescribeExecution",
    known: "recorded",
    needs,
    ask: async (aws) => {
      const { status, error, cause } = await ended(aws, await start(aws, "steps", { do: "fail" }));
      return { status, error, cause };
    },
    answers: { status: "FAILED", error: "Meant", cause: "as asked" },
  },
  {
    asks: "a start that is asked for twice while it runs, and once with another input",
    call: "StartExecution",
    known: "documented",
    needs,
    ask: async (aws) => {
      const name = `truth-${Date.now()}`;
      const first = await start(aws, "steps", { do: "wait" }, name);
      const again = await start(aws, "steps", { do: "wait" }, name);
      const other = await errorOf(start(aws, "steps", { do: "other" }, name));
      await stop(aws, first);
      const later = await errorOf(start(aws, "steps", { do: "wait" }, name));
      return { again: again === first ? "the same" : "another", other, later };
    },
    answers: {
      again: "the same",
      other: "ExecutionAlreadyExists",
      later: "ExecutionAlreadyExists",
    },
  },
  {
    asks: "an execution that is stopped, twice",
    call: "StopExecution",
    known: "assumed",
    needs,
    ask: async (aws) => {
      const arn = await start(aws, "steps", { do: "wait" });
      await stop(aws, arn);
      const { status, error, cause } = await ended(aws, arn);
      return { status, error, cause, again: await errorOf(stop(aws, arn)) };
    },
    answers: { status: "ABORTED", error: "Stopped", cause: "by hand", again: "no error" },
  },
  {
    asks: "an execution past its machine's time",
    call: "GetExecutionHistory",
    known: "assumed",
    needs,
    ask: async (aws) => {
      const arn = await start(aws, "late", {});
      const { status, error } = await ended(aws, arn);
      return { status, error: error ?? null, events: await events(aws, arn) };
    },
    // That the end follows no event is recorded of an abort alone.
    answers: {
      status: "TIMED_OUT",
      error: null,
      events: ["0 → 1 ExecutionStarted", "0 → 2 WaitStateEntered", "0 → 3 ExecutionTimedOut"],
    },
  },
  {
    asks: "what runs of a machine, the latest first",
    call: "ListExecutions",
    known: "documented",
    needs,
    ask: async (aws) => {
      const [one, two] = [
        await start(aws, "steps", { do: "wait" }),
        await start(aws, "steps", { do: "wait" }),
      ];
      const { executions: found = [] } = await aws.states.send(
        new ListExecutionsCommand({
          stateMachineArn: aws.scratch?.machines?.steps,
          statusFilter: "RUNNING",
        }),
      );
      for (const arn of [one, two]) await stop(aws, arn);
      return found.slice(0, 2).map(({ executionArn }) => (executionArn === two ? "two" : "one"));
    },
    answers: ["two", "one"],
  },
];
