import {
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import type { AslDefinition, Json, State } from "../../../lib/embedded/states/asl.ts";
import { ask, call, chain, eventually, type Handler, PREFIX, StandIn } from "./stand-in.ts";

const open: StandIn[] = [];
afterEach(async () => {
  for (const standIn of open.splice(0)) await standIn.close();
});

async function start(
  machines: Record<string, AslDefinition>,
  functions: Record<string, Handler> = {},
) {
  const standIn = await StandIn.start(machines, functions);
  open.push(standIn);
  return standIn;
}

function child(more: Partial<State> = {}, parameters: Record<string, Json> = {}) {
  return {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync:2",
    Parameters: {
      StateMachineArn: `${PREFIX}:stateMachine:child`,
      Input: { "n.$": "$.n", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id" },
      ...parameters,
    },
    TimeoutSeconds: 20,
    ...more,
  };
}

async function childrenOf(standIn: StandIn) {
  const command = new ListExecutionsCommand({ stateMachineArn: `${PREFIX}:stateMachine:child` });
  return (await standIn.client.send(command)).executions ?? [];
}

describe("startExecution.sync:2", () => {
  it("gives the child's description with its output as JSON", async () => {
    const standIn = await start(
      {
        parent: chain({
          Child: child({}, { "Name.$": "States.Format('{}-child', $$.Execution.Name)" }),
        }),
        child: chain({ Double: call("double") }),
      },
      { double: (payload) => (payload as { n: number }).n * 2 },
    );
    const arn = await standIn.begin("parent", { n: 4 }, "wave-1");
    expect((await standIn.ended(arn)).output).toMatchObject({
      ExecutionArn: `${PREFIX}:execution:child:wave-1-child`,
      StateMachineArn: `${PREFIX}:stateMachine:child`,
      Name: "wave-1-child",
      Status: "SUCCEEDED",
      Input: { n: 4 },
      Output: { ExecutedVersion: "$LATEST", Payload: 8, StatusCode: 200 },
    });
  });

  it("fails with States.TaskFailed when the child fails, its error in the Cause", async () => {
    const standIn = await start({
      parent: chain({ Child: child() }),
      child: chain({ Bad: { Type: "Fail", Error: "ChecksFailed", Cause: "Two of six." } }),
    });
    const { error, cause } = await standIn.run("parent", { n: 1 });
    expect(error).toBe("States.TaskFailed");
    expect(JSON.parse(String(cause))).toMatchObject({
      Status: "FAILED",
      Error: "ChecksFailed",
      Cause: "Two of six.",
      Input: '{"n":1}',
    });
  });

  it("refuses a name that another execution has", async () => {
    const standIn = await start({
      parent: chain({ Child: child({}, { Name: "taken" }) }),
      child: chain({ Same: { Type: "Pass" } }),
    });
    await standIn.ended(await standIn.begin("child", {}, "taken"));
    expect((await standIn.run("parent", { n: 1 })).error).toBe(
      "StepFunctions.ExecutionAlreadyExistsException",
    );
  });

  it("names a machine that is not there", async () => {
    const StateMachineArn = `${PREFIX}:stateMachine:nobody`;
    const standIn = await start({ parent: chain({ Child: child({}, { StateMachineArn }) }) });
    expect((await standIn.run("parent", { n: 1 })).error).toBe(
      "StepFunctions.StateMachineDoesNotExistException",
    );
  });

  it("stops the child, and the function that runs in it, when the parent is stopped", async () => {
    let running = false;
    let told = false;
    const slow: Handler = (_, { signal }) => {
      running = true;
      signal.addEventListener("abort", () => {
        told = true;
      });
      return new Promise(() => {});
    };
    const standIn = await start(
      { parent: chain({ Child: child() }), child: chain({ Slow: call("slow") }) },
      { slow },
    );
    const executionArn = await standIn.begin("parent", { n: 1 });
    await eventually(() => running || undefined);
    await standIn.client.send(
      new StopExecutionCommand({ executionArn, error: "Stopped", cause: "By hand." }),
    );
    expect(await standIn.ended(executionArn)).toMatchObject({
      status: "ABORTED",
      error: "Stopped",
      cause: "By hand.",
    });
    const [first] = await childrenOf(standIn);
    expect((await standIn.ended(String(first?.executionArn))).status).toBe("ABORTED");
    expect(told).toBe(true);
    expect(standIn.service.executionsUnderWay()).toBe(0);
  });

  it("redrives the child along with the parent", async () => {
    let healthy = false;
    const calls: string[] = [];
    const standIn = await start(
      {
        parent: chain({ Child: child({ ResultSelector: { "output.$": "$.Output" } }) }),
        child: chain({ First: call("first", { ResultPath: null }), Second: call("second") }),
      },
      {
        first: () => void calls.push("first"),
        second: () => {
          calls.push("second");
          if (!healthy) throw new Error("Down.");
          return 2;
        },
      },
    );
    const executionArn = await standIn.begin("parent", { n: 1 });
    expect((await standIn.ended(executionArn)).error).toBe("States.TaskFailed");
    healthy = true;
    await standIn.client.send(new RedriveExecutionCommand({ executionArn }));
    expect(await standIn.ended(executionArn)).toMatchObject({
      status: "SUCCEEDED",
      output: { output: { Payload: 2 } },
    });
    expect(calls).toEqual(["first", "second", "second"]);
    expect(await childrenOf(standIn)).toMatchObject([{ status: "SUCCEEDED", redriveCount: 1 }]);
  });

  it("redrives the child of a parent that was stopped", async () => {
    const tokens: string[] = [];
    const standIn = await start(
      { parent: chain({ Child: child() }), child: chain({ Gate: ask("send") }) },
      { send: (payload) => void tokens.push((payload as { token: string }).token) },
    );
    const executionArn = await standIn.begin("parent", { n: 1 });
    const old = await eventually(() => tokens[0]);
    await standIn.client.send(new StopExecutionCommand({ executionArn }));
    await standIn.client.send(new RedriveExecutionCommand({ executionArn }));
    const taskToken = await eventually(() => tokens[1]);
    expect(taskToken).not.toBe(old);
    const late = new SendTaskSuccessCommand({ taskToken: old, output: "1" });
    await expect(standIn.client.send(late)).rejects.toMatchObject({ name: "TaskTimedOut" });
    await standIn.client.send(new SendTaskSuccessCommand({ taskToken, output: "2" }));
    expect((await standIn.ended(executionArn)).output).toMatchObject({ Output: 2 });
  });

  it("stops the child when the parent's task times out", async () => {
    const standIn = await start(
      {
        parent: chain({ Child: child({ TimeoutSeconds: 1 }) }),
        child: chain({ Gate: ask("send") }),
      },
      { send: () => {} },
    );
    expect((await standIn.run("parent", { n: 1 })).error).toBe("States.Timeout");
    const [first] = await childrenOf(standIn);
    expect((await standIn.ended(String(first?.executionArn))).status).toBe("ABORTED");
  });
});
