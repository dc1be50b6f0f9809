import { readdir } from "node:fs/promises";
import { basename, resolve } from "node:path";

export const REGION = "us-east-1";
export const ACCOUNT = "000000000000";

/** A function's ARN by its kebab name, i.e. the file `functions/<name>.ts`. */
export const functionArn = (name: string): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** A state machine's ARN by its file's name, e.g. `migration`. */
export const machineArn = (name: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;

/** The handler modules of a folder (`<kebab-name>.ts`), by name, as absolute paths. */
export async function functionFiles(folder: string): Promise<Record<string, string>> {
  const names = (await namesIn(folder, ".ts")).filter((name) => /^[a-z]/u.test(name));
  return Object.fromEntries(names.map((name) => [name, resolve(folder, `${name}.ts`)]));
}

/** Names of the state machines in a folder (`<name>.asl.yaml`). */
export const machineNames = (folder: string): Promise<string[]> => namesIn(folder, ".asl.yaml");

/**
 * What stands for `${…}` in the definitions, as a deployment would say it: `${DryRunFunction}` is
 * the ARN of `functions/dry-run.ts`, `${WaveStateMachine}` that of `wave.asl.yaml`.
 */
export const substitutions = (
  functions: readonly string[],
  machines: readonly string[],
): Record<string, string> =>
  Object.fromEntries([
    ...functions.map((name) => [`${pascalCase(name)}Function`, functionArn(name)]),
    ...machines.map((name) => [`${pascalCase(name)}StateMachine`, machineArn(name)]),
  ]);

async function namesIn(folder: string, ending: string): Promise<string[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return files
    .filter((file) => file.endsWith(ending) && !file.endsWith(".d.ts") && !file.startsWith("."))
    .map((file) => basename(file, ending))
    .sort();
}

const pascalCase = (name: string): string =>
  name.replaceAll(/(?:^|-)(\w)/gu, (_, letter: string) => letter.toUpperCase());
