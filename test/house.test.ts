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

/** Of each folder in a folder those on which it stands; of files that lie in it itself, "". */
function roomsWithin(folder: string): Map<string, Set<string>> {
  const within = join(root, folder);
  const roomOf = (file: string) => relative(within, dirname(file)).split("/")[0] ?? "";
  const standsOn = new Map<string, Set<string>>();
  for (const file of filesOf(folder)) {
    const others = standsOn.get(roomOf(file)) ?? new Set();
    standsOn.set(roomOf(file), others);
    for (const to of importsOf(file))
      if (to.startsWith(`${within}/`) && roomOf(to) !== roomOf(file)) others.add(roomOf(to));
  }
  return standsOn;
}

it.each(["lib", "lib/compile", "lib/stages", "lib/review"])(
  "the house has no circles of rooms: of two rooms in %s one stands on the other, in however many steps",
  (folder) => {
    const standsOn = roomsWithin(folder);
    expect(circles([...standsOn.keys()], (room) => [...(standsOn.get(room) ?? [])])).toEqual([]);
    expect(standsOn.size).toBeGreaterThan(folder === "lib" ? 15 : 5);
    // What a migration is written in stands on nothing.
    expect([...(standsOn.get("define") ?? [])]).toEqual([]);
  },
);

it("the house has small rooms: half of its files are of 90 lines at most, and none but definitions is over 350", () => {
  const lines = (file: string) => readFileSync(file, "utf8").split("\n").length - 1;
  const product = rooms.filter((room) => room !== "migrations").flatMap(filesOf);
  expect(product.filter((file) => lines(file) > 350)).toEqual([]);
  const sizes = product.map(lines).sort((one, other) => one - other);
  expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(90);
  // Nor is one so full that its files have to be searched.
  const files = filesOf("lib");
  const full = Object.entries(
    Object.groupBy(files, (file) => relative(root, dirname(file))),
  ).filter(([, of = []]) => of.length > 45);
  expect(full.map(([room]) => room)).toEqual([]);
  // A test's file is about one thing as well; over 350 lines are those of one world that is dear to make.
  const tests = filesOf("test").map(lines);
  expect(Math.max(...tests)).toBeLessThanOrEqual(620);
  expect(tests.filter((each) => each > 350).length / tests.length).toBeLessThan(0.08);
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

it("W13 what people are given is there whole or not at all: a file of theirs is written beside, and gets its name when it is whole", () => {
  const own = /^lib\/(?:cli|evidence|author|review|console|stages)\//u;
  const writes = /\b(?:writeFile|appendFile|createWriteStream)(?:Sync)?\(/u;
  const found = filesOf("lib")
    .filter((file) => own.test(relative(root, file)) && writes.test(readFileSync(file, "utf8")))
    .map((file) => relative(join(root, "lib"), file));
  expect(found.sort()).toEqual([
    // The process's own note.
    "cli/local/leftovers.ts",
    // Scripts in a folder of the process's own, which goes with it.
    "cli/restore/scratch.ts",
    // Files of a folder that says of itself that it is no bundle before all of them are there.
    "evidence/pull-folder.ts",
  ]);
});

it("the house says by `export` what others use: nothing is exported that no other file names", () => {
  const wordsOf = (file: string) =>
    new Set(readFileSync(file, "utf8").match(/[A-Za-z_$][\w$]*/gu) ?? []);
  const words = new Map([...rooms, "serving", "test"].flatMap(filesOf).map((f) => [f, wordsOf(f)]));
  const usedIn = Map.groupBy(
    [...words].flatMap(([file, named]) => [...named].map((word) => ({ word, file }))),
    ({ word }) => word,
  );
  const exported = /^export (?:async )?(?:const|let|function\*?|class|type|interface) ([\w$]+)/gmu;
  const found = ["lib", "bench", "scripts", "campaign"]
    .flatMap(filesOf)
    .flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(exported)].map(([, name = ""]) => ({ file, name })),
    );
  expect(found.length).toBeGreaterThan(1000);
  const alone = found.filter(({ name }) => usedIn.get(name)?.length === 1);
  expect(alone.map(({ file, name }) => `${relative(root, file)} ${name}`)).toEqual([]);
});
