import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * In which state the definitions of a folder are: another text after each change of a file that one is made of. A
 * function loads them once, as it starts, and whoever writes one changes it between two runs. Only what a definition
 * imports is looked at: it is done before each call of a function, and beside a definition there may be a hundred
 * thousand files that rows name.
 */
export function stateOfDefinitions(folder: string): string {
  const hash = createHash("sha256");
  const files = new Set(definitionsIn(folder));
  // What is found on the way is gone through as well.
  for (const file of files) {
    const { state, imports } = read(file);
    hash.update(`${relative(folder, file)} ${state}\n`);
    for (const each of imports) if (each.startsWith(join(folder, "/"))) files.add(each);
  }
  return hash.digest("hex").slice(0, 16);
}

/** The `definition.ts` of each folder that has one (migrations/index.ts); programs that somebody brings have none. */
function definitionsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name, "definition.ts"))
      .filter((file) => existsSync(file))
      .sort();
  } catch {
    return [];
  }
}

interface SourceFile {
  readonly state: string;
  /** Paths of the files that it imports. */
  readonly imports: readonly string[];
}

/** As they were read: one that did not change since imports what it did. */
const known = new Map<string, SourceFile>();

function read(file: string): SourceFile {
  try {
    // A file that was put in its place, or written to, is another one, whatever is said of its time of change.
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    const state = [dev, ino, size, mtimeNs, ctimeNs].join(" ");
    const before = known.get(file);
    if (before?.state === state) return before;
    const now = { state, imports: isCode.test(file) ? importsOf(file) : [] };
    known.set(file, now);
    return now;
  } catch {
    // It is not there yet, or just went.
    return { state: "none", imports: [] };
  }
}

const isCode = /\.[cm]?[jt]s$/;
/** Behind `from`, or `import`, or `import(`: one in a comment does no harm. */
const imported = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

const importsOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(imported)].map(([, path = ""]) =>
    join(dirname(file), path),
  );
