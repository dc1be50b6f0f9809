import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type FunctionHostOptions,
  type LogLine,
  startFunctionHost,
} from "../../../lib/embedded/functions/host.ts";

const handlers = join(import.meta.dirname, "handlers");

function start(options: Partial<FunctionHostOptions> = {}) {
  const lines: LogLine[] = [];
  const host = startFunctionHost({
    functions: {
      sample: join(handlers, "sample.ts"),
      alike: join(handlers, "beside.ts"),
      other: join(handlers, "sample.ts"),
      third: join(handlers, "sample.ts"),
      "no-handler": join(handlers, "no-handler.ts"),
      broken: join(handlers, "broken.ts"),
      missing: join(handlers, "missing.ts"),
    },
    environment: (name) => ({ SETTING: name === "alike" ? "sample" : name }),
    log: (line) => lines.push(line),
    ...options,
  });
  onTestFinished(() => host.close());
  return { host, lines };
}

interface Counted {
  count: number;
  threadId: number;
}

describe("an invocation", () => {
  it("takes JSON in and gives JSON out", async () => {
    const { host } = start();
    const value = { text: "é😀", list: [1, null, true], nested: { date: new Date("2030-01-15") } };
    expect(await host.invoke("sample", { do: "echo", value })).toEqual({
      text: "é😀",
      list: [1, null, true],
      nested: { date: "2030-01-15T00:00:00.000Z" },
    });
    expect(await host.invoke("sample", { do: "echo" })).toBe(null);
    expect(await host.invoke("sample", { do: "echo", value: 0 })).toBe(0);
  });

  it("has a context with request id, name and remaining time", async () => {
    const { host } = start({ timeouts: () => 60_000 });
    const context = (await host.invoke("sample", { do: "context" })) as Record<string, unknown>;
    expect(context.functionName).toBe("sample");
    expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(context.remaining).toBeGreaterThan(1000);
    expect(context.remaining).toBeLessThanOrEqual(60_000);
    const again = (await host.invoke("sample", { do: "context" })) as Record<string, unknown>;
    expect(again.awsRequestId).not.toBe(context.awsRequestId);
  });

  it("sees the environment it is given and nothing of this process's own", async () => {
    process.env.WAVEGATE_TEST_SECRET = "not for functions";
    onTestFinished(() => {
      delete process.env.WAVEGATE_TEST_SECRET;
    });
    const { host } = start();
    expect(await host.invoke("sample", { do: "environment" })).toEqual({
      SETTING: "sample",
      AWS_LAMBDA_FUNCTION_NAME: "sample",
    });
  });

  it("is refused when the payload is above 6 MB, in either direction", async () => {
    const { host } = start();
    const value = "x".repeat(6 * 1024 * 1024);
    await expect(host.invoke("sample", { do: "echo", value })).rejects.toMatchObject({
      name: "RequestTooLargeException",
    });
    await expect(
      host.invoke("sample", { do: "answer", bytes: value.length }),
    ).rejects.toMatchObject({
      name: "Function.ResponseSizeTooLarge",
    });
    const most = (await host.invoke("sample", { do: "answer", bytes: value.length - 2 })) as string;
    expect(most.length).toBe(6 * 1024 * 1024 - 2);
  });

  it("sends what the handler writes to the log, line by line", async () => {
    const { host, lines } = start();
    await host.invoke("sample", { do: "log", lines: ["first", "a\nb é"] });
    const of = (stream: string) =>
      lines.filter((line) => line.stream === stream).map((line) => [line.functionName, line.text]);
    expect(of("stdout")).toEqual([
      ["sample", "first"],
      ["sample", "a"],
      ["sample", "b é"],
    ]);
    expect(of("stderr")).toEqual([["sample", "to stderr"]]);
  });
});

