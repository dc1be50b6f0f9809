import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * In which state the definitions of a folder are: another text after each change of a file of theirs. A function loads
 * them once, as it starts, and whoever writes one changes it between two runs.
 */
export function stateOfDefinitions(folder: string): string {
  const hash = createHash("sha256");
  for (const name of filesOf(folder).sort()) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    hash.update(`${name} ${found?.mtimeMs} ${found?.size}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Programs that somebody brings have none. */
function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
  } catch {
    return [];
  }
}
