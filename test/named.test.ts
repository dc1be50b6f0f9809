import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engineReasons } from "../lib/define/reasons.ts";

const root = join(import.meta.dirname, "..");
const read = (pattern: string) =>
  globSync(pattern, { cwd: root }).map((file) => readFileSync(join(root, file), "utf8"));

const tests = read("test/**/*.ts").join("\n");
/** Names in the code that stand where a pattern says. */
const namesIn = (pattern: string, at: RegExp): string[] => [
  ...new Set(read(pattern).flatMap((text) => [...text.matchAll(at)].map(([, name]) => name ?? ""))),
];
const unmet = (names: readonly string[]): string[] =>
  names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`, "u").test(tests));

/** What a run, a row or the log may say by name: each is in some test, which makes it happen. */
describe("W6 W12 every name under which something is said is met by a test", () => {
  it.each<[string, readonly string[], number]>([
    [
      "checks, before a run and after it",
      namesIn("lib/{stages,review}/**/*.ts", /\bid: "([a-z_]+)"/gu),
      20,
    ],
    ["entries of the audit log", namesIn("lib/**/*.ts", /\baction: "([a-z]+(?:-[a-z]+)*)"/gu), 20],
    [
      "what becomes of a question",
      namesIn("lib/{stages,review}/**/*.ts", /\bkind: "([a-z_]+)"/gu),
      8,
    ],
    ["reasons of the engine", Object.keys(engineReasons), 5],
    [
      "what is noted of rows that are made",
      namesIn("lib/compile/staging/made-rows.ts", /'([a-z]+_[a-z]+)'/gu),
      2,
    ],
  ])("%s", (_what, names, least) => {
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(unmet(names)).toEqual([]);
  });
});