describe("workers", () => {
  it("stay warm for their function, and are not shared between functions of different environments", async () => {
    const { host } = start();
    const first = (await host.invoke("sample", { do: "count" })) as Counted;
    const second = (await host.invoke("sample", { do: "count" })) as Counted;
    const other = (await host.invoke("other", { do: "count" })) as Counted;
    expect([first.count, second.count, other.count]).toEqual([1, 2, 1]);
    expect(second.threadId).toBe(first.threadId);
    expect(other.threadId).not.toBe(first.threadId);
  });

  it("are shared by functions of one environment: what these have in common is loaded once", async () => {
    const { host, lines } = start();
    const first = (await host.invoke("sample", { do: "count" })) as Counted;
    const beside = await host.invoke("alike", "what is this?");
    expect(beside).toEqual({
      ...{ functionName: "alike", environment: "alike", threadId: first.threadId },
      ofTheOther: 1,
    });
    expect(await host.invoke("sample", { do: "context" })).toMatchObject({
      functionName: "sample",
    });
    expect(lines).toEqual([{ functionName: "alike", stream: "stdout", text: "what is this?" }]);
    // Side by side each has one of its own; a function goes back to where it was loaded.
    const [busy, other] = await Promise.all([
      host.invoke("sample", { do: "count" }) as Promise<Counted>,
      host.invoke("alike", "and this?") as Promise<Counted>,
    ]);
    expect(other.threadId).not.toBe(busy.threadId);
    const again = (await host.invoke("sample", { do: "count" })) as Counted;
    expect([again.threadId, again.count]).toEqual([busy.threadId, busy.count + 1]);
  });

  it("that a broken module ended are no worse for the others", async () => {
    const { host } = start({ environment: () => ({}) });
    await host.invoke("sample", { do: "count" });
    await expect(host.invoke("broken", {})).rejects.toMatchObject({ name: "SettingsProblem" });
    await expect(host.invoke("no-handler", {})).rejects.toMatchObject({
      name: "Runtime.HandlerNotFound",
    });
    expect(await host.invoke("sample", { do: "count" })).toMatchObject({ count: 1 });
  });

  it("run one invocation at a time, and several side by side", async () => {
    const { host } = start({ maxWorkers: 3 });
    const results = await Promise.all(
      Array.from({ length: 12 }, () => host.invoke("sample", { do: "count" })),
    );
    const byThread = Map.groupBy(results as Counted[], ({ threadId }) => threadId);
    expect(byThread.size).toBeLessThanOrEqual(3);
    for (const invocations of byThread.values()) {
      expect(invocations.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
        invocations.map((_, n) => n + 1),
      );
    }
  });

  it("give way to another function when there are as many as allowed", async () => {
    const { host } = start({ maxWorkers: 1, maxAlive: 1 });
    const first = (await host.invoke("sample", { do: "count" })) as Counted;
    const [other, again] = (await Promise.all([
      host.invoke("other", { do: "count" }),
      host.invoke("sample", { do: "count" }),
    ])) as [Counted, Counted];
    expect([first.count, other.count, again.count]).toEqual([1, 1, 1]);
  });

  it("of other functions stay warm though no more may work at the same time, until there is no room", async () => {
    const { host } = start({ maxWorkers: 1, maxAlive: 2 });
    const count = async (name: string) =>
      ((await host.invoke(name, { do: "count" })) as Counted).count;
    expect([await count("sample"), await count("other"), await count("sample")]).toEqual([1, 1, 2]);
    await host.invoke("third", { do: "count" });
    // The one that had idled longest gave way to the third.
    expect([await count("sample"), await count("other")]).toEqual([3, 1]);
    const begun = host.invoke("sample", { do: "sleep", ms: 200 }).then(() => "first");
    const next = host.invoke("other", { do: "count" }).then(() => "second");
    expect(await Promise.race([next, begun])).toBe("first");
    await next;
  });

  it("are replaced when the environment of their function has changed", async () => {
    let setting = "one";
    const { host } = start({ environment: () => ({ SETTING: setting }) });
    await host.invoke("sample", { do: "count" });
    setting = "two";
    expect(await host.invoke("sample", { do: "environment" })).toMatchObject({ SETTING: "two" });
    expect(await host.invoke("sample", { do: "count" })).toMatchObject({ count: 1 });
  });
});

