import { afterEach, describe, expect, it } from "vitest";
import type { AslDefinition, State } from "../../../lib/embedded/states/asl.ts";
import { ask, call, chain, type Handler, StandIn } from "./stand-in.ts";

let standIn: StandIn | undefined;
afterEach(() => standIn?.close());

/** A history as `id previous type`, and the details of its last event. */
async function historyOf(
  machine: AslDefinition,
  input: Parameters<StandIn["begin"]>[1] = {},
  functions: Record<string, Handler> = {},
) {
  standIn = await StandIn.start({ machine }, functions);
  const arn = await standIn.begin("machine", input);
  await standIn.ended(arn);
  const events = await standIn.history(arn);
  return {
    lines: events.map(({ id, previousEventId, type }) => `${id} ${previousEventId} ${type}`),
    events,
    last: events.at(-1),
  };
}

const failing = (more: Partial<State> = {}) => ({
  Type: "Map",
  ItemsPath: "$.arr",
  MaxConcurrency: 1,
  ItemProcessor: {
    ProcessorConfig: { Mode: "INLINE" },
    StartAt: "HandleItemFail",
    States: { HandleItemFail: { Type: "Fail" as const, Error: "Failed", Cause: "because" } },
  },
  ...more,
});
const passing = (name: string, more: Partial<State> = {}) => ({
  Type: "Map" as const,
  MaxConcurrency: 1,
  ItemProcessor: {
    ProcessorConfig: { Mode: "INLINE" },
    StartAt: name,
    States: { [name]: { Type: "Pass" as const, End: true } },
  },
  ...more,
});
const thrice = { ErrorEquals: ["States.ALL"], MaxAttempts: 2, IntervalSeconds: 0 };

