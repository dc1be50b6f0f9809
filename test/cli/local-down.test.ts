import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { terminal } from "./terminal.ts";

// A runtime that stays, and a minute and a half that is over at once.
vi.mock("../../lib/embedded/runtime/runtime-file.ts", async (actual) => ({
  ...(await actual<object>()),
  holderOf: async () => ({ pid: 4_242_424 }),
}));
vi.mock("node:timers/promises", () => ({ setTimeout: async () => {} }));

const folder = await mkdtemp(join(tmpdir(), "wavegate-stays-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

it("W13 RuntimeDidNotEnd: a runtime that ignores its end is named, and not killed", async () => {
  const signals: unknown[] = [];
  const kill = vi.spyOn(process, "kill").mockImplementation((_pid, signal) => {
    signals.push(signal);
    return true;
  });
  try {
    const { exit, out } = await terminal({ cwd: folder }).run("local", "down", "--output", "json");
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: {
        name: "RuntimeDidNotEnd",
        message: expect.stringMatching(
          /^The runtime \(process 4242424\) did not end within 90 s\./u,
        ),
      },
    });
    expect(signals).toEqual(["SIGTERM"]);
  } finally {
    kill.mockRestore();
  }
});
