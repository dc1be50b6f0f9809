import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findMigrations, migrations, unusable } from "../../migrations/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-migrations-"));
  const files: Record<string, string> = {
    "gym/definition.ts": 'export const members = { name: "gym", entity: {} };',
    "pool/definition.ts": 'export const pool = { name: "poole", entity: {} };',
    "spa/definition.ts": 'throw new Error("The wave plan is missing.");',
    "notes/readme.md": "Not a migration.",
    "index.ts": "",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true }));

it("B5 a folder with a definition is a migration; one that cannot be used says why, and stops no other", async () => {
  const found = await findMigrations(pathToFileURL(`${folder}/`));
  expect(Object.keys(found.migrations)).toEqual(["gym"]);
  expect(found.unusable).toEqual({
    pool: "migrations/pool/definition.ts exports no definition whose name is “pool”: a migration is called as its folder.",
    spa: "The wave plan is missing.",
  });
});

it("B5 the project's own are found so", () => {
  expect(Object.keys(migrations)).toContain("ecoin");
  expect(unusable).toEqual({});
});
