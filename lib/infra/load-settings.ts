import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SettingsInvalid } from "./check-settings.ts";

/**
 * What the settings file exports by default: `wavegate.config.ts`, or the file that
 * `-c settings=FILE` names. Errors: {@link SettingsInvalid}.
 */
export async function loadSettings(named: unknown, folder: string): Promise<unknown> {
  const file = typeof named === "string" && named !== "" ? named : "wavegate.config.ts";
  const path = resolve(folder, file);
  if (!existsSync(path)) {
    throw new SettingsInvalid(
      `The settings file ${file} is not there: it has to be a TypeScript file that exports the settings by default, for example -c settings=wavegate.config.ts. Nothing was made.`,
    );
  }
  const loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
  return loaded.default;
}
