import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stateOfCode } from "../../lib/embedded/runtime/code-state.ts";
import { homeAt } from "../../lib/embedded/runtime/home.ts";
import { ownMark } from "../../lib/embedded/runtime/processes.ts";
import { announce } from "../../lib/embedded/runtime/runtime-file.ts";
import { terminal } from "./terminal.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-other-version-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A runtime that stands there as running, of one version or another. */
async function running(code: string | undefined): Promise<void> {
  const home = homeAt({}, folder);
  await mkdir(home.folder, { recursive: true });
  const mark = await ownMark();
  await writeFile(home.processFile, JSON.stringify(mark));
  const database = { own: false, address: "127.0.0.1:1/platform", adminUrl: "postgresql://x" };
  await announce(home, {
    ...mark,
    started: new Date().toISOString(),
    urls: {},
    database,
    environment: {},
    ...(code === undefined ? {} : { code }),
  });
}

it.each([
  ["another one", "0123456789abcdef"],
  ["one that said nothing of it", undefined],
])(
  "V10 a machine that runs %s is neither set up nor asked anything by this one",
  async (_, code) => {
    await running(code);
    for (const argv of [["local", "up"], ["local", "database"], ["runs"]]) {
      const asked = terminal({ cwd: folder });
      const { exit, out } = await asked.run(...argv, "--output", "json");
      const { name, message } = JSON.parse(out).error;
      expect([argv, exit, name]).toEqual([argv, 2, "OtherVersion"]);
      expect(message).toContain("was started from another version of wavegate than this one.");
      expect(message).toContain("`wavegate local down`, then `wavegate local up`");
    }
  },
);

it("V10 one of the same version is asked", async () => {
  await running(stateOfCode());
  const { exit, out } = await terminal({ cwd: folder }).run("local", "database");
  expect([exit, out.trim()]).toEqual([0, "postgresql://x"]);
});
