import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endLeftovers, leftoversIn, noteDemo } from "../../lib/cli/local/leftovers.ts";
import { ownMark, type ProcessMark, stillRuns } from "../../lib/embedded/runtime/processes.ts";
import { terminal } from "./terminal.ts";

const demo = join(import.meta.dirname, "../../scripts/demo.ts");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-demo-"));
});
afterAll(async () => {
  await endLeftovers(folder);
  await rm(folder, { recursive: true, force: true });
});

/** Starts a demo in a folder of its own, and waits until it has written a text. */
async function startDemo(until: string): Promise<{ child: ChildProcess; said: () => string }> {
  const child = spawn(process.execPath, [demo], {
    env: { ...process.env, WAVEGATE_HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  await new Promise<void>((done, refuse) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        if (text.includes(until)) done();
      });
    }
    child.once("close", (code) => refuse(new Error(`The demo ended with ${code}.\n${text}`)));
  });
  return { child, said: () => text };
}

const demosIn = async () => (await readdir(folder)).filter((name) => name.startsWith("demo-"));

/** The runtime that a demo's folder says it has. */
const runtimeOf = async (name: string): Promise<ProcessMark> =>
  JSON.parse(await readFile(join(folder, name, "process.json"), "utf8")) as ProcessMark;

async function killedDemo(): Promise<ProcessMark> {
  const before = await demosIn();
  const { child } = await startDemo("The runtime is up.");
  child.kill("SIGKILL");
  await once(child, "close");
  const [name = ""] = (await demosIn()).filter((each) => !before.includes(each));
  const runtime = await runtimeOf(name);
  expect(await stillRuns(runtime)).toBe(true);
  return runtime;
}

describe("a demo that nobody can have meant", () => {
  it.each([
    ["--kepp", "Unknown option '--kepp'."],
    ["gym", "There is no demo of that name"],
    ["constructor", "There is no demo of that name"],
    ["ecoin alpha2", "There is no demo of that name"],
  ])("W13 %s begins nothing, and what there is is said", async (words, why) => {
    const child = spawn(process.execPath, [demo, ...words.split(" ")], {
      env: { ...process.env, WAVEGATE_HOME: join(folder, "none") },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
    expect(await once(child, "close")).toEqual([2, null]);
    expect(text).toMatch(/^[^\n]* Nothing was begun: npm run demo -- \[ecoin [^\n]*\n$/u);
    expect(text).toContain(why);
    expect(await readdir(folder)).not.toContain("none");
  });
});

describe("a demo that does not come to its end", { timeout: 300_000 }, () => {
  it("W13 is cleared away by the next one, and clears away itself on Ctrl-C", async () => {
    const left = await killedDemo();
    const { child, said } = await startDemo("The runtime is up.");
    expect(said()).toContain("An earlier demo was killed and left its runtime in ");
    expect(await stillRuns(left)).toBe(false);
    const [name = ""] = await demosIn();
    const own = await runtimeOf(name);
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(130);
    expect(said()).toContain(
      "The demo was interrupted. What it started has ended, and its files are gone.",
    );
    expect(await stillRuns(own)).toBe(false);
    expect(await demosIn()).toEqual([]);
  });

  it("W13 is ended by `local down`", async () => {
    const left = await killedDemo();
    const { exit, out } = await terminal({ cwd: folder, env: { WAVEGATE_HOME: folder } }).run(
      ...["local", "down"],
    );
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^A demo that was killed had left its runtime in .*demo-\w+: ended\.\nNo runtime runs in this folder\.\n$/,
    );
    expect(await stillRuns(left)).toBe(false);
  });

  it("W13 nothing is ended that is not provably left over", async () => {
    const place = await mkdtemp(join(tmpdir(), "wavegate-leftovers-"));
    const bystander = spawn(process.execPath, ["-e", "setTimeout(() => {}, 300_000)"]);
    await once(bystander, "spawn");
    const { began } = await ownMark();
    const write = async (name: string, file: string, mark: object) => {
      await mkdir(join(place, name), { recursive: true });
      await writeFile(join(place, name, file), JSON.stringify(mark));
    };
    // A number that was given to somebody else since, a demo that still runs, and a folder of another kind.
    await write("demo-reused", "process.json", { pid: bystander.pid, began });
    await write("demo-alive", "process.json", await ownMark());
    await noteDemo(join(place, "demo-alive"));
    await write("machine", "process.json", await ownMark());
    await write("demo-broken", "process.json", { pid: "1" });
    expect(await leftoversIn(place)).toEqual([]);
    expect(await endLeftovers(place)).toEqual([]);
    expect(bystander.exitCode).toBeNull();
    bystander.kill();
    await once(bystander, "close");
    await rm(place, { recursive: true });
  });
});
