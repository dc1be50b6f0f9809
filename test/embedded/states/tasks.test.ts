import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import type { AslDefinition } from "../../../lib/embedded/states/asl.ts";
import { ask, call, chain, eventually, type Handler, StandIn, soon } from "./stand-in.ts";

const open: StandIn[] = [];
afterEach(async () => {
  for (const standIn of open.splice(0)) await standIn.close();
});

async function start(machine: AslDefinition, functions: Record<string, Handler> = {}) {
  const standIn = await StandIn.start({ machine }, functions);
  open.push(standIn);
  return standIn;
}

/** A function that keeps the tokens it is given. */
function collector() {
  const tokens: string[] = [];
  const handler: Handler = (payload) => {
    tokens.push((payload as { token: string }).token);
  };
  return { tokens, handler, at: (index: number) => eventually(() => tokens[index]) };
}

function fail(name: string, message: string): never {
  throw Object.assign(new Error(message), { name });
}

describe("functions that fail", () => {
  it("shows the error's name, and type and message as the Cause", async () => {
    const standIn = await start(chain({ Step: call("broken") }), {
      broken: () => fail("SourceUnreachable", "No route to the host."),
    });
    expect(await standIn.run("machine")).toMatchObject({
      status: "FAILED",
      error: "SourceUnreachable",
      cause: '{"errorType":"SourceUnreachable","errorMessage":"No route to the host."}',
    });
  });

  it("catches by name and puts the error where the catcher's ResultPath says", async () => {
    const machine = chain({
      Step: call("broken", {
        Catch: [
          { ErrorEquals: ["Other"], Next: "Wrong" },
          { ErrorEquals: ["States.TaskFailed"], Next: "Caught", ResultPath: "$.error" },
        ],
      }),
      Wrong: { Type: "Fail" },
      Caught: { Type: "Succeed" },
    });
    const standIn = await start(machine, { broken: () => fail("Broken", "It broke.") });
    expect((await standIn.run("machine", { a: 1 })).output).toEqual({
      a: 1,
      error: { Error: "Broken", Cause: '{"errorType":"Broken","errorMessage":"It broke."}' },
    });
  });

  it("retries as often as the retrier says, then catches", async () => {
    let calls = 0;
    const machine = chain({
      Step: call("broken", {
        Retry: [{ ErrorEquals: ["Shaky"], IntervalSeconds: 1, MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
      }),
      Caught: { Type: "Pass", Result: "caught" },
    });
    const broken = () => {
      calls += 1;
      fail("Shaky", "Again.");
    };
    const standIn = await start(machine, { broken });
    expect((await standIn.run("machine")).output).toBe("caught");
    expect(calls).toBe(2);
  });

  it("does not retry an error that no retrier names", async () => {
    let calls = 0;
    const machine = chain({
      Step: call("broken", { Retry: [{ ErrorEquals: ["Shaky"], IntervalSeconds: 1 }] }),
    });
    const broken = () => {
      calls += 1;
      fail("Solid", "No.");
    };
    const standIn = await start(machine, { broken });
    expect((await standIn.run("machine")).error).toBe("Solid");
    expect(calls).toBe(1);
  });

  it("ends a function that outlives TimeoutSeconds with States.Timeout and tells it by its signal", async () => {
    let told = false;
    let timeoutMs: number | undefined;
    const machine = chain({
      Step: call("slow", {
        TimeoutSeconds: 1,
        Catch: [
          { ErrorEquals: ["States.TaskFailed"], Next: "Wrong" },
          { ErrorEquals: ["States.Timeout"], Next: "Caught" },
        ],
      }),
      Wrong: { Type: "Fail" },
      Caught: { Type: "Pass", Parameters: { "error.$": "$.Error" } },
    });
    const slow: Handler = (_, context) => {
      timeoutMs = context.timeoutMs;
      context.signal.addEventListener("abort", () => {
        told = true;
      });
      return new Promise(() => {});
    };
    const standIn = await start(machine, { slow });
    expect((await standIn.run("machine")).output).toEqual({ error: "States.Timeout" });
    expect(told).toBe(true);
    expect(timeoutMs).toBe(1000);
  });

  it("offers a function 15 minutes at most", async () => {
    let timeoutMs: number | undefined;
    const standIn = await start(chain({ Step: call("look", { TimeoutSeconds: 5000 }) }), {
      look: (_, context) => {
        timeoutMs = context.timeoutMs;
      },
    });
    await standIn.run("machine");
    expect(timeoutMs).toBe(900_000);
  });
});

describe("task tokens", () => {
  it("waits for the token and takes the output handed in with it", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send", { ResultPath: "$.answer" }) }), {
      send: handler,
    });
    const arn = await standIn.begin("machine", { a: 1 });
    const taskToken = await at(0);
    await standIn.client.send(new SendTaskSuccessCommand({ taskToken, output: '{"yes":true}' }));
    expect(await standIn.ended(arn)).toMatchObject({
      status: "SUCCEEDED",
      output: { a: 1, answer: { yes: true } },
    });
  });

  it("lets the function itself hand in its token before it returns", async () => {
    const standIn = await start(chain({ Gate: ask("send") }), {
      send: async (payload) => {
        const { token } = payload as { token: string };
        const command = new SendTaskSuccessCommand({ taskToken: token, output: '"at once"' });
        await standIn.client.send(command);
      },
    });
    expect((await standIn.run("machine")).output).toBe("at once");
  });

  it("fails the task with the error and cause handed in", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send") }), { send: handler });
    const arn = await standIn.begin("machine");
    const taskToken = await at(0);
    await standIn.client.send(
      new SendTaskFailureCommand({ taskToken, error: "Rejected", cause: "Too many unknown." }),
    );
    expect(await standIn.ended(arn)).toMatchObject({
      status: "FAILED",
      error: "Rejected",
      cause: "Too many unknown.",
    });
  });

  it("fails the task when the function that was to send the token fails", async () => {
    const standIn = await start(chain({ Gate: ask("send") }), {
      send: () => fail("MailRefused", "No such address."),
    });
    expect((await standIn.run("machine")).error).toBe("MailRefused");
  });

  it("answers TaskTimedOut for a token that was used", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send") }), { send: handler });
    const arn = await standIn.begin("machine");
    const command = new SendTaskSuccessCommand({ taskToken: await at(0), output: "1" });
    await standIn.client.send(command);
    await expect(standIn.client.send(command)).rejects.toMatchObject({ name: "TaskTimedOut" });
    await standIn.ended(arn);
    await expect(standIn.client.send(command)).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  it("lets one of two decisions at the same time count", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send") }), { send: handler });
    const arn = await standIn.begin("machine");
    const taskToken = await at(0);
    const decisions = await Promise.allSettled(
      ["1", "2"].map((output) =>
        standIn.client.send(new SendTaskSuccessCommand({ taskToken, output })),
      ),
    );
    const won = decisions.findIndex((decision) => decision.status === "fulfilled");
    expect(decisions.map((decision) => decision.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await standIn.ended(arn)).output).toBe(won + 1);
  });

  it.each(["nonsense", "A".repeat(86)])("answers InvalidToken for %j", async (taskToken) => {
    const standIn = await start(chain({ Gate: ask("send") }), { send: () => {} });
    const command = new SendTaskSuccessCommand({ taskToken, output: "1" });
    await expect(standIn.client.send(command)).rejects.toMatchObject({ name: "InvalidToken" });
  });

  it("refuses an output that is not JSON and keeps waiting", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send") }), { send: handler });
    const arn = await standIn.begin("machine");
    const taskToken = await at(0);
    const bad = new SendTaskSuccessCommand({ taskToken, output: "{oops" });
    await expect(standIn.client.send(bad)).rejects.toMatchObject({ name: "InvalidOutput" });
    expect((await standIn.describe(arn)).status).toBe("RUNNING");
  });

  it("ends with States.HeartbeatTimeout when no heartbeat comes, and closes the token", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send", { HeartbeatSeconds: 1 }) }), {
      send: handler,
    });
    const arn = await standIn.begin("machine");
    const taskToken = await at(0);
    expect(await standIn.ended(arn)).toMatchObject({
      status: "FAILED",
      error: "States.HeartbeatTimeout",
    });
    const late = new SendTaskHeartbeatCommand({ taskToken });
    await expect(standIn.client.send(late)).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  it("keeps a task alive that sends heartbeats", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send", { HeartbeatSeconds: 1 }) }), {
      send: handler,
    });
    const arn = await standIn.begin("machine");
    const taskToken = await at(0);
    for (let beat = 0; beat < 7; beat += 1) {
      await soon(200);
      await standIn.client.send(new SendTaskHeartbeatCommand({ taskToken }));
    }
    await standIn.client.send(new SendTaskSuccessCommand({ taskToken, output: '"alive"' }));
    expect((await standIn.ended(arn)).output).toBe("alive");
  });

  it("ends with States.Timeout after TimeoutSeconds, and gives a retry a new token", async () => {
    const { handler, tokens, at } = collector();
    const Retry = [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const standIn = await start(chain({ Gate: ask("send", { TimeoutSeconds: 1, Retry }) }), {
      send: handler,
    });
    const arn = await standIn.begin("machine");
    const first = await at(0);
    const second = await at(1);
    expect(second).not.toBe(first);
    const old = new SendTaskSuccessCommand({ taskToken: first, output: "1" });
    await expect(standIn.client.send(old)).rejects.toMatchObject({ name: "TaskTimedOut" });
    await standIn.client.send(new SendTaskSuccessCommand({ taskToken: second, output: "2" }));
    expect((await standIn.ended(arn)).output).toBe(2);
    expect(tokens).toHaveLength(2);
  });

  it("waits longer than the longest timer of JavaScript without timing out at once", async () => {
    const { handler, at } = collector();
    const days30 = 30 * 24 * 3600;
    const standIn = await start(chain({ Gate: ask("send", { TimeoutSeconds: days30 }) }), {
      send: handler,
    });
    const arn = await standIn.begin("machine");
    const taskToken = await at(0);
    await soon(50);
    expect((await standIn.describe(arn)).status).toBe("RUNNING");
    await standIn.client.send(new SendTaskSuccessCommand({ taskToken, output: "1" }));
    expect((await standIn.ended(arn)).status).toBe("SUCCEEDED");
  });

  it("closes the token of an execution that is stopped", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send") }), { send: handler });
    const executionArn = await standIn.begin("machine");
    const taskToken = await at(0);
    await standIn.client.send(new StopExecutionCommand({ executionArn }));
    const command = new SendTaskSuccessCommand({ taskToken, output: "1" });
    await expect(standIn.client.send(command)).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  it("writes the token nowhere", async () => {
    const { handler, at } = collector();
    const standIn = await start(chain({ Gate: ask("send") }), { send: handler });
    const arn = await standIn.begin("machine");
    const taskToken = await at(0);
    const events = await standIn.history(arn);
    const scheduled = events.find((event) => event.type === "TaskScheduled");
    expect(scheduled?.taskScheduledEventDetails?.parameters).toBe(
      '{"FunctionName":"send","Payload":{"token":"(task token)"}}',
    );
    expect(JSON.stringify(events)).not.toContain(taskToken);
  });
});
