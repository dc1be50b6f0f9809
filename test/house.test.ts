import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const rooms = ["lib", "functions", "bin", "migrations", "bench", "scripts", "campaign"];

const filesOf = (room: string): string[] =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/u.test(name) && !name.endsWith(".d.ts"))
    .map((name) => join(root, room, name));

/** What a file imports of its own project, types and imports on demand included. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/gu)].map(
    ([, to = ""]) => resolve(dirname(file), to),
  );

/** Every path that comes back to where it began, once for each file on which it closes. */
function circles(files: readonly string[], importsOf: (file: string) => string[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(" → "));
    if (at >= 0 || done.has(file)) return;
    for (const next of importsOf(file)) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}

it("the house has no circles: no file imports what imports it, in however many steps", () => {
  const files = rooms.flatMap(filesOf);
  const known = new Set(files);
  const found = circles(files, (file) => importsOf(file).filter((to) => known.has(to)));
  expect(found.map((circle) => circle.replaceAll(`${root}/`, ""))).toEqual([]);
  // Looked at were all of them.
  expect(files.map((file) => relative(root, file))).toContain("lib/embedded/states/task-work.ts");
});

it("the search for circles finds one of two files, one of four, and a file that imports itself", () => {
  const imports: Record<string, string[]> = {
    a: ["b"],
    b: ["a", "c"],
    c: ["d"],
    d: ["e"],
    e: ["c", "f"],
    f: ["f"],
  };
  expect(circles(Object.keys(imports), (file) => imports[file] ?? [])).toEqual([
    "a → b → a",
    "c → d → e → c",
    "f → f",
  ]);
});
