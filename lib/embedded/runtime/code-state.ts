import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The folder that `lib/`, `functions/` and `statemachines/` are in. */
const root = join(import.meta.dirname, "..", "..", "..");

/**
 * Of which wavegate these files are: another text for another version. What runs loads functions as they are asked for,
 * so that after an exchange of files it would be put together from two versions. By names and sizes, as a copy is the
 * same.
 */
export function stateOfCode(): string {
  known ??= stateOf(root);
  return known;
}

/** As it was when this process asked first: what it has not loaded by then, it loads of these. */
let known: string | undefined;

function stateOf(folder: string): string {
  const hash = createHash("sha256");
  for (const part of ["functions", "lib", "statemachines"]) {
    const paths = readdirSync(join(folder, part), { recursive: true, encoding: "utf8" });
    for (const path of paths.filter((each) => isCode.test(each)).sort())
      hash.update(`${part}/${path} ${statSync(join(folder, part, path)).size}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

const isCode = /\.(?:ts|sql|yaml)$/u;