// The numbers are those of histories recorded on AWS for machines of this form.
describe("W2 histories are numbered as AWS numbers them", () => {
  it("a Map that is tried again fails once, and names the last event inside", async () => {
    const { lines } = await historyOf(
      chain({ Start: { Type: "Pass", Result: { arr: [1] } }, Map: failing({ Retry: [thrice] }) }),
    );
    expect(lines).toEqual([
      "1 0 ExecutionStarted",
      "2 0 PassStateEntered",
      "3 2 PassStateExited",
      "4 3 MapStateEntered",
      "5 4 MapStateStarted",
      "6 5 MapIterationStarted",
      "7 6 FailStateEntered",
      "8 7 MapIterationFailed",
      "9 7 MapStateStarted",
      "10 9 MapIterationStarted",
      "11 10 FailStateEntered",
      "12 11 MapIterationFailed",
      "13 11 MapStateStarted",
      "14 13 MapIterationStarted",
      "15 14 FailStateEntered",
      "16 15 MapIterationFailed",
      "17 15 MapStateFailed",
      "18 17 ExecutionFailed",
    ]);
  });

  it("a Map whose failure is caught", async () => {
    const { lines } = await historyOf(
      chain({
        Start: { Type: "Pass", Result: { arr: [1] } },
        Map: failing({ Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }] }),
        Caught: { Type: "Pass" },
      }),
    );
    expect(lines.slice(7)).toEqual([
      "8 7 MapIterationFailed",
      "9 7 MapStateFailed",
      "10 9 MapStateExited",
      "11 10 PassStateEntered",
      "12 11 PassStateExited",
      "13 12 ExecutionSucceeded",
    ]);
  });

  it("Maps inside a Map", async () => {
    const inner = passing("Inner", { End: true });
    const { lines } = await historyOf(
      chain({
        Outer: {
          Type: "Map",
          MaxConcurrency: 1,
          ItemProcessor: {
            ProcessorConfig: { Mode: "INLINE" },
            StartAt: "L2",
            States: { L2: inner },
          },
        },
      }),
      [[1, 2], [3]],
    );
    expect(lines).toEqual([
      "1 0 ExecutionStarted",
      "2 0 MapStateEntered",
      "3 2 MapStateStarted",
      "4 3 MapIterationStarted",
      "5 4 MapStateEntered",
      "6 5 MapStateStarted",
      "7 6 MapIterationStarted",
      "8 7 PassStateEntered",
      "9 8 PassStateExited",
      "10 9 MapIterationSucceeded",
      "11 9 MapIterationStarted",
      "12 11 PassStateEntered",
      "13 12 PassStateExited",
      "14 13 MapIterationSucceeded",
      "15 14 MapStateSucceeded",
      "16 14 MapStateExited",
      "17 16 MapIterationSucceeded",
      "18 16 MapIterationStarted",
      "19 18 MapStateEntered",
      "20 19 MapStateStarted",
      "21 20 MapIterationStarted",
      "22 21 PassStateEntered",
      "23 22 PassStateExited",
      "24 23 MapIterationSucceeded",
      "25 24 MapStateSucceeded",
      "26 24 MapStateExited",
      "27 26 MapIterationSucceeded",
      "28 27 MapStateSucceeded",
      "29 27 MapStateExited",
      "30 29 ExecutionSucceeded",
    ]);
  });

  it("a Parallel, tried again and caught", async () => {
    const branch = { StartAt: "B", States: { B: { Type: "Fail" as const, Error: "E" } } };
    const { lines } = await historyOf(
      chain({
        Parallel: {
          Type: "Parallel",
          Branches: [branch],
          Retry: [thrice],
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
          Next: "Caught",
        },
        Caught: { Type: "Pass" },
      }),
    );
    expect(lines).toEqual([
      "1 0 ExecutionStarted",
      "2 0 ParallelStateEntered",
      "3 2 ParallelStateStarted",
      "4 3 FailStateEntered",
      "5 4 ParallelStateStarted",
      "6 5 FailStateEntered",
      "7 6 ParallelStateStarted",
      "8 7 FailStateEntered",
      "9 8 ParallelStateFailed",
      "10 9 ParallelStateExited",
      "11 10 PassStateEntered",
      "12 11 PassStateExited",
      "13 12 ExecutionSucceeded",
    ]);
  });

  it("a Parallel's branches each follow its start, and its success is passed over", async () => {
    const branch = (name: string) => ({
      StartAt: name,
      States: { [name]: { Type: "Pass" as const, End: true } },
    });
    const { lines, events } = await historyOf(
      chain({ Parallel: { Type: "Parallel", Branches: [branch("A"), branch("B")], End: true } }),
    );
    const entered = events.filter(({ type }) => type === "PassStateEntered");
    expect(entered.map(({ previousEventId }) => previousEventId)).toEqual([3, 3]);
    expect(lines.slice(-3)).toEqual([
      "8 7 ParallelStateSucceeded",
      "9 7 ParallelStateExited",
      "10 9 ExecutionSucceeded",
    ]);
  });

  it("iterations at once each begin at the Map's start, and their tasks follow their own", async () => {
    const { events } = await historyOf(
      chain({
        Map: {
          Type: "Map",
          ItemProcessor: {
            ProcessorConfig: { Mode: "INLINE" },
            StartAt: "Work",
            States: { Work: { ...call("work"), End: true } as State },
          },
        },
      }),
      [1, 2, 3],
      { work: () => ({}) },
    );
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const event of events) {
      const before = byId.get(event.previousEventId ?? 0)?.type;
      if (event.type === "MapIterationStarted") expect(before).toBe("MapStateStarted");
      if (event.type === "TaskStateEntered") expect(before).toBe("MapIterationStarted");
      if (event.type === "TaskSucceeded") expect(before).toBe("TaskStarted");
      if (event.type === "MapIterationSucceeded") expect(before).toBe("TaskStateExited");
    }
  });

  it("an abort follows nothing", async () => {
    standIn = await StandIn.start({ machine: chain({ Wait: ask("send") }) }, { send: () => {} });
    const arn = await standIn.begin("machine");
    const { StopExecutionCommand } = await import("@aws-sdk/client-sfn");
    await standIn.client.send(new StopExecutionCommand({ executionArn: arn }));
    expect((await standIn.history(arn)).at(-1)).toMatchObject({
      type: "ExecutionAborted",
      previousEventId: 0,
    });
  });
});

describe("W2 what there is none of is absent, not empty", () => {
  it.each([
    [{}, {}],
    [{ Error: "E" }, { error: "E" }],
    [{ Cause: "C" }, { cause: "C" }],
  ])("a Fail with %j", async (fields, details) => {
    const { last } = await historyOf(chain({ Fail: { Type: "Fail", ...fields } }));
    expect(last?.executionFailedEventDetails).toEqual(details);
  });

  it("a time-out has no cause, and is caught with an empty one", async () => {
    const { events, last } = await historyOf(
      chain({
        Ask: ask("send", {
          TimeoutSeconds: 1,
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
          Next: "Caught",
        }),
        Caught: { Type: "Pass" },
      }),
      {},
      { send: () => {} },
    );
    expect(events.find(({ type }) => type === "TaskTimedOut")?.taskTimedOutEventDetails).toEqual({
      error: "States.Timeout",
      resource: "invoke.waitForTaskToken",
      resourceType: "lambda",
    });
    expect(JSON.parse(String(last?.executionSucceededEventDetails?.output))).toEqual({
      Error: "States.Timeout",
      Cause: "",
    });
  });

  it.each([1.5, -1, -1.5])(
    "a Wait whose path says %j fails past every handler",
    async (seconds) => {
      const { last } = await historyOf(chain({ Wait: { Type: "Wait", SecondsPath: "$.s" } }), {
        s: seconds,
      });
      expect(last?.executionFailedEventDetails?.error).toBe("States.Runtime");
    },
  );
});