describe("errors", () => {
  it("thrown by the handler come back by name and message, and the worker stays", async () => {
    const { host } = start();
    const fail = host.invoke("sample", {
      do: "throw",
      name: "DigestChanged",
      message: "It changed.",
    });
    await expect(fail).rejects.toMatchObject({
      name: "DigestChanged",
      errorType: "DigestChanged",
      message: "It changed.",
      stack: expect.stringContaining("sample.ts"),
    });
    await expect(fail).rejects.toBeInstanceOf(Error);
    await host.invoke("sample", { do: "count" });
    await expect(host.invoke("sample", { do: "throw text" })).rejects.toMatchObject({
      name: "string",
      message: "only text",
    });
    await expect(host.invoke("sample", { do: "circle" })).rejects.toMatchObject({
      name: "Runtime.MarshalError",
    });
    expect(await host.invoke("sample", { do: "count" })).toMatchObject({ count: 2 });
  });

  it("say when a module is missing, has no handler, fails itself, or is not known", async () => {
    const { host } = start();
    const nameOf = (functionName: string) =>
      host.invoke(functionName, {}).then(
        () => "no error",
        (error: Error) => error.name,
      );
    expect(await nameOf("missing")).toBe("Runtime.ImportModuleError");
    expect(await nameOf("no-handler")).toBe("Runtime.HandlerNotFound");
    expect(await nameOf("broken")).toBe("SettingsProblem");
    expect(await nameOf("never heard of")).toBe("ResourceNotFoundException");
    expect(await nameOf("constructor")).toBe("ResourceNotFoundException");
    expect(await host.invoke("sample", { do: "echo", value: 1 })).toBe(1);
  });

  it("of time: a handler that waits or spins is ended, and the next one runs", async () => {
    const { host } = start({ timeouts: () => 200 });
    const slow = host.invoke("sample", { do: "sleep", ms: 60_000 });
    await expect(slow).rejects.toMatchObject({
      name: "Sandbox.Timedout",
      message: expect.stringContaining("Task timed out after 0.20 seconds"),
    });
    await expect(host.invoke("sample", { do: "spin" })).rejects.toMatchObject({
      name: "Sandbox.Timedout",
    });
    const given = { timeoutMs: 30_000 };
    expect(await host.invoke("sample", { do: "sleep", ms: 300 }, given)).toBe("slept");
  });

  it.each([
    ["process.exit", { do: "exit", code: 3 }, "exit code 3"],
    ["process.exit(0)", { do: "exit", code: 0 }, "exit code 0"],
    ["a rejection nobody handles", { do: "reject later" }, "RangeError"],
    ["eating all memory", { do: "eat memory" }, "out of memory"],
  ])("of %s end only that invocation", async (_, wish, reason) => {
    const { host } = start({ memoryMb: 32 });
    await expect(host.invoke("sample", wish)).rejects.toMatchObject({
      name: "Runtime.ExitError",
      message: expect.stringContaining(reason),
    });
    expect(await host.invoke("sample", { do: "count" })).toMatchObject({ count: 1 });
  });
});

describe("an abort signal", () => {
  it("ends the worker that runs", async () => {
    const { host } = start();
    await host.invoke("sample", { do: "count" });
    const stop = new AbortController();
    const running = host.invoke("sample", { do: "spin" }, { signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(await host.invoke("sample", { do: "count" })).toMatchObject({ count: 1 });
  });

  it("takes an invocation out of the queue, and others keep their turn", async () => {
    const { host } = start({ maxWorkers: 1 });
    const first = host.invoke("sample", { do: "sleep", ms: 300 });
    const stop = new AbortController();
    const second = host.invoke("sample", { do: "count" }, { signal: stop.signal });
    const third = host.invoke("sample", { do: "count" });
    stop.abort(new Error("changed my mind"));
    await expect(second).rejects.toThrow("changed my mind");
    expect(await first).toBe("slept");
    expect(await third).toMatchObject({ count: 1 });
  });

  it("that is aborted already starts nothing", async () => {
    const { host } = start();
    await host.invoke("sample", { do: "count" });
    const late = host.invoke("sample", { do: "count" }, { signal: AbortSignal.abort() });
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
    expect(await host.invoke("sample", { do: "count" })).toMatchObject({ count: 2 });
  });
});

describe("the host", () => {
  it("refuses what waits and what comes when it is closed, and ends what runs", async () => {
    const { host } = start({ maxWorkers: 1 });
    const running = host.invoke("sample", { do: "spin" });
    const waiting = host.invoke("sample", { do: "count" });
    const results = Promise.allSettled([running, waiting]);
    await host.close();
    expect(
      (await results).map((result) => result.status === "rejected" && result.reason.name),
    ).toEqual(["Runtime.ExitError", "ServiceException"]);
    await expect(host.invoke("sample", {})).rejects.toMatchObject({ name: "ServiceException" });
  });

  it("runs under plain node too, and its idle workers do not keep the process alive", async () => {
    const program = join(handlers, "plain-node.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 50_000 });
    expect(stdout).toBe("from plain node\n");
  });
});
