import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { acknowledge } from "./acknowledgements.ts";
import type { Bundles } from "./bundles.ts";
import type { Settings } from "./settings.ts";
import { WavegateStack } from "./stack.ts";

/** The app of one deployment. Synthesis fails on any finding that is not acknowledged with a reason. */
export function makeApp(
  settings: Settings,
  bundles: Bundles,
  app: App = new App(),
): { app: App; stack: WavegateStack } {
  const { name, account, region, stage } = settings;
  const stack = new WavegateStack(app, name, {
    stackName: name,
    description: "wavegate: moves people's records from a legacy platform into a new one",
    env: { region, ...(account ? { account } : {}) },
    tags: { wavegate: name, stage },
    terminationProtection: stage === "prod",
    settings,
    bundles,
  });
  acknowledge(stack, settings);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}
