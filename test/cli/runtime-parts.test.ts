import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Io } from "../../lib/cli/io.ts";
import { whyEnded } from "../../lib/cli/local/start-runtime.ts";
import { stateOfDefinitions } from "../../lib/embedded/runtime/definitions.ts";
import { peoplesSettings } from "../../lib/embedded/runtime/environment.ts";
import { homeAt } from "../../lib/embedded/runtime/home.ts";
import { functionFiles, substitutions } from "../../lib/embedded/runtime/machines.ts";
import { ownMark, stillRuns } from "../../lib/embedded/runtime/processes.ts";
import { holderOf } from "../../lib/embedded/runtime/runtime-file.ts";
import { terminal } from "./terminal.ts";

describe("a runtime that cannot start", () => {
  let other: string;

  beforeAll(async () => {
    other = await mkdtemp(join(tmpdir(), "wavegate-broken-"));
  });
  afterEach(async () => {
    expect(await holderOf(homeAt({}, other))).toBeUndefined();
  });
  afterAll(() => rm(other, { recursive: true, force: true }));

  it("names the function a state machine misses", async () => {
    const product = join(other, "product");
    const lost = "$" + "{LostFunction}";
    await mkdir(join(product, "statemachines"), { recursive: true });
    await writeFile(
      join(product, "statemachines", "migration.asl.yaml"),
      `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${lost}","End":true}}}`,
    );
    const broken = terminal({ cwd: other, env: { WAVEGATE_PRODUCT: product } });
    const { exit, out, err } = await broken.run("local", "up", "--output", "json");
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { name: "RuntimeDidNotStart" } });
    expect(err).toBe(
      `wavegate: The runtime did not start. migration.asl.yaml has substitutions without a value: ${lost}.\n`,
    );
  });

  it("says that one's own database cannot be used, without its password", async () => {
    const url = "postgresql://me:geheim@127.0.0.1:1/platform";
    const broken = terminal({ cwd: other, env: { WAVEGATE_DATABASE_URL: url } });
    const { exit, err } = await broken.run("local", "up");
    expect(exit).toBe(2);
    expect(err).toContain("The database of WAVEGATE_DATABASE_URL at 127.0.0.1:1 cannot be used");
    expect(err).not.toContain("geheim");
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});

it.each([
  ["ENOSPC: no space left on device, write\n", undefined],
  [
    "The server of /w/postgres did not start; no data was changed. Its last words: could not write lock file: No space left on device\n",
    undefined,
  ],
  ["", "The disk is full."],
])("W13 one that a full disk keeps from starting says so: %j", async (words, full) => {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-full-"));
  const home = homeAt({ WAVEGATE_HOME: folder }, folder);
  await writeFile(home.log, `up, process 1\n${words}`);
  const from = "up, process 1\n".length;
  expect(await whyEnded({ io: {} as Io, home, from }, Promise.resolve(full))).toMatchObject({
    name: "RuntimeDidNotStart",
    message: `The runtime did not start: the disk of ${home.folder} is full. What is there stays as it is; make room, and run it again.`,
  });
  await rm(folder, { recursive: true });
});

