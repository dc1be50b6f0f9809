import { readFile } from "node:fs/promises";
import { SourceSettingsInvalid } from "./errors.ts";

/** The certificate of a CA that a setting names. Errors: `SourceSettingsInvalid`. */
export async function certificate(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new SourceSettingsInvalid(
      `The file that ${setting} names cannot be read; write the path of the CA's certificate, for example ${setting}=/path/to/ca.pem. Nothing was read.`,
      { cause: error },
    );
  }
}
