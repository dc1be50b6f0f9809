import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestServices, testServices } from "../support/services.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";
import { lending, lendingFiles, lendingPlatform } from "./worlds/lending.ts";

const runs = [1, 2, 3].map((n) => `7f3a0000-0000-4000-8000-00000000c50${n}`) as [
  string,
  string,
  string,
];

let legacy: string;
let test: TestServices;
beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [table, lines] of Object.entries(lendingFiles)) {
    await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
  }
  test = await testServices({
    world: { migration: lending, platform: [lendingPlatform], legacy },
  });
});
afterAll(async () => {
  await test.close();
  await rm(legacy, { recursive: true });
});

const states = async (view: string, run: string) =>
  (await standing(test, view, run)).map(
    ({ no, state, why }) => `${no} ${state}${why ? ` ${why}` : ""}`,
  );

describe("B5 a migration of several kinds of things", () => {
  const tables = ["sites", "patrons"];

  it("B5 R17 goes all the way, and back", async () => {
    const before = await rowsOf(test, tables);
    expect(await committed(test, runs[0])).toEqual([]);
    expect(await states("lending_branch", runs[0])).toEqual([
      "N committed",
      "S committed",
      "X held title_missing",
    ]);
    expect(await states("lending_reader", runs[0])).toEqual([
      "R-1 committed",
      "R-2 committed",
      "R-3 held left",
      "R-4 committed",
      "R-5 committed",
    ]);
    const [ids] = await test.query(
      "select (select min(id) from wavegate.lending_branch) as branch, (select min(id) from wavegate.lending_reader) as reader",
    );
    expect(ids).toEqual({ branch: "1", reader: "1000000000001" });
    expect(await takenBack(test, runs[0])).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(before);
  });

  it("B5 M11 once more writes nothing: the ledger knows each row", async () => {
    expect(await committed(test, runs[1])).toEqual([]);
    const after = await rowsOf(test, tables);
    expect(await committed(test, runs[2])).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(after);
    expect(await states("lending_branch", runs[2])).toEqual([
      "N skipped moved_before",
      "S skipped moved_before",
      "X held title_missing",
    ]);
  });
});
