import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addDotEnv } from "../../lib/cli/dotenv.ts";
import type { Io } from "../../lib/cli/io.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "wavegate-dotenv-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const read = async (text: string) => {
  await writeFile(join(cwd, ".env"), text);
  const env: Record<string, string | undefined> = {};
  await addDotEnv({ env, cwd } as Io);
  return env;
};

describe("W13 the lines of .env", () => {
  it.each([
    ["A=1\nB = 2\n", { A: "1", B: "2" }],
    ["# a remark\n\n  A=1 # another\n", { A: "1" }],
    ["export A=1\r\nB='x=y'\r\n", { A: "1", B: "x=y" }],
    ['A="one\ntwo words\n"\nB=2\n', { A: "one\ntwo words\n", B: "2" }],
    ["A=\nB=it's\n", { A: "", B: "it's" }],
  ])("%j are settings", async (text, settings) => {
    expect(await read(text)).toEqual(settings);
  });

  it.each([
    ["LEGACY_DB_PASSWORD hush\n", "a line that is no setting: number 1"],
    ["A=1\nLEGACY_DB_HOST: 127.0.0.1\n", "a line that is no setting: number 2"],
    ["A=1\n\nhush\nB=2\n", "a line that is no setting: number 3"],
    ["set A\n=1\nexport B\n", "lines that are no settings: number 1, 2, 3"],
  ])("%j is refused by its number, without a word of it", async (text, says) => {
    await expect(read(text)).rejects.toMatchObject({
      name: "SettingsUnreadable",
      message: `${join(cwd, ".env")} has ${says}. Nothing was written; a setting is NAME=value, a remark begins with #.`,
    });
  });
});