describe("the runtime's parts", () => {
  it("tells a process from a later one with the same number", async () => {
    const own = await ownMark();
    expect(await stillRuns(own)).toBe(true);
    expect(await stillRuns({ ...own, began: `${own.began}0` })).toBe(false);
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "close");
    expect(await stillRuns({ pid: child.pid ?? 0, began: own.began })).toBe(false);
  });

  it("names functions and machines as a deployment's substitutions do", () => {
    expect(substitutions(["dry-run", "commit"], ["wave"])).toEqual({
      DryRunFunction: "arn:aws:lambda:us-east-1:000000000000:function:dry-run",
      CommitFunction: "arn:aws:lambda:us-east-1:000000000000:function:commit",
      WaveStateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:wave",
    });
  });

  it("finds the handlers of the product, each under its file's name", async () => {
    const files = await functionFiles(join(import.meta.dirname, "../../functions"));
    expect(files["dry-run"]).toBe(join(import.meta.dirname, "../../functions/dry-run.ts"));
    expect(Object.keys(files).filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
  });

  it("R2 gives functions the legacy settings of .env as they are now, and the environment's first", async () => {
    const place = await mkdtemp(join(tmpdir(), "wavegate-env-"));
    await writeFile(
      join(place, ".env"),
      "LEGACY_DB_HOST=db.example\nLEGACY_DB_PASSWORD='one two'\nOLD_SCHOOL_DB_DRIVER=csv\nHOME=/root\nAWS_REGION=eu\n",
    );
    expect(peoplesSettings(place, { LEGACY_DB_HOST: "other.example", PATH: "/bin" })).toEqual({
      LEGACY_DB_HOST: "other.example",
      LEGACY_DB_PASSWORD: "one two",
      OLD_SCHOOL_DB_DRIVER: "csv",
    });
    await writeFile(join(place, ".env"), "LEGACY_DB_HOST=new.example\n");
    expect(peoplesSettings(place, {})).toEqual({ LEGACY_DB_HOST: "new.example" });
    // A line that is there for others to fill in says nothing, and an empty password is one.
    const empty = { WAVEGATE_LINK_DAYS: "", LEGACY_DB_PASSWORD: "" };
    expect(peoplesSettings(place, empty)).toEqual({
      LEGACY_DB_HOST: "new.example",
      LEGACY_DB_PASSWORD: "",
    });
    await rm(place, { recursive: true });
  });

  it("B12 tells functions of definitions that changed, came or went, and of nothing else", async () => {
    const place = await mkdtemp(join(tmpdir(), "wavegate-definitions-"));
    const states = [stateOfDefinitions(join(place, "migrations"))];
    const then = async (work: Promise<unknown>) => {
      await work;
      states.push(stateOfDefinitions(join(place, "migrations")));
      expect(stateOfDefinitions(join(place, "migrations"))).toBe(states.at(-1));
    };
    const file = (name: string) => join(place, "migrations/gym", name);
    await mkdir(join(place, "migrations/gym"), { recursive: true });
    await mkdir(join(place, "migrations/gyms"));
    await mkdir(file("parts"));
    await then(writeFile(file("definition.ts"), "one"));
    await then(writeFile(file("definition.ts"), "other"));
    await then(utimes(file("definition.ts"), 1, 1));
    // One that is as long, and says that it is as old.
    await then(
      writeFile(file("definition.ts"), "ohter").then(() => utimes(file("definition.ts"), 1, 1)),
    );
    const imports = `import { a } from "./rules.ts";\nimport {\n  type B,\n} from './parts/b.ts';\nimport "../common.ts"`;
    await then(writeFile(file("definition.ts"), imports));
    await then(writeFile(file("rules.ts"), 'export * from "../gyms/kinds.ts";'));
    await then(writeFile(file("../gyms/kinds.ts"), 'import words from "./words.json"'));
    await then(writeFile(file("../gyms/words.json"), "{}"));
    await then(writeFile(file("../gyms/words.json"), "{ }"));
    await then(writeFile(file("parts/b.ts"), 'export const C = await import("../c.ts");'));
    await then(writeFile(file("c.ts"), 'import "./definition.ts"'));
    await then(writeFile(join(place, "migrations/common.ts"), ""));
    await then(rename(file("rules.ts"), file("plan.ts")));
    // What no definition is made of: files that rows name, and whatever else lies there.
    await mkdir(file("blobs"));
    await mkdir(join(place, "migrations/blobs"));
    await writeFile(file("blobs/a.ts"), "");
    await writeFile(join(place, "migrations/blobs/a.ts"), "");
    await writeFile(file("scratch.ts"), "");
    expect(stateOfDefinitions(join(place, "migrations"))).toBe(states.at(-1));
    await then(rm(join(place, "migrations/gym"), { recursive: true }));
    expect(new Set(states.slice(0, -1)).size).toBe(states.length - 1);
    expect(states.at(-1)).toBe(states[0]);
    await mkdir(join(place, "migrations/gym"));
    await writeFile(file("members.csv"), "no,name");
    expect(stateOfDefinitions(join(place, "migrations"))).toBe(states[0]);
    await rm(place, { recursive: true });
  });

  it("keeps everything in WAVEGATE_HOME when it is set", () => {
    expect(homeAt({ WAVEGATE_HOME: "/srv/wg" }, "/home/me").runtimeFile).toBe(
      "/srv/wg/runtime.json",
    );
    expect(homeAt({}, "/tmp/here").folder).toBe("/tmp/here/.wavegate");
  });
});
