import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AslDefinition } from "./asl.ts";
import { OPEN_SUBSTITUTION, substitute } from "./substitute.ts";
import { InvalidStateMachine } from "./validate.ts";

const ENDING = ".asl.json";

/**
 * Reads all `*.asl.json` files of a folder; a machine is named after its file. Throws
 * `InvalidStateMachine` for a file that is no JSON object or has a substitution without a value.
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
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      return value as AslDefinition;
    }
  } catch (cause) {
    throw new InvalidStateMachine(`${file} is not JSON: ${(cause as Error).message}`);
  }
  throw new InvalidStateMachine(`${file} does not hold a state machine.`);
}
