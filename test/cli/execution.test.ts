import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import type { Frame } from "../../lib/cli/command.ts";
import { type Ending, follow, succeeded } from "../../lib/cli/execution.ts";

const client = new SFNClient({ region: "eu-west-3" });
const states = mockClient(client);
beforeEach(() => states.reset());

/** Nobody was asked, and no stage counts its rows. */
const silent = { rows: async () => [], one: async () => ({}) };
const aws = {
  place: { name: "local", settings: {} },
  states: client,
  db: silent,
} as unknown as Aws;

const waiting = (interrupt: (stop: () => void) => void) =>
  follow(
    aws,
    {
      io: {
        err: () => {},
        terminal: false,
        columns: 80,
        env: {},
        onInterrupt: (stop: () => void) => {
          interrupt(stop);
          return () => {};
        },
      },
    } as unknown as Frame,
    "arn:aws:states:eu-west-3:111122223333:execution:wavegate-migration:one",
    "7f3a0000-0000-4000-8000-000000000001",
  );

it("W9 W13 StoppedWaiting: whoever stops waiting ends nothing but that", async () => {
  states.on(DescribeExecutionCommand).resolves({ status: "RUNNING" });
  await expect(waiting((stop) => setTimeout(stop, 20))).rejects.toMatchObject({
    name: "StoppedWaiting",
    message: "You stopped waiting; the step itself goes on. `wavegate status` shows where it is.",
  });
});

it.each([
  ["FAILED", { kind: "failed", error: "ImportUnbalanced", cause: "" }],
  ["TIMED_OUT", { kind: "failed", error: "TIMED_OUT", cause: "" }],
  ["ABORTED", { kind: "stopped", because: "by karima" }],
] as const)("W9 an execution that is %s is told as it ended", async (status, ending) => {
  states.on(DescribeExecutionCommand).resolves({
    status,
    ...(status === "FAILED" ? { error: "ImportUnbalanced" } : {}),
    ...(status === "ABORTED" ? { cause: "by karima" } : {}),
  });
  expect(await waiting(() => {})).toEqual(ending);
});

it.each<[string, Ending, string]>([
  [
    "ExecutionStopped",
    { kind: "stopped", because: "by karima" },
    "The execution was stopped (by karima). Look with `wavegate status` at what was written; the command can be repeated.",
  ],
  [
    "ExecutionStopped",
    { kind: "stopped", because: "" },
    "The execution was stopped. Look with `wavegate status` at what was written; the command can be repeated.",
  ],
  [
    "WaitsForSignOff",
    { kind: "sign-off", gate: "first_wave" },
    "The run waits for a sign-off (first_wave). See `wavegate sign-off show`.",
  ],
  [
    "ImportUnbalanced",
    { kind: "failed", error: "ImportUnbalanced", cause: '{"errorMessage":"A row is missing."}' },
    "A row is missing.",
  ],
  [
    "States.Runtime",
    { kind: "failed", error: "States.Runtime", cause: `not in the input '{"stamp":"s3cret"}'` },
    "The step failed with States.Runtime; its execution's history in Step Functions tells more.",
  ],
])("W13 %s when %j had to succeed", (name, ending, message) => {
  expect(() => succeeded(ending)).toThrow(expect.objectContaining({ name, message }));
});
