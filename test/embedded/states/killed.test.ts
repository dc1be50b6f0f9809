import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AslDefinition, Json } from "../../../lib/embedded/states/asl.ts";
import { inFull } from "../../support/every-step.ts";
import { ask, call, chain, clientOf, eventually, PREFIX } from "./stand-in.ts";

/** A service in a process of its own that can be killed and started again. */
class Killable {
  readonly folder: string;
  client!: SFNClient;
  #process!: ChildProcess;

  constructor(folder: string) {
    this.folder = folder;
  }

  async start(): Promise<void> {
    const script = join(import.meta.dirname, "service-process.ts");
    const node = join(import.meta.dirname, "../../../node_modules/.bin/node");
    this.#process = spawn(node, [script, this.folder], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    const [url] = await once(lines, "line");
    this.client = clientOf(String(url));
  }

  async kill(): Promise<void> {
    this.client.destroy();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }

  async begin(machine: string, input: Json = {}): Promise<string> {
    const stateMachineArn = `${PREFIX}:stateMachine:${machine}`;
    const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
    return String((await this.client.send(command)).executionArn);
  }

  /** Calls so far, as `name payload`. */
  async calls(): Promise<string[]> {
    const text = await readFile(join(this.folder, "calls"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { name: string; payload: Json })
      .map(({ name, payload }) => `${name} ${JSON.stringify(payload)}`);
  }

  /** The tokens that the function `send` was given. */
  async tokens(): Promise<string[]> {
    const sent = (await this.calls()).filter((it) => it.startsWith("send "));
    return sent.map((it) => (JSON.parse(it.slice(5)) as { token: string }).token);
  }

  hang(name: string): Promise<void> {
    return writeFile(join(this.folder, `hang-${name}`), "");
  }
  unhang(name: string): Promise<void> {
    return rm(join(this.folder, `hang-${name}`));
  }

  async history(executionArn: string): Promise<string[]> {
    const command = new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 });
    return ((await this.client.send(command)).events ?? []).map((event) => String(event.type));
  }

  ended(executionArn: string): Promise<{ status: string; output: Json }> {
    return eventually(async () => {
      const { status, output } = await this.client.send(
        new DescribeExecutionCommand({ executionArn }),
      );
      if (status === "RUNNING") return undefined;
      return { status: String(status), output: output === undefined ? null : JSON.parse(output) };
    });
  }
}

const payloadOnly = { ResultSelector: { "got.$": "$.Payload" } };
const machines: Record<string, AslDefinition> = {
  steps: chain({
    First: call("first", { ResultPath: "$.first", ...payloadOnly }),
    Second: call("second", {
      Parameters: { FunctionName: "second", Payload: 2 },
      ResultPath: "$.second",
      ...payloadOnly,
    }),
    Third: call("third", {
      Parameters: { FunctionName: "third", Payload: 3 },
      ResultPath: "$.third",
      ...payloadOnly,
    }),
  }),
  gate: chain({
    Before: call("before", { ResultPath: null }),
    Gate: ask("send"),
    After: call("after", payloadOnly),
  }),
  parent: chain({
    Child: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: `${PREFIX}:stateMachine:gate`, "Input.$": "$" },
      ResultSelector: { "output.$": "$.Output" },
      TimeoutSeconds: 30,
    },
  }),
  each: chain({
    Each: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: chain({
        Fast: call("fast", { ResultPath: null }),
        Slow: call("slow", payloadOnly),
      }),
    },
  }),
  retried: chain({
    Step: call("refused", {
      Retry: [{ ErrorEquals: ["Refused"], IntervalSeconds: 2, MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ["Refused"], Next: "Caught" }],
    }),
    Caught: { Type: "Pass", Result: "caught" },
  }),
};

