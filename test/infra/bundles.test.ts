import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "../../bench/bundles.ts";
import { type Bundles, bundleFunctions } from "../../lib/infra/bundles.ts";
import { type FunctionPlan, functionNames, functions } from "../../lib/infra/functions.ts";

let folder: string;
let bundles: Bundles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-bundles-"));
  bundles = await bundleFunctions(join(folder, "bundles"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script in a fresh Node with nothing of this project near. */
function inFreshNode(script: string): { status: number | null; stdout: string; stderr: string } {
  const { PATH = "" } = process.env;
  return spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: folder,
    env: { PATH, AWS_REGION: "eu-west-3" },
    encoding: "utf8",
  });
}

const fileOf = (name: (typeof functionNames)[number]): string =>
  pathToFileURL(join(bundles[name], "bundle", `${name}.mjs`)).href;

describe("bundles", () => {
  it("are at most 1.5 MB, or say why not", async () => {
    for (const name of functionNames) {
      const plan: FunctionPlan = functions[name];
      const bytes = await bytesOf(bundles[name]);
      const large = bytes > 1_500_000;
      expect({ name, large }).toEqual({ name, large: plan.largeBecause !== undefined });
      expect(bytes).toBeLessThan(2_500_000);
    }
  });

  it("all load in a fresh Node and have a handler", () => {
    const script = functionNames
      .map(
        (name) =>
          `if (typeof (await import("${fileOf(name)}")).handler !== "function") throw new Error("${name}");`,
      )
      .join("\n");
    expect(inFreshNode(script)).toMatchObject({ status: 0, stderr: "" });
  });

  it("hold no sources and no data: code, maps and what the set-up reads", async () => {
    for (const name of functionNames) {
      const files = await readdir(bundles[name], { recursive: true, withFileTypes: true });
      const odd = files
        .filter((file) => file.isFile() && !/\.mjs(?:\.map)?$|\.sql$/.test(file.name))
        .map((file) => file.name);
      expect({ name, odd }).toEqual({ name, odd: [] });
    }
    const setUp = await readdir(bundles["set-up-database"], { recursive: true });
    expect(setUp).toContain("data/schema/001-staging.sql");
    expect(setUp).toContain("migrations/ecoin/platform-schema.postgres.sql");
    expect(setUp.filter((file) => /sample/.test(file))).toEqual([]);
    expect(
      (await readdir(bundles.classify, { recursive: true })).filter((file) => /\.sql$/.test(file)),
    ).toEqual([]);
  });

  it("fail with the names and sentences of refusals, after minifying too", () => {
    const { stdout } = inFreshNode(`
      process.env.WAVEGATE_TOKEN_KEY = Buffer.alloc(32).toString("base64");
      const { handler } = await import("${fileOf("classify")}");
      try { await handler({ run: "no id" }); } catch (error) {
        console.log(JSON.stringify({ name: error.name, message: error.message }));
      }`);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toEqual({
      name: "InputInvalid",
      message: "The input is not right: run: Invalid UUID. Nothing was written.",
    });
  });

  it("carry drivers of legacy systems only where one is opened", async () => {
    const holding = [];
    for (const name of functionNames) {
      const files = await readdir(join(bundles[name], "bundle"));
      const texts = await Promise.all(
        files
          .filter((file) => file.endsWith(".mjs"))
          .map((file) => readFile(join(bundles[name], "bundle", file), "utf8")),
      );
      for (const mark of ["mysql_native_password", "SASLInitialResponse"]) {
        if (texts.some((text) => text.includes(mark))) holding.push(`${name}: ${mark}`);
      }
    }
    expect(holding).toEqual(
      ["preflight", "plan-import", "import-range", "finish-import"].flatMap((name) => [
        `${name}: mysql_native_password`,
        `${name}: SASLInitialResponse`,
      ]),
    );
  });
});
