import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import type { Frame } from "../../lib/cli/command.ts";
import { type Ending, follow, startAlone, succeeded } from "../../lib/cli/execution.ts";
import { failedBehind } from "../../lib/cli/verbs/rollback.ts";
import { onceBehind } from "../../lib/review/steer/begin-once.ts";

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

it("W13 R17 a rollback whose evidence found no room says that everything was taken back all the same, and one that failed before does not", () => {
  const run = { reference: "ecoin-20261130-dafa" };
  const cause = JSON.stringify({ errorMessage: "The disk takes no more." });
  const said = (before: number, left: number) => () =>
    succeeded({ kind: "failed", error: "DiskFull", cause }, failedBehind(run, { before, left }));
  expect(said(2_433, 0)).toThrow(
    /^The disk takes no more\. Everything that could be taken back is taken back all the same; what failed came behind it, and `wavegate export audit --run ecoin-20261130-dafa` leaves the evidence\.$/u,
  );
  for (const [before, left] of [
    [2_433, 2_433],
    [2_433, 12],
    [0, 0],
  ] as const)
    expect(said(before, left)).toThrow(/^The disk takes no more\.$/u);
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

const run = "7f3a0000-0000-4000-8000-000000000001";

/** What is begun for who asks for wave `next` where another's execution told of itself in entry 12. */
async function begunBeside(status: "RUNNING" | "SUCCEEDED", next: number): Promise<string> {
  const input = { run, next };
  const execution = `${run}-commit-${onceBehind(9, { run, next: 2 })}`;
  const machine = "arn:aws:states:eu-west-3:111122223333:execution:wavegate-wave";
  const names = new Set([execution]);
  states.on(DescribeExecutionCommand).callsFake(async ({ executionArn }) => {
    if (executionArn === `${machine}:${execution}`) return { status };
    throw Object.assign(new Error(), { name: "ExecutionDoesNotExist" });
  });
  states.on(StartExecutionCommand).callsFake(async ({ name }) => {
    if (names.has(name)) throw Object.assign(new Error(), { name: "ExecutionAlreadyExists" });
    names.add(name);
    return { executionArn: `${machine}:${name}` };
  });
  const db = { rows: async () => [{ entry: 12, by: "karima", execution }] };
  const place = { name: "local", settings: {} };
  const stateMachine = () => machine.replace(":execution:", ":stateMachine:");
  const told = { place, states: client, db, machine: stateMachine } as unknown as Aws;
  const arn = await startAlone(told, "wave", { id: run }, "commit", input);
  return arn.slice(`${machine}:${run}-commit-`.length);
}

it("R11 W3 who asks for a wave while another's execution writes it follows that one, and begins none", async () => {
  expect(await begunBeside("RUNNING", 2)).toBe(onceBehind(9, { run, next: 2 }));
  // What is over, and another wave, is begun.
  expect(await begunBeside("SUCCEEDED", 2)).toBe(onceBehind(12, { run, next: 2 }));
  expect(await begunBeside("RUNNING", 3)).toBe(onceBehind(12, { run, next: 3 }));
});