describe("after kill -9", () => {
  let service: Killable;
  beforeEach(async () => {
    service = new Killable(await mkdtemp(join(tmpdir(), "states-killed-")));
    await writeFile(join(service.folder, "machines.json"), JSON.stringify(machines));
    await service.start();
  });
  afterEach(async () => {
    await service.kill();
    await rm(service.folder, { recursive: true, force: true });
  });

  const called = (text: string) =>
    eventually(async () => ((await service.calls()).includes(text) ? true : undefined));
  const logged = (arn: string, type: string) =>
    eventually(async () => ((await service.history(arn)).includes(type) ? true : undefined));

  it("W3 goes on in the state it stood in, without repeating what had finished", async () => {
    await service.hang("second");
    const arn = await service.begin("steps", { run: 7 });
    await called("second 2");
    await service.kill();
    await service.unhang("second");
    await service.start();
    expect(await service.ended(arn)).toEqual({
      status: "SUCCEEDED",
      output: { run: 7, first: { got: { run: 7 } }, second: { got: 2 }, third: { got: 3 } },
    });
    expect(await service.calls()).toEqual(['first {"run":7}', "second 2", "second 2", "third 3"]);
    const types = await service.history(arn);
    expect(types.filter((type) => type === "TaskStateEntered")).toHaveLength(3);
  });

  it("accepts a task token that was sent before, without sending it again", async () => {
    const arn = await service.begin("gate");
    await logged(arn, "TaskSubmitted");
    await service.kill();
    await service.start();
    const [taskToken, ...more] = await service.tokens();
    expect(more).toEqual([]);
    await service.client.send(new SendTaskSuccessCommand({ taskToken, output: '{"ok":1}' }));
    expect(await service.ended(arn)).toEqual({ status: "SUCCEEDED", output: { got: { ok: 1 } } });
    expect(await service.calls()).toEqual([
      "before {}",
      `send {"token":"${taskToken}"}`,
      'after {"ok":1}',
    ]);
  });

  inFull("sends the same token again when it died while sending", async () => {
    await service.hang("send");
    const arn = await service.begin("gate");
    const [first] = await eventually(async () => {
      const tokens = await service.tokens();
      return tokens.length > 0 ? tokens : undefined;
    });
    await service.kill();
    await service.unhang("send");
    await service.start();
    await logged(arn, "TaskSubmitted");
    expect(await service.tokens()).toEqual([first, first]);
    await service.client.send(new SendTaskSuccessCommand({ taskToken: first, output: "1" }));
    expect((await service.ended(arn)).output).toEqual({ got: 1 });
  });

  it("keeps a decision that was acknowledged right before", async () => {
    const arn = await service.begin("gate");
    await logged(arn, "TaskSubmitted");
    const [taskToken] = await service.tokens();
    const decision = new SendTaskSuccessCommand({ taskToken, output: '"yes"' });
    await service.client.send(decision);
    await service.kill();
    await service.start();
    expect((await service.ended(arn)).output).toEqual({ got: "yes" });
    await expect(service.client.send(decision)).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  inFull("finds the child execution again instead of starting another", async () => {
    const arn = await service.begin("parent", { n: 1 });
    await eventually(async () => ((await service.tokens()).length > 0 ? true : undefined));
    await service.kill();
    await service.start();
    const [taskToken] = await service.tokens();
    await service.client.send(new SendTaskSuccessCommand({ taskToken, output: '"done"' }));
    expect((await service.ended(arn)).output).toEqual({ output: { got: "done" } });
    const stateMachineArn = `${PREFIX}:stateMachine:gate`;
    const list = await service.client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(list.executions).toHaveLength(1);
  });

  it("does not run the finished tasks of a Map's iterations again", async () => {
    await service.hang("slow");
    const arn = await service.begin("each", { items: [1, 2] });
    await called("slow 1");
    await called("slow 2");
    await service.kill();
    await service.unhang("slow");
    await service.start();
    expect((await service.ended(arn)).output).toEqual([{ got: 1 }, { got: 2 }]);
    const calls = await service.calls();
    expect(calls.filter((it) => it.startsWith("fast"))).toHaveLength(2);
    expect(calls.filter((it) => it.startsWith("slow"))).toHaveLength(4);
  });

  inFull("does not begin to count retries anew", async () => {
    const arn = await service.begin("retried");
    await logged(arn, "TaskFailed");
    await service.kill();
    await service.start();
    expect((await service.ended(arn)).output).toBe("caught");
    expect(await service.calls()).toEqual(["refused {}", "refused {}"]);
  });
});
