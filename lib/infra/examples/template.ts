import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { makeApp } from "../app.ts";
import type { Bundles } from "../bundles.ts";
import { checkSettings } from "../check-settings.ts";
import { type FunctionPlan, functionNames, functions } from "../functions.ts";
import type { Resources } from "../template.ts";
import production from "./prod.ts";

/**
 * The template of the example for production with every function that there is, without the functions' code: what
 * documents are made of.
 */
export async function exampleTemplate(): Promise<Resources> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-template-"));
  try {
    const code = join(folder, "code");
    await mkdir(code);
    const bundles = Object.fromEntries(functionNames.map((name) => [name, code])) as Bundles;
    const served = functionNames.flatMap((name) => {
      const { serves }: FunctionPlan = functions[name];
      return serves === undefined ? [] : [serves];
    });
    const migrations = [...production.migrations, ...served];
    const settings = checkSettings({ ...production, migrations }, migrations);
    const { stack } = makeApp(
      settings,
      bundles,
      new App({ context: contextOfCdkJson(), outdir: join(folder, "out") }),
    );
    return Template.fromStack(stack).toJSON().Resources;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The flags that `cdk synth` reads from `cdk.json`; an app made without the CLI has to bring them. */
export const contextOfCdkJson = (): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL("../../../cdk.json", import.meta.url), "utf8")).context;
