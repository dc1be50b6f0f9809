import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import type { AslDefinition } from "./asl.ts";
import { OPEN_SUBSTITUTION, substitute } from "./substitute.ts";
import { InvalidStateMachine } from "./validate.ts";

const ENDING = ".asl.yaml";

/**
 * Reads all `*.asl.yaml` files of a folder; a machine is named after its file. Throws
 * `InvalidStateMachine` for a file that is no YAML mapping or has a substitution without a value.
 */
export async function loadStateMachines(
  dir: string,
  substitutions: Record<string, string>,
): Promise<Record<string, AslDefinition>> {
  const files = (await readdir(dir)).filter((file) => file.endsWith(ENDING)).sort();
  const machines: Record<string, AslDefinition> = {};
  for (const file of files) {
    const text = substitute(await readFile(join(dir, file), "utf8"), substitutions);
    machines[file.slice(0, -ENDING.length)] = parse(file, text);
  }
  return machines;
}

function parse(file: string, text: string): AslDefinition {
  const open = new Set(text.match(OPEN_SUBSTITUTION));
  if (open.size > 0) {
    throw new InvalidStateMachine(
      `${file} has substitutions without a value: ${[...open].join(", ")}.`,
    );
  }
  try {
    // What stands under several names is several objects, as it is where this is deployed.
    const value: unknown = JSON.parse(JSON.stringify(parseYaml(text, { maxAliasCount: -1 })));
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      return value as AslDefinition;
    }
  } catch (cause) {
    throw new InvalidStateMachine(`${file} is not YAML: ${(cause as Error).message}`);
  }
  throw new InvalidStateMachine(`${file} does not hold a state machine.`);
}
