import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { inject } from "vitest";
import { makeApp } from "../../lib/infra/app.ts";
import type { Bundles } from "../../lib/infra/bundles.ts";
import { checkSettings } from "../../lib/infra/check-settings.ts";
import existingCluster from "../../lib/infra/examples/existing-cluster.ts";
import prod from "../../lib/infra/examples/prod.ts";
import { contextOfCdkJson } from "../../lib/infra/examples/template.ts";
import { deployedFor, functionNames } from "../../lib/infra/functions.ts";
import type { SettingsInput } from "../../lib/infra/settings.ts";
import type { WavegateStack } from "../../lib/infra/stack.ts";
import { type Resource, ofType as resourcesOfType } from "../../lib/infra/template.ts";
import byDefault from "../../wavegate.config.ts";

/** The three deployments that tests look at. */
export const wanted = { default: byDefault, "existing cluster": existingCluster, prod };

/** The functions that those have: none serves a feature of a migration that is not among theirs. */
export const deployedNames = deployedFor(["ecoin"]);

export type Deployment = keyof typeof wanted;

export const deployments = Object.keys(wanted) as Deployment[];

export interface Made {
  readonly app: App;
  readonly stack: WavegateStack;
  readonly template: Template;
  readonly resources: Record<string, Resource>;
}

const made = new Map<Deployment, Made>();

/** A deployment's template, made once, with stubs for the functions' code. */
export function deployment(name: Deployment): Made {
  const found = made.get(name) ?? make(name);
  made.set(name, found);
  return found;
}

function make(name: Deployment): Made {
  const { app, stack } = newApp(name);
  const template = Template.fromStack(stack);
  return { app, stack, template, resources: template.toJSON().Resources };
}

/** The example for production with another migration beside its own. */
export function deploymentWith(
  migration: string,
  context: Readonly<Record<string, unknown>> = {},
): Made {
  const migrations = ["ecoin", migration];
  const { app, stack } = newApp("prod", { ...prod, migrations }, migrations, context);
  const template = Template.fromStack(stack);
  return { app, stack, template, resources: template.toJSON().Resources };
}

/** A deployment that is not synthesised yet, with a stub for the functions' code. */
export function newApp(
  name: Deployment,
  settings: SettingsInput = wanted[name],
  known: readonly string[] = ["ecoin"],
  context: Readonly<Record<string, unknown>> = {},
): Pick<Made, "app" | "stack"> {
  const bundles = Object.fromEntries(functionNames.map((each) => [each, stub()])) as Bundles;
  const app = new App({
    context: { ...contextOfCdkJson(), ...context },
    outdir: mkdtempSync(join(stub(), "../out-")),
  });
  return makeApp(checkSettings(settings, known), bundles, app);
}

let code: string | undefined;

/** A folder to deploy instead of a bundle; everything beside it goes when the test run ends. */
function stub(): string {
  if (code === undefined) {
    code = join(mkdtempSync(join(inject("templates"), "infra-")), "stub");
    mkdirSync(code);
    writeFileSync(join(code, "stub.mjs"), "export const handler = async () => {};");
  }
  return code;
}

/** Resources of a type, by logical id. */
export const ofType = ({ resources }: Made, type: string): [string, Resource][] =>
  resourcesOfType(resources, type);
