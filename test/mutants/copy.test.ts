import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { memory, placeFor } from "../../scripts/in-memory.ts";
import { Copy } from "../../scripts/mutants/copy.ts";
import { Known } from "../../scripts/mutants/known.ts";

const before = process.env.TMPDIR;
let outer: string;
let place: string;
let root: string;
let known: Known;
beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), "wavegate-copies-"));
  place = join(outer, "place");
  root = join(outer, "project");
  await mkdir(place);
  await mkdir(join(root, "lib"), { recursive: true });
  await writeFile(join(root, "lib/a.ts"), "a");
  known = new Known(root, join(outer, "known.json"));
  process.env.TMPDIR = place;
});
afterEach(async () => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  await rm(outer, { recursive: true });
});

it("W13 a copy of the project is made where the environment says, and goes away whole", async () => {
  const copy = await Copy.of(root, 1, known);
  const [name = ""] = await readdir(place);
  expect(name).toMatch(/^mutants-/u);
  expect(await readFile(join(place, name, "lib/a.ts"), "utf8")).toBe("a");
  await copy.remove();
  expect(await readdir(place)).toEqual([]);
});

it("W13 a copy that breaks off in the middle leaves nothing", async () => {
  // Nothing that can be copied.
  execFileSync("mkfifo", [join(root, "pipe")]);
  await expect(Copy.of(root, 1, known)).rejects.toThrow(/pipe/iu);
  expect(await readdir(place)).toEqual([]);
});

it("W13 memory is taken only where it holds what comes there", async () => {
  delete process.env.TMPDIR;
  expect(await placeFor(2 ** 60)).toBe(tmpdir());
  expect([memory, tmpdir()]).toContain(await placeFor(0));
});
