import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppendLog, readLog } from "../../../lib/embedded/states/append-log.ts";
import { call, chain, PREFIX, StandIn } from "./stand-in.ts";

/** Logs of executions that this process has open. */
const openLogs = () =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes("/executions/");
    } catch {
      return false;
    }
  });

let folder: string;
let path: string;
/** How many more writes find room for half of what they are given. */
let full = 0;
/** How many find room for all of it before that. */
let room = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "no-room-"));
  path = join(folder, "log");
  const probe = await open(join(folder, "probe"), "a");
  const handles = Object.getPrototypeOf(probe);
  await probe.close();
  const append = handles.appendFile;
  vi.spyOn(handles, "appendFile").mockImplementation(async function (this: unknown, text) {
    if (full === 0) return append.call(this, text, "utf8");
    if (room > 0) {
      room -= 1;
      return append.call(this, text, "utf8");
    }
    full -= 1;
    await append.call(this, String(text).slice(0, String(text).length / 2), "utf8");
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  });
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(async () => {
  full = 0;
  room = 0;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const patient = { patient: true };

it("W3 an execution's log on a full disk waits for room, and holds each line once and whole", async () => {
  const log = new AppendLog(path);
  await log.append({ id: 1 }, patient);
  full = 2;
  await Promise.all([log.append({ id: 2 }, patient), log.append({ id: "drei – é" }, patient)]);
  await log.append({ id: 4 }, patient);
  await log.close();
  expect(await readLog(path)).toEqual([{ id: 1 }, { id: 2 }, { id: "drei – é" }, { id: 4 }]);
  expect(vi.mocked(console.error).mock.calls.flat().join()).toContain("waits for room on the disk");
});

it("W3 whoever ends meanwhile does not wait for room, and what was not acknowledged is cut off", async () => {
  const log = new AppendLog(path);
  await log.append({ id: 1 }, patient);
  full = 1_000;
  const lost = expect(log.append({ id: 2 }, patient)).rejects.toThrow("ENOSPC");
  await vi.waitFor(() => expect(console.error).toHaveBeenCalled());
  log.giveUp();
  await lost;
  await log.close();
  expect(await readLog(path)).toEqual([{ id: 1 }]);
});

describe("the service on a full disk", () => {
  let standIn: StandIn;
  beforeEach(async () => {
    const child = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: `${PREFIX}:stateMachine:child`, Input: {} },
      TimeoutSeconds: 20,
    };
    standIn = await StandIn.start(
      { parent: chain({ Fill: call("fill"), Child: child }), child: chain({ Done: call("done") }) },
      {
        fill: () => ({}),
        done: () => 8,
      },
    );
  });
  afterEach(() => standIn.close());

  it("W13 refuses what somebody begins by a name and in a sentence, lets go of its file, and begins it once there is room", async () => {
    // Its line in the trail finds room, the execution's own does not.
    for (const found of [0, 1]) {
      room = found;
      full = 1_000;
      await expect(standIn.begin("child", {}, "one")).rejects.toMatchObject({
        name: "DiskFull",
        message:
          "The disk that holds the executions takes no more. Nothing was begun or ended; make room, then repeat the command.",
      });
      full = 0;
    }
    expect(openLogs()).toEqual([]);
    const arn = await standIn.begin("child", {}, "one");
    expect((await standIn.ended(arn)).status).toBe("SUCCEEDED");
  });

  it("W3 lets an execution wait for room where it begins another: it failed of it, and its run was halted", async () => {
    const begun = new Promise<void>((resolve) => {
      standIn.functions.fill = () => {
        full = 1_000;
        resolve();
        return {};
      };
    });
    const arn = await standIn.begin("parent", {}, "one");
    await begun;
    // Of its own lines each waits for room; the next that finds some is the first of the other one.
    for (let there = 0; there < 12; there++) {
      await vi.waitFor(() => expect(full).toBeLessThan(1_000));
      room = 1;
      full = 1_000;
    }
    full = 0;
    expect((await standIn.ended(arn)).status).toBe("SUCCEEDED");
  });
});

it("W13 what is begun on a full disk is refused at once", async () => {
  full = 1;
  const log = new AppendLog(path);
  await expect(log.append({ id: 1 })).rejects.toThrow("ENOSPC");
  expect(await readFile(path, "utf8")).toBe("");
  // Once there is room, it is begun.
  await log.append({ id: 2 });
  await log.close();
  expect(await readLog(path)).toEqual([{ id: 2 }]);
});
