import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { contextOfCdkJson } from "../../lib/infra/examples/template.ts";
import { everyStep } from "../support/every-step.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "wavegate-synth-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the app as the CDK's command line does, without credentials and without a network's help. */
function synth(name: string, context: Record<string, unknown>) {
  const out = join(folder, name);
  const { status, stderr } = spawnSync(process.execPath, ["bin/app.ts"], {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? "",
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...contextOfCdkJson(), ...context }),
    },
    encoding: "utf8",
  });
  return { status, stderr, out };
}

describe("cdk synth, with every check and the real bundles", () => {
  // What is synthesised of each example is checked in `checks.test.ts`, too; all of them here in `npm run test:all`.
  it.each([
    ["wavegate", {}],
    ...(everyStep
      ? ([
          ["wavegate-prod", { settings: "lib/infra/examples/prod.ts" }],
          ["wavegate-rehearsal", { settings: "lib/infra/examples/existing-cluster.ts" }],
        ] as const)
      : []),
  ] as const)("makes the deployment %s", (name, context) => {
    const { status, stderr, out } = synth(name, context);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { Resources } = JSON.parse(readFileSync(join(out, `${name}.template.json`), "utf8"));
    expect(Object.keys(Resources).length).toBeGreaterThan(100);
    const report = JSON.parse(readFileSync(join(out, "validation-report.json"), "utf8"));
    expect(
      report.pluginReports.map(({ conclusion }: { conclusion: string }) => conclusion),
    ).toEqual(["success"]);
  });

  it("W13 says in one line what is wrong with the settings, and makes nothing", () => {
    const { status, stderr, out } = synth("wrong", { settings: "lib/infra/settings.ts" });
    expect(status).toBe(1);
    expect(stderr).toBe(
      "The setting file is missing: it has to be an object of settings. Nothing was made.\n",
    );
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });
});
