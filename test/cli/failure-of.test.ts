import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import type { Io } from "../../lib/cli/io.ts";
import { withoutRoom } from "../../lib/cli/local/room.ts";
import { failureOf } from "../../lib/cli/standing.ts";
import type { Run } from "../../lib/data/runs.ts";

const client = new SFNClient({ region: "eu-west-3" });
const states = mockClient(client);
beforeEach(() => states.reset());

const machine = "arn:aws:states:eu-west-3:111122223333:stateMachine:wavegate-migration";
const id = "7f3a0000-0000-4000-8000-0000000000c1";
const own = `${machine.replace("stateMachine", "execution")}:${id}-run-1`;
const run = { id, execution_arn: own } as Run;
const full = {
  status: "FAILED",
  error: "DatabaseErrorException",
  cause: JSON.stringify({
    errorType: "DatabaseErrorException",
    errorMessage:
      'ERROR: could not extend file "base/16384/17002": No space left on device; SQLState: 53100',
  }),
} as const;

/** Of a run of which these executions were begun behind its first one, the latest first. */
const failure = (...begun: readonly { what: string; name: string | null }[]) =>
  failureOf(
    { states: client, machine: () => machine, db: { rows: async () => begun } } as unknown as Aws,
    run,
  );

it("W9 W13 a run that could not note that it failed, as on a full disk, has its execution say why", async () => {
  states.on(DescribeExecutionCommand, { executionArn: own }).resolves(full);
  expect(await failure()).toEqual({
    error: "DatabaseErrorException",
    message:
      'ERROR: could not extend file "base/16384/17002": No space left on device; SQLState: 53100',
  });
});

it.each([
  ["it goes on", { status: "RUNNING" }],
  ["it came to its end", { status: "SUCCEEDED" }],
  ["somebody ended it", { status: "ABORTED", cause: "by karima" }],
] as const)("W9 of a run nothing is said to have failed where %s", async (_, described) => {
  states.on(DescribeExecutionCommand).resolves(described);
  expect(await failure()).toBeUndefined();
});

it("W9 what was begun since is asked, and of a step alone or a rollback nothing is said of the run", async () => {
  states.on(DescribeExecutionCommand).resolves(full);
  states
    .on(DescribeExecutionCommand, { executionArn: own.replace("run-1", "resume-2") })
    .resolves({ status: "SUCCEEDED" });
  expect(await failure({ what: "run", name: `${id}-resume-2` })).toBeUndefined();
  expect(await failure({ what: "run", name: `${id}-resume-3` })).toBeDefined();
  expect(await failure({ what: "dry-run", name: `${id}-dry-run-3` })).toBeUndefined();
  expect(await failure({ what: "rollback", name: `${id}-rollback-3` })).toBeUndefined();
  expect(await failure({ what: "run", name: null })).toBeUndefined();
});

it("W9 an execution that Step Functions knows no longer says nothing, and whatever else fails does", async () => {
  const gone = Object.assign(new Error("gone"), { name: "ExecutionDoesNotExist" });
  states.on(DescribeExecutionCommand).rejectsOnce(gone).rejects(new Error("away"));
  expect(await failure()).toBeUndefined();
  await expect(failure()).rejects.toThrow("away");
});

const io = (WAVEGATE_ENV: string) =>
  ({ env: { WAVEGATE_ENV }, cwd: "/srv/school" }) as unknown as Io;

it("W13 a disk without room is told of the machine whose it is, and of no other place", async () => {
  const [little, enough] = [async () => 4_096, async () => 17_000_000];
  expect(await withoutRoom(io("local"), little)).toBe(
    "The disk of /srv/school/.wavegate is full: what is under way waits for room, or fails. Make room; what waits goes on by itself.",
  );
  expect(await withoutRoom(io("local"), enough)).toBeUndefined();
  expect(await withoutRoom(io("aws"), little)).toBeUndefined();
  // Of a folder that is not there nothing can be said, and one that is has room.
  expect(await withoutRoom(io("local"))).toBeUndefined();
  expect(await withoutRoom({ ...io("local"), cwd: "/tmp" } as Io)).toBeUndefined();
});
