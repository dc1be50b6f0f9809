import { cp, lstat, mkdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copyBinaries, findBinaries, makeLinks } from "../../../lib/embedded/postgres/binaries.ts";
import { newFolder, removeFolder } from "./support.ts";

let folder: string;

beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => removeFolder(folder));

it("makes the library links that an installation without install scripts lacks", async () => {
  const { native } = await findBinaries();
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, "pg-symlinks.json"), "utf8"),
  );
  expect(links.length).toBeGreaterThan(0);
  const home = join(folder, "package");
  await mkdir(join(home, "native"), { recursive: true });
  await cp(join(native, "pg-symlinks.json"), join(home, "native", "pg-symlinks.json"));
  for (const { source } of links) {
    await mkdir(dirname(join(home, source)), { recursive: true });
    await writeFile(join(home, source), source);
  }
  await makeLinks(home);
  await makeLinks(home);
  for (const { source, target } of links) {
    expect((await lstat(join(home, target))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(home, target), "utf8")).toBe(source);
    expect(await readlink(join(home, target))).not.toMatch(/^\//);
  }
});

it("makes one link again when only that one is missing, and leaves files alone", async () => {
  await mkdir(join(folder, "native", "lib"), { recursive: true });
  const links = [
    { source: "native/lib/libx.so.1.2", target: "native/lib/libx.so.1" },
    { source: "native/lib/libx.so.1.2", target: "native/lib/libx.so" },
  ];
  await writeFile(join(folder, "native", "pg-symlinks.json"), JSON.stringify(links));
  await writeFile(join(folder, "native", "lib", "libx.so.1.2"), "library");
  await writeFile(join(folder, "native", "lib", "libx.so.1"), "a copy");
  await makeLinks(folder);
  expect(await readlink(join(folder, "native", "lib", "libx.so"))).toBe("libx.so.1.2");
  expect(await readFile(join(folder, "native", "lib", "libx.so.1"), "utf8")).toBe("a copy");
});

it("copies the programs for an account that cannot reach the checkout, once", async () => {
  const native = join(folder, "native");
  await mkdir(join(native, "bin"), { recursive: true });
  await writeFile(join(native, "bin", "postgres"), "program");
  const binaries = { native, version: "18.0" };
  const copy = await copyBinaries(binaries, join(folder, "common"));
  expect(copy.native).toBe(join(folder, "common", "postgres-18.0"));
  await rm(native, { recursive: true });
  expect(await copyBinaries(binaries, join(folder, "common"))).toEqual(copy);
  expect(await readFile(join(copy.native, "bin", "postgres"), "utf8")).toBe("program");
});
