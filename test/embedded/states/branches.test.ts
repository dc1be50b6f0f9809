import { afterEach, describe, expect, it } from "vitest";
import type { AslDefinition, State } from "../../../lib/embedded/states/asl.ts";
import { call, chain, eventually, type Handler, StandIn } from "./stand-in.ts";

const open: StandIn[] = [];
afterEach(async () => {
  for (const standIn of open.splice(0)) await standIn.close();
});

async function start(machine: AslDefinition, functions: Record<string, Handler> = {}) {
  const standIn = await StandIn.start({ machine }, functions);
  open.push(standIn);
  return standIn;
}

function map(inside: AslDefinition, more: Partial<State> = {}) {
  return { Type: "Map", ItemsPath: "$.items", ItemProcessor: inside, ...more };
}

const double: Handler = (payload) => Number(payload) * 2;

describe("Map", () => {
  it("runs its inside for each item and lists the results in order", async () => {
    const inside = chain({ Double: call("double", { ResultSelector: { "n.$": "$.Payload" } }) });
    const standIn = await start(chain({ Each: map(inside, { ResultPath: "$.all" }) }), { double });
    expect((await standIn.run("machine", { items: [1, 2, 3] })).output).toEqual({
      items: [1, 2, 3],
      all: [{ n: 2 }, { n: 4 }, { n: 6 }],
    });
  });

  it("shows index, value and the execution's own input in ItemSelector and inside", async () => {
    const inside = chain({
      Look: {
        Type: "Pass",
        Parameters: {
          "item.$": "$",
          "again.$": "$$.Map.Item.Index",
          "run.$": "$$.Execution.Input.run",
        },
      },
    });
    const ItemSelector = {
      "i.$": "$$.Map.Item.Index",
      "v.$": "$$.Map.Item.Value",
      "run.$": "$.run",
    };
    const standIn = await start(chain({ Each: map(inside, { ItemSelector }) }));
    expect((await standIn.run("machine", { items: ["a", "b"], run: 7 })).output).toEqual([
      { item: { i: 0, v: "a", run: 7 }, again: 0, run: 7 },
      { item: { i: 1, v: "b", run: 7 }, again: 1, run: 7 },
    ]);
  });

  it("gives an empty list for no items", async () => {
    const standIn = await start(chain({ Each: map(chain({ Same: { Type: "Pass" } })) }));
    expect((await standIn.run("machine", { items: [] })).output).toEqual([]);
  });

  it("keeps MaxConcurrency", async () => {
    let now = 0;
    let most = 0;
    const busy: Handler = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now -= 1;
    };
    const inside = chain({ Busy: call("busy") });
    const standIn = await start(chain({ Each: map(inside, { MaxConcurrency: 2 }) }), { busy });
    await standIn.run("machine", { items: [1, 2, 3, 4, 5, 6] });
    expect(most).toBe(2);
  });

  it("starts no further iteration after a failure, and aborts the one under way", async () => {
    const called: unknown[] = [];
    let aborted = false;
    const step: Handler = async (payload, { signal }) => {
      called.push(payload);
      if (payload === 2) {
        await eventually(() => called.includes(1) || undefined);
        throw Object.assign(new Error("Bad."), { name: "BadItem" });
      }
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      await new Promise(() => {});
    };
    const inside = chain({ Step: call("step") });
    const standIn = await start(chain({ Each: map(inside, { MaxConcurrency: 2 }) }), { step });
    const arn = await standIn.begin("machine", { items: [1, 2, 3, 4] });
    expect(await standIn.ended(arn)).toMatchObject({ status: "FAILED", error: "BadItem" });
    expect(called).toEqual([1, 2]);
    expect(aborted).toBe(true);
    const types = (await standIn.history(arn)).map((event) => event.type);
    expect(types.filter((type) => type?.startsWith("Map")).sort()).toEqual([
      "MapIterationAborted",
      "MapIterationFailed",
      "MapIterationStarted",
      "MapIterationStarted",
      "MapStateEntered",
      "MapStateFailed",
      "MapStateStarted",
    ]);
  });

  it("is retried and caught as a whole", async () => {
    let calls = 0;
    const inside = chain({ Step: call("step") });
    const machine = chain({
      Each: map(inside, {
        Retry: [{ ErrorEquals: ["BadItem"], IntervalSeconds: 1, MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ["BadItem"], Next: "Caught", ResultPath: "$.error" }],
      }),
      Caught: { Type: "Pass", Parameters: { "items.$": "$.items", "error.$": "$.error.Error" } },
    });
    const step = () => {
      calls += 1;
      throw Object.assign(new Error("Bad."), { name: "BadItem" });
    };
    const standIn = await start(machine, { step });
    expect((await standIn.run("machine", { items: [1] })).output).toEqual({
      items: [1],
      error: "BadItem",
    });
    expect(calls).toBe(2);
  });
});

describe("the history", () => {
  it("ends an execution that reaches 25,000 events", async () => {
    const standIn = await start(chain({ Each: map(chain({ Same: { Type: "Pass" } })) }));
    const arn = await standIn.begin("machine", { items: new Array(6_300).fill(0) });
    expect(await standIn.ended(arn)).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause: "The execution reached the maximum number of history events (25000).",
    });
  });
});

describe("Parallel", () => {
  it("runs its branches on the same input and lists their results", async () => {
    const machine = chain({
      Both: {
        Type: "Parallel",
        Branches: [
          chain({ Double: call("double", { ResultSelector: { "n.$": "$.Payload" } }) }),
          chain({ Same: { Type: "Pass" } }),
        ],
      },
    });
    const standIn = await start(machine, { double });
    expect((await standIn.run("machine", 4)).output).toEqual([{ n: 8 }, 4]);
  });

  it("fails with the first failure of a branch", async () => {
    const machine = chain({
      Both: {
        Type: "Parallel",
        Branches: [
          chain({ Long: { Type: "Wait", Seconds: 100 } }),
          chain({ Bad: { Type: "Fail", Error: "Bad" } }),
        ],
      },
    });
    const standIn = await start(machine);
    expect((await standIn.run("machine")).error).toBe("Bad");
  });
});
