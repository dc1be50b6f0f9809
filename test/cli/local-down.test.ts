import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import type { Frame } from "../../lib/cli/command.ts";
import { down } from "../../lib/cli/verbs/local.ts";
import { homeAt } from "../../lib/embedded/runtime/home.ts";
import { ownMark } from "../../lib/embedded/runtime/processes.ts";

const folder = await mkdtemp(join(tmpdir(), "wavegate-stays-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

it("W13 RuntimeDidNotEnd: a runtime that ignores its end is named, and not killed", async () => {
  const home = homeAt({}, folder);
  await mkdir(home.folder);
  await writeFile(home.processFile, JSON.stringify(await ownMark()));
  const signals: unknown[] = [];
  const kill = vi.spyOn(process, "kill").mockImplementation((_pid, signal) => {
    if (signal !== 0) signals.push(signal);
    return true;
  });
  try {
    const frame = { io: { env: {}, cwd: folder } } as unknown as Frame;
    await expect(down(frame, 300)).rejects.toMatchObject({
      name: "RuntimeDidNotEnd",
      message: `The runtime (process ${process.pid}) did not end within 0.3 s. Nothing is lost; look at ${home.log}.`,
    });
    expect(signals).toEqual(["SIGTERM"]);
  } finally {
    kill.mockRestore();
  }
});
