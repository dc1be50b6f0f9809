import {
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, call, chain, PREFIX, StandIn } from "./stand-in.ts";

const machine = `${PREFIX}:stateMachine:simple`;
let healthy = true;
let calls: string[] = [];
let standIn: StandIn;

beforeEach(async () => {
  healthy = true;
  calls = [];
  standIn = await StandIn.start(
    {
      simple: chain({ Same: { Type: "Pass" } }),
      waiting: chain({ Gate: ask("send") }),
      limited: { ...chain({ Long: { Type: "Wait", Seconds: 100 } }), TimeoutSeconds: 1 },
      fragile: chain({
        First: call("first", { ResultPath: null }),
        Each: {
          Type: "Map",
          ItemsPath: "$.items",
          MaxConcurrency: 1,
          ItemProcessor: chain({ Second: call("second") }),
          ResultPath: null,
        },
      }),
    },
    {
      send: () => {},
      first: () => void calls.push("first"),
      second: (item) => {
        calls.push(`second ${item}`);
        if (item === 2 && !healthy) throw Object.assign(new Error("Down."), { name: "Down" });
      },
    },
  );
});
afterEach(() => standIn.close());

describe("StartExecution", () => {
  it("returns the same execution for the same name and input while it runs", async () => {
    const first = await standIn.begin("waiting", { a: 1 }, "once");
    expect(await standIn.begin("waiting", { a: 1 }, "once")).toBe(first);
    expect(standIn.service.executionsUnderWay()).toBe(1);
  });

  it("starts once when asked twice at the same moment", async () => {
    const [one, two] = await Promise.all([
      standIn.begin("waiting", { a: 1 }, "once"),
      standIn.begin("waiting", { a: 1 }, "once"),
    ]);
    expect(one).toBe(two);
    const started = (await standIn.history(one)).filter((it) => it.type === "ExecutionStarted");
    expect(started).toHaveLength(1);
  });

  it("refuses the name for another input, and for any once it has ended", async () => {
    await standIn.begin("waiting", { a: 1 }, "once");
    await expect(standIn.begin("waiting", { a: 2 }, "once")).rejects.toMatchObject({
      name: "ExecutionAlreadyExists",
    });
    await standIn.ended(await standIn.begin("simple", {}, "done"));
    await expect(standIn.begin("simple", {}, "done")).rejects.toMatchObject({
      name: "ExecutionAlreadyExists",
    });
  });

  it.each(["a b", "a/b", "a:b", "a*", "line\nbreak"])("refuses the name %j", async (name) => {
    await expect(standIn.begin("simple", {}, name)).rejects.toMatchObject({
      name: "InvalidName",
    });
  });

  it("W2 refuses a name of 81 characters as its model does", async () => {
    const name = "x".repeat(81);
    await expect(standIn.begin("simple", {}, name)).rejects.toMatchObject({
      name: "ValidationException",
      message: `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80`,
    });
  });

  it("takes a name of 80 characters, and names that differ in case only", async () => {
    expect((await standIn.ended(await standIn.begin("simple", {}, "é".repeat(80)))).status).toBe(
      "SUCCEEDED",
    );
    await standIn.ended(await standIn.begin("simple", {}, "Name"));
    await standIn.ended(await standIn.begin("simple", {}, "name"));
  });

  it("refuses an input that is not JSON, one that is too long, and an unknown machine", async () => {
    const start = (input: string, stateMachineArn = machine) =>
      standIn.client.send(new StartExecutionCommand({ stateMachineArn, input }));
    await expect(start("{oops")).rejects.toMatchObject({ name: "InvalidExecutionInput" });
    await expect(start(`"${"x".repeat(262_143)}"`)).rejects.toMatchObject({
      name: "ValidationException",
    });
    await expect(start("{}", `${PREFIX}:stateMachine:nobody`)).rejects.toMatchObject({
      name: "StateMachineDoesNotExist",
    });
    await expect(start("{}", "nonsense")).rejects.toMatchObject({ name: "InvalidArn" });
    expect(standIn.service.executionsUnderWay()).toBe(0);
  });
});

