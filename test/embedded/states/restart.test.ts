import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import { ask, chain, eventually, StandIn } from "./stand-in.ts";

describe("after a restart in good order", () => {
  let standIn: StandIn;
  afterEach(() => standIn.close());

  async function logOf(): Promise<string> {
    const folder = join(standIn.directory, "executions");
    return join(folder, String((await readdir(folder))[0]));
  }

  it("leaves what was under way under way, and describes what had ended", async () => {
    standIn = await StandIn.start(
      { gate: chain({ Gate: ask("send") }), simple: chain({ Same: { Type: "Pass" } }) },
      { send: () => {} },
    );
    const waiting = await standIn.begin("gate");
    const done = await standIn.begin("simple", { a: 1 });
    await standIn.ended(done);
    await standIn.rest();
    await standIn.open();
    expect(standIn.service.executionsUnderWay()).toBe(1);
    expect((await standIn.describe(waiting)).status).toBe("RUNNING");
    expect((await standIn.ended(done)).output).toEqual({ a: 1 });
  });

  it("tolerates a last line that was half written", async () => {
    const tokens: string[] = [];
    standIn = await StandIn.start(
      { gate: chain({ Gate: ask("send") }) },
      { send: (payload) => void tokens.push((payload as { token: string }).token) },
    );
    const arn = await standIn.begin("gate");
    await eventually(async () =>
      (await standIn.history(arn)).some((event) => event.type === "TaskSubmitted") ? 1 : undefined,
    );
    await standIn.rest();
    await appendFile(await logOf(), '{"type":"TaskSucceeded","key":"/Ga');
    await standIn.open();
    expect((await standIn.history(arn)).map((event) => event.type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
    ]);
    // What is added after it must not be glued to the half line.
    await standIn.client.send(new SendTaskSuccessCommand({ taskToken: tokens[0], output: "1" }));
    expect((await standIn.ended(arn)).output).toBe(1);
    await standIn.rest();
    await standIn.open();
    expect((await standIn.ended(arn)).output).toBe(1);
  });

  it("forgets an execution whose very first line was half written", async () => {
    standIn = await StandIn.start({ gate: chain({ Gate: ask("send") }) }, { send: () => {} });
    await standIn.begin("gate");
    await standIn.rest();
    await writeFile(await logOf(), '{"type":"ExecutionSta');
    await standIn.open();
    expect(standIn.service.executionsUnderWay()).toBe(0);
  });

  it("refuses to start on a log that was damaged in the middle, and names it", async () => {
    standIn = await StandIn.start({ gate: chain({ Gate: ask("send") }) }, { send: () => {} });
    await standIn.begin("gate");
    await standIn.rest();
    const path = await logOf();
    await writeFile(path, `${await readFile(path, "utf8")}oops\n{}\n`);
    await expect(standIn.open()).rejects.toMatchObject({
      name: "DamagedLog",
      message: expect.stringContaining(path),
    });
    await rm(path);
    await standIn.open();
  });

  it("runs an execution to its end with the definition it was started with", async () => {
    const tokens: string[] = [];
    standIn = await StandIn.start(
      { gate: chain({ Gate: ask("send"), Old: { Type: "Pass", Result: "old" } }) },
      { send: (payload) => void tokens.push((payload as { token: string }).token) },
    );
    const arn = await standIn.begin("gate");
    const taskToken = await eventually(() => tokens[0]);
    await standIn.rest();
    standIn.machines.gate = chain({ Gate: ask("send"), New: { Type: "Pass", Result: "new" } });
    await standIn.open();
    await standIn.client.send(new SendTaskSuccessCommand({ taskToken, output: "{}" }));
    expect((await standIn.ended(arn)).output).toBe("old");
  });

  it("does not wait anew for a Wait or a time-out that had begun", async () => {
    standIn = await StandIn.start(
      {
        wait: chain({ Pause: { Type: "Wait", Seconds: 3600 } }),
        gate: chain({ Gate: ask("send", { TimeoutSeconds: 3600 }) }),
        limited: { ...chain({ Gate: ask("send") }), TimeoutSeconds: 3600 },
      },
      { send: () => {} },
    );
    const arns = [
      await standIn.begin("wait"),
      await standIn.begin("gate"),
      await standIn.begin("limited"),
    ];
    await eventually(async () => {
      const histories = await Promise.all(arns.map((arn) => standIn.history(arn)));
      return histories.every((events) => events.length > 1) ? true : undefined;
    });
    await standIn.rest();
    standIn.ahead = 2 * 3_600_000;
    await standIn.open();
    const [waited, gate, limited] = await Promise.all(arns.map((arn) => standIn.ended(arn)));
    expect(waited?.status).toBe("SUCCEEDED");
    expect(gate?.error).toBe("States.Timeout");
    expect(limited?.status).toBe("TIMED_OUT");
  });
});
