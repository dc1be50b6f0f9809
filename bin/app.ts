#!/usr/bin/env node
import { App } from "aws-cdk-lib";
import { makeApp } from "../lib/infra/app.ts";
import { bundleFunctions } from "../lib/infra/bundles.ts";
import { checkSettings, SettingsInvalid } from "../lib/infra/check-settings.ts";
import { loadSettings } from "../lib/infra/load-settings.ts";
import { migrations } from "../migrations/index.ts";

// Not by itself when the process ends: wrong settings leave nothing behind.
const app = new App({ autoSynth: false });
try {
  const wanted = await loadSettings(app.node.tryGetContext("settings"), process.cwd());
  const settings = checkSettings(wanted, Object.keys(migrations));
  makeApp(settings, await bundleFunctions(), app);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsInvalid)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
