import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { everyRow, SAMPLE, students } from "./read.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("../../scripts/sample.ts", import.meta.url));
const FILES = [
  "legacy/formations.csv",
  "legacy/session_ecoins.csv",
  "legacy/stagiaires.csv",
  "legacy/archives.csv",
  "platform.sql",
  "truth.csv",
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sample-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sample = (...options: string[]) =>
  run(process.execPath, [SCRIPT, "--out", folder, ...options]);

describe("the sample generator", () => {
  it("makes the committed sample again, byte by byte", async () => {
    await sample();
    for (const file of FILES) {
      const [made, committed] = await Promise.all(
        [folder, SAMPLE].map((where) => readFile(join(where, file))),
      );
      expect(made?.equals(committed as Buffer), file).toBe(true);
    }
  });

  it("makes another sample from another seed, with the same landmarks", async () => {
    await sample("--seed", "7");
    const [made, committed] = [await students(folder), await students()];
    expect(made[500]).not.toEqual(committed[500]);
    const landmarks = (rows: typeof made) => rows.filter(isLandmark).map(withoutDate);
    expect(landmarks(made)).toEqual(landmarks(committed));
    expect(landmarks(made)).toHaveLength(132);
  });

  it("makes larger samples in the same proportions, with the same landmarks", async () => {
    await sample("--rows", "12000");
    const made = await students(folder);
    expect(made).toHaveLength(12_000);
    expect(made.filter(({ table }) => table === "archives")).toHaveLength(3_200);
    expect(await everyRow(folder, "session_ecoins", ["id"])).toHaveLength(960);
    const landmarks = (rows: typeof made) => rows.filter(isLandmark).map(withoutDate);
    expect(landmarks(made)).toEqual(landmarks(await students()));
  });

  it.each([["12"], ["many"], ["1e99"]])("refuses %s rows in one sentence", async (rows) => {
    await expect(sample("--rows", rows)).rejects.toMatchObject({
      code: 1,
      stderr: "--rows takes a whole number from 1000 to 20000000; nothing was written.\n",
    });
  });
});

function isLandmark({ table, id }: { table: string; id: string | null }): boolean {
  return Number(id) <= (table === "archives" ? 10 : 122);
}

function withoutDate({ created_at: _, ...row }: Record<string, unknown>) {
  return row;
}