describe("looking", () => {
  it("describes an execution that has ended", async () => {
    const arn = await standIn.begin("simple", { a: 1 }, "one");
    await standIn.ended(arn);
    const described = await standIn.describe(arn);
    expect(described).toMatchObject({
      executionArn: `${PREFIX}:execution:simple:one`,
      stateMachineArn: machine,
      name: "one",
      status: "SUCCEEDED",
      input: '{"a":1}',
      output: '{"a":1}',
      redriveCount: 0,
      redriveStatus: "NOT_REDRIVABLE",
    });
    expect(described.startDate).toBeInstanceOf(Date);
    expect(described.stopDate).toBeInstanceOf(Date);
  });

  it("says ExecutionDoesNotExist and InvalidArn", async () => {
    await expect(standIn.describe(`${PREFIX}:execution:simple:nobody`)).rejects.toMatchObject({
      name: "ExecutionDoesNotExist",
    });
    await expect(standIn.describe("nonsense")).rejects.toMatchObject({ name: "InvalidArn" });
  });

  it("lists executions by machine and status, page by page", async () => {
    for (const name of ["a", "b", "c"])
      await standIn.ended(await standIn.begin("simple", {}, name));
    await standIn.begin("waiting", {}, "w");
    const list = (input: object) =>
      standIn.client.send(new ListExecutionsCommand({ stateMachineArn: machine, ...input }));
    const first = await list({ maxResults: 2 });
    expect(first.executions).toHaveLength(2);
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect(second.nextToken).toBeUndefined();
    const names = [...(first.executions ?? []), ...(second.executions ?? [])].map((it) => it.name);
    expect(names.sort()).toEqual(["a", "b", "c"]);
    expect((await list({ statusFilter: "RUNNING" })).executions).toEqual([]);
    await expect(list({ nextToken: "nonsense" })).rejects.toMatchObject({ name: "InvalidToken" });
    const mapRunArn = "arn:aws:states:us-east-1:000000000000:mapRun:simple/map:1";
    await expect(list({ mapRunArn })).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("shows the history under AWS's names", async () => {
    const arn = await standIn.begin("fragile", { items: [1] });
    await standIn.ended(arn);
    const events = await standIn.history(arn);
    expect(events.map((event) => event.type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "MapStateEntered",
      "MapStateStarted",
      "MapIterationStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "MapIterationSucceeded",
      "MapStateSucceeded",
      "MapStateExited",
      "ExecutionSucceeded",
    ]);
    expect(events.map((event) => event.id)).toEqual(events.map((_, index) => index + 1));
    expect(events[1]?.stateEnteredEventDetails).toMatchObject({
      name: "First",
      input: '{"items":[1]}',
    });
    expect(events[2]?.taskScheduledEventDetails).toMatchObject({
      resourceType: "lambda",
      resource: "invoke",
      region: "us-east-1",
      timeoutInSeconds: 20,
      parameters: '{"FunctionName":"first","Payload":{"items":[1]}}',
    });
    expect(events.at(-1)?.executionSucceededEventDetails?.output).toBe('{"items":[1]}');
  });

  it("turns the history round, pages it and leaves the data out", async () => {
    const executionArn = await standIn.begin("simple", { a: 1 });
    await standIn.ended(executionArn);
    const get = (input: object) =>
      standIn.client.send(new GetExecutionHistoryCommand({ executionArn, ...input }));
    const first = await get({ reverseOrder: true, maxResults: 3 });
    expect(first.events?.map((event) => event.type)).toEqual([
      "ExecutionSucceeded",
      "PassStateExited",
      "PassStateEntered",
    ]);
    const second = await get({ reverseOrder: true, maxResults: 3, nextToken: first.nextToken });
    expect(second.events?.map((event) => event.type)).toEqual(["ExecutionStarted"]);
    const bare = await get({ includeExecutionData: false });
    expect(bare.events?.[1]?.stateEnteredEventDetails).toEqual({ name: "Same" });
  });

  it("lists and describes machines, and the one an execution runs", async () => {
    const { stateMachines } = await standIn.client.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map((it) => it.name)).toEqual([
      "simple",
      "waiting",
      "limited",
      "fragile",
    ]);
    const described = await standIn.client.send(
      new DescribeStateMachineCommand({ stateMachineArn: machine }),
    );
    expect(JSON.parse(String(described.definition))).toEqual(standIn.machines.simple);
    const executionArn = await standIn.begin("simple");
    const pinned = await standIn.client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn }),
    );
    expect(JSON.parse(String(pinned.definition))).toEqual(standIn.machines.simple);
  });

  it("says what it has when asked for an operation that it has not", async () => {
    await expect(
      standIn.client.send(new GetActivityTaskCommand({ activityArn: "arn:x" })),
    ).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: expect.stringContaining("no operation 'AWSStepFunctions.GetActivityTask'"),
    });
  });
});

describe("ending and going on", () => {
  it("stops a running execution and leaves an ended one as it is", async () => {
    const executionArn = await standIn.begin("waiting");
    const stop = () =>
      standIn.client.send(new StopExecutionCommand({ executionArn, error: "Mine" }));
    const { stopDate } = await stop();
    expect(stopDate).toBeInstanceOf(Date);
    expect((await stop()).stopDate).toEqual(stopDate);
    expect(await standIn.ended(executionArn)).toMatchObject({ status: "ABORTED", error: "Mine" });
    const last = (await standIn.history(executionArn)).at(-1);
    expect(last?.type).toBe("ExecutionAborted");
    expect(last?.executionAbortedEventDetails?.error).toBe("Mine");
  });

  it("ends an execution that outlives the machine's TimeoutSeconds", async () => {
    const arn = await standIn.begin("limited");
    expect((await standIn.ended(arn)).status).toBe("TIMED_OUT");
    expect((await standIn.history(arn)).at(-1)?.type).toBe("ExecutionTimedOut");
  });

  it("redrives from what failed, without repeating what had succeeded", async () => {
    healthy = false;
    const executionArn = await standIn.begin("fragile", { items: [1, 2, 3] });
    expect(await standIn.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Down" });
    expect(calls).toEqual(["first", "second 1", "second 2"]);
    const redrive = () => standIn.client.send(new RedriveExecutionCommand({ executionArn }));
    await redrive();
    expect((await standIn.ended(executionArn)).error).toBe("Down");
    healthy = true;
    const { redriveDate } = await redrive();
    expect(redriveDate).toBeInstanceOf(Date);
    expect((await standIn.ended(executionArn)).status).toBe("SUCCEEDED");
    expect(calls).toEqual(["first", "second 1", "second 2", "second 2", "second 2", "second 3"]);
    expect(await standIn.describe(executionArn)).toMatchObject({ redriveCount: 2 });
    const types = (await standIn.history(executionArn)).map((event) => event.type);
    expect(types.filter((type) => type === "ExecutionRedriven")).toHaveLength(2);
    expect(types.filter((type) => type === "ExecutionFailed")).toHaveLength(2);
    await expect(redrive()).rejects.toMatchObject({ name: "ExecutionNotRedrivable" });
  });
});
