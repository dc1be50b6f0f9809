import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AppendLog, readLog } from "../../../lib/embedded/states/append-log.ts";

let folder: string;
let path: string;
/** How many more writes find room for half of what they are given. */
let full = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "no-room-"));
  path = join(folder, "log");
  const probe = await open(join(folder, "probe"), "a");
  const handles = Object.getPrototypeOf(probe);
  await probe.close();
  const append = handles.appendFile;
  vi.spyOn(handles, "appendFile").mockImplementation(async function (this: unknown, text) {
    if (full === 0) return append.call(this, text, "utf8");
    full -= 1;
    await append.call(this, String(text).slice(0, String(text).length / 2), "utf8");
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  });
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(async () => {
  full = 0;
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
