import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Aws, Row } from "../row.ts";

export const machine = ({ region, account }: Aws, name = "there-is-none") =>
  `arn:aws:states:${region}:${account}:stateMachine:${name}`;
export const execution = (aws: Aws) =>
  `${machine(aws).replace(":stateMachine:", ":execution:")}:there-is-none`;

/** What the product asks of Step Functions where nothing is, or with something that is wrong. */
export const states: readonly Row[] = [
  {
    asks: "StartExecution of a machine that is not there",
    call: "StartExecution",
    known: "recorded",
    ask: (aws) =>
      aws.states.send(new StartExecutionCommand({ stateMachineArn: machine(aws), input: "{}" })),
    answers: "StateMachineDoesNotExist",
  },
  {
    asks: "StartExecution by something that is no ARN",
    call: "StartExecution",
    known: "recorded",
    ask: (aws) => aws.states.send(new StartExecutionCommand({ stateMachineArn: "no arn" })),
    answers: "InvalidArn",
  },
  {
    asks: "StartExecution under a name with a space",
    call: "StartExecution",
    known: "documented",
    ask: (aws) =>
      aws.states.send(new StartExecutionCommand({ stateMachineArn: machine(aws), name: "a b" })),
    answers: "InvalidName",
  },
  {
    asks: "StartExecution under a name of 81 characters",
    call: "StartExecution",
    known: "documented",
    ask: (aws) => {
      const name = "x".repeat(81);
      return aws.states
        .send(new StartExecutionCommand({ stateMachineArn: machine(aws), name }))
        .catch((error: Error) => [error.name, error.message.replace(name, "…")]);
    },
    answers: [
      "ValidationException",
      "1 validation error detected: Value '…' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80",
    ],
  },
  {
    asks: "StartExecution of nothing",
    call: "StartExecution",
    known: "documented",
    ask: (aws) =>
      aws.states
        .send(new StartExecutionCommand({ stateMachineArn: undefined }))
        .catch((error: Error) => [error.name, error.message]),
    answers: [
      "ValidationException",
      "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
    ],
  },
  {
    asks: "DescribeStateMachine of a machine that is not there",
    call: "DescribeStateMachine",
    known: "recorded",
    ask: (aws) =>
      aws.states.send(new DescribeStateMachineCommand({ stateMachineArn: machine(aws) })),
    answers: "StateMachineDoesNotExist",
  },
  {
    asks: "ListExecutions of a machine that is not there",
    call: "ListExecutions",
    known: "recorded",
    ask: (aws) => aws.states.send(new ListExecutionsCommand({ stateMachineArn: machine(aws) })),
    answers: "StateMachineDoesNotExist",
  },
  {
    asks: "ListExecutions by a status that is none",
    call: "ListExecutions",
    known: "documented",
    ask: (aws) =>
      aws.states.send(
        new ListExecutionsCommand({
          stateMachineArn: machine(aws),
          statusFilter: "PAUSED" as "RUNNING",
        }),
      ),
    answers: "ValidationException",
  },
  {
    asks: "DescribeExecution of an execution that is not there",
    call: "DescribeExecution",
    known: "recorded",
    ask: (aws) => aws.states.send(new DescribeExecutionCommand({ executionArn: execution(aws) })),
    answers: "ExecutionDoesNotExist",
  },
  {
    asks: "DescribeExecution in another region's name",
    call: "DescribeExecution",
    known: "assumed",
    ask: (aws) => {
      const executionArn = execution({ ...aws, region: "ap-south-2" });
      return aws.states.send(new DescribeExecutionCommand({ executionArn }));
    },
    answers: "InvalidArn",
  },
  {
    asks: "GetExecutionHistory of an execution that is not there",
    call: "GetExecutionHistory",
    known: "recorded",
    ask: (aws) => aws.states.send(new GetExecutionHistoryCommand({ executionArn: execution(aws) })),
    answers: "ExecutionDoesNotExist",
  },
  {
    asks: "GetExecutionHistory in pages of 1,001",
    call: "GetExecutionHistory",
    known: "documented",
    ask: (aws) =>
      aws.states.send(
        new GetExecutionHistoryCommand({ executionArn: execution(aws), maxResults: 1001 }),
      ),
    answers: "ValidationException",
  },
  {
    asks: "StopExecution of an execution that is not there",
    call: "StopExecution",
    known: "documented",
    notForOperators: true,
    ask: (aws) => aws.states.send(new StopExecutionCommand({ executionArn: execution(aws) })),
    answers: "ExecutionDoesNotExist",
  },
  {
    asks: "SendTaskSuccess with a token that is none",
    call: "SendTaskSuccess",
    known: "recorded",
    notForOperators: true,
    ask: (aws) =>
      aws.states.send(new SendTaskSuccessCommand({ taskToken: "no token", output: "{}" })),
    answers: "InvalidToken",
  },
  {
    asks: "SendTaskSuccess with an output that is not JSON",
    call: "SendTaskSuccess",
    known: "documented",
    notForOperators: true,
    ask: (aws) =>
      aws.states.send(new SendTaskSuccessCommand({ taskToken: "no token", output: "{oops" })),
    answers: "InvalidOutput",
  },
];
