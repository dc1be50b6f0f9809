import { afterEach, describe, expect, it } from "vitest";
import type { AslDefinition, Json } from "../../../lib/embedded/states/asl.ts";
import { call, chain, type Handler, StandIn } from "./stand-in.ts";

const open: StandIn[] = [];
afterEach(async () => {
  for (const standIn of open.splice(0)) await standIn.close();
});

async function run(
  machine: AslDefinition,
  input: Json = {},
  functions: Record<string, Handler> = {},
) {
  const standIn = await StandIn.start({ machine }, functions);
  open.push(standIn);
  const arn = await standIn.begin("machine", input, "one");
  return { standIn, arn, ...(await standIn.ended(arn)) };
}

describe("what a state does with its data", () => {
  it("passes Payload to the function and wraps its result as the Lambda integration does", async () => {
    const machine = chain({ Add: call("adder") });
    const { output } = await run(
      machine,
      { a: 1, b: 2 },
      {
        adder: (payload) => {
          const { a, b } = payload as { a: number; b: number };
          return { sum: a + b };
        },
      },
    );
    expect(output).toEqual({ ExecutedVersion: "$LATEST", Payload: { sum: 3 }, StatusCode: 200 });
  });

  it("gives the bare result of a function that is named by its ARN", async () => {
    const machine = chain({
      Add: {
        Type: "Task",
        Resource: "arn:aws:lambda:us-east-1:000000000000:function:adder",
        TimeoutSeconds: 5,
      },
    });
    const { output } = await run(machine, { a: 1 }, { adder: (payload) => ({ got: payload }) });
    expect(output).toEqual({ got: { a: 1 } });
  });

  it("takes a function's name out of an ARN with a version", async () => {
    const arn = "arn:aws:lambda:us-east-1:000000000000:function:adder:7";
    const machine = chain({ Add: call(arn, { ResultSelector: { "x.$": "$.Payload" } }) });
    const { output } = await run(machine, {}, { adder: () => 7 });
    expect(output).toEqual({ x: 7 });
  });

  it("applies InputPath, Parameters, ResultSelector, ResultPath and OutputPath", async () => {
    const machine = chain({
      Step: call("echo", {
        InputPath: "$.inner",
        Parameters: { FunctionName: "echo", Payload: { "id.$": "$.id", fixed: true } },
        ResultSelector: { "seen.$": "$.Payload" },
        ResultPath: "$.inner.result",
        OutputPath: "$.inner",
      }),
    });
    const { output } = await run(machine, { inner: { id: 4 }, other: 1 }, { echo: (it) => it });
    expect(output).toEqual({ id: 4, result: { seen: { id: 4, fixed: true } } });
  });

  it("keeps the input for a ResultPath of null and replaces it for a ResultPath of $", async () => {
    const machine = chain({
      Ignored: call("seven", { ResultPath: null }),
      Whole: { Type: "Pass", Result: { "only.this": 1 }, ResultPath: "$" },
    });
    const { standIn, arn, output } = await run(machine, { a: 1 }, { seven: () => 7 });
    expect(output).toEqual({ "only.this": 1 });
    const exited = (await standIn.history(arn)).find((event) => event.type === "TaskStateExited");
    expect(exited?.stateExitedEventDetails?.output).toBe('{"a":1}');
  });

  it("shows the execution, the machine and the state in the context object", async () => {
    const machine = chain({
      First: { Type: "Pass", Result: { changed: true } },
      Look: {
        Type: "Pass",
        Parameters: {
          "id.$": "$$.Execution.Id",
          "name.$": "$$.Execution.Name",
          "input.$": "$$.Execution.Input.deep.value",
          "machine.$": "$$.StateMachine.Name",
          "machineId.$": "$$.StateMachine.Id",
          "state.$": "$$.State.Name",
          "text.$": "States.Format('{} of {}', $$.State.Name, $$.Execution.Name)",
        },
      },
    });
    const { output } = await run(machine, { deep: { value: 5 } });
    expect(output).toEqual({
      id: "arn:aws:states:us-east-1:000000000000:execution:machine:one",
      name: "one",
      input: 5,
      machine: "machine",
      machineId: "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
      state: "Look",
      text: "Look of one",
    });
  });

  it("gives the start of the execution and the entry of the state as times", async () => {
    const machine = chain({
      Look: {
        Type: "Pass",
        Parameters: { "start.$": "$$.Execution.StartTime", "entered.$": "$$.State.EnteredTime" },
      },
    });
    const standIn = await StandIn.start({ machine });
    open.push(standIn);
    // No two looks at the clock are the same.
    standIn.looked = () => {
      standIn.ahead += 10;
    };
    const arn = await standIn.begin("machine", {}, "one");
    const { output } = await standIn.ended(arn);
    const { startDate, stopDate } = await standIn.describe(arn);
    const events = await standIn.history(arn);
    const entered = events.find((event) => event.type === "PassStateEntered");
    expect(stopDate).toEqual(events.at(-1)?.timestamp);
    expect(output).toEqual({
      start: startDate?.toISOString(),
      entered: entered?.timestamp?.toISOString(),
    });
  });

  it.each([0, false, "", null, "text", 5, [1]])("takes %j as the whole input", async (input) => {
    const machine = chain({
      Whole: {
        Type: "Pass",
        Parameters: { "value.$": "$", "listed.$": "States.Array($, 'a $ b', $$.Execution.Input)" },
        InputPath: "$",
      },
    });
    const { output } = await run(machine, input);
    expect(output).toEqual({ value: input, listed: [input, "a $ b", input] });
  });

  it.each([0, false, "", null])("lets a function return %j", async (result) => {
    const machine = chain({
      Ask: {
        Type: "Task",
        Resource: "arn:aws:lambda:us-east-1:000000000000:function:plain",
        ResultSelector: { "value.$": "$" },
        TimeoutSeconds: 5,
      },
    });
    expect((await run(machine, {}, { plain: () => result })).output).toEqual({ value: result });
  });

  it.each([0, false, "", null])("passes a fixed Result of %j", async (result) => {
    const machine = chain({ Fixed: { Type: "Pass", Result: result, ResultPath: "$.x" } });
    expect((await run(machine)).output).toEqual({ x: result });
  });

  it.each([
    [{ n: 5 }, "Big"],
    [{ n: 0 }, "Small"],
    [{ n: null }, "Missing"],
    [{}, "Missing"],
  ])("chooses for %j the state %s", async (input, expected) => {
    const named = (name: string) => ({ Type: "Pass" as const, Result: name, End: true });
    const machine: AslDefinition = {
      StartAt: "Which",
      States: {
        Which: {
          Type: "Choice",
          Choices: [
            { Variable: "$.n", IsPresent: false, Next: "Missing" },
            { Variable: "$.n", IsNull: true, Next: "Missing" },
            { And: [{ Variable: "$.n", NumericGreaterThan: 3 }], Next: "Big" },
          ],
          Default: "Small",
        },
        Big: named("Big"),
        Small: named("Small"),
        Missing: named("Missing"),
      },
    };
    expect((await run(machine, input)).output).toBe(expected);
  });

  it.each([
    [{ Variable: "$.n", NumericLessThan: 2 }, { n: "1" }],
    [
      { Variable: "$.n", NumericLessThanPath: "$.m" },
      { n: "1", m: 2 },
    ],
    [{ Variable: "$.n", NumericGreaterThanEquals: 0 }, { n: null }],
    [{ Variable: "$.n", NumericLessThanEquals: 1 }, { n: true }],
    [{ Variable: "$.n", StringLessThan: "2" }, { n: 1 }],
    [{ Not: { Variable: "$.n", StringGreaterThanEquals: "1" } }, { n: "1" }],
  ])("W2 compares no number with a text, as by %j", async (rule, input) => {
    const machine: AslDefinition = {
      StartAt: "Which",
      States: {
        Which: { Type: "Choice", Choices: [{ ...rule, Next: "Yes" }], Default: "No" },
        Yes: { Type: "Pass", Result: "yes", End: true },
        No: { Type: "Pass", Result: "no", End: true },
      },
    };
    expect((await run(machine, input)).output).toBe("no");
  });

  it("chooses on a whole input that is false", async () => {
    const machine: AslDefinition = {
      StartAt: "Which",
      States: {
        Which: {
          Type: "Choice",
          Choices: [{ Variable: "$", BooleanEquals: false, Next: "Yes" }],
        },
        Yes: { Type: "Pass", Result: "yes", End: true },
      },
    };
    expect((await run(machine, false)).output).toBe("yes");
    expect(await run(machine, true)).toMatchObject({
      status: "FAILED",
      error: "States.NoChoiceMatched",
    });
  });

  it("ends in a Fail state with its Error and Cause, also from paths", async () => {
    const machine = chain({
      Halt: { Type: "Fail", ErrorPath: "$.code", CausePath: "States.Format('because {}', $.why)" },
    });
    expect(await run(machine, { code: "Mine", why: "so" })).toMatchObject({
      status: "FAILED",
      error: "Mine",
      cause: "because so",
    });
  });

  it("fails with States.Runtime, past every Catch, when a path finds nothing", async () => {
    const machine = chain({
      Step: call("echo", {
        InputPath: "$.nothing",
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
      }),
      Caught: { Type: "Succeed" },
    });
    expect(await run(machine)).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  it.each(["0", null, false, -1, 0.5])("W2 waits for no seconds that are %j", async (s) => {
    const machine = chain({ Path: { Type: "Wait", SecondsPath: "$.s" } });
    expect(await run(machine, { s })).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  it("waits, also until a moment from the input", async () => {
    const machine = chain({
      Seconds: { Type: "Wait", Seconds: 0 },
      Path: { Type: "Wait", SecondsPath: "$.s" },
      Moment: { Type: "Wait", TimestampPath: "$.at" },
      Done: { Type: "Succeed", OutputPath: "$.s" },
    });
    expect((await run(machine, { s: 0, at: "2020-01-01T00:00:00Z" })).output).toBe(0);
  });

  it("takes 262,144 bytes of UTF-8 from a state and not one more", async () => {
    const Resource = "arn:aws:lambda:us-east-1:000000000000:function:big";
    const machine = chain({ Big: { Type: "Task", Resource, TimeoutSeconds: 5 } });
    // Two quotation marks, and two bytes for each é.
    const fits = await run(machine, {}, { big: () => "é".repeat(131_071) });
    expect(fits.status).toBe("SUCCEEDED");
    const tooBig = await run(machine, {}, { big: () => `${"é".repeat(131_071)}x` });
    expect(tooBig).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });

  it("catches States.DataLimitExceeded by its name only", async () => {
    const caught = (error: string) =>
      chain({
        Big: call("big", {
          Catch: [{ ErrorEquals: [error], Next: "Caught", ResultPath: "$.error" }],
        }),
        Caught: { Type: "Pass", Result: "caught" },
      });
    const functions = { big: () => "x".repeat(262_145) };
    expect((await run(caught("States.DataLimitExceeded"), {}, functions)).output).toBe("caught");
    expect((await run(caught("States.ALL"), {}, functions)).status).toBe("FAILED");
    expect((await run(caught("States.TaskFailed"), {}, functions)).status).toBe("FAILED");
  });
});
