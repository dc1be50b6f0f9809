import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Callers, type Place } from "./callers.ts";
import type { Known } from "./known.ts";
import type { Mutant } from "./mutant.ts";

/** Tests that need what is not everywhere, or that are long stories of what others tell: never asked. */
const leftOut = /^test\/(?:browser|campaign|embedded|versions)\//;

/** Whole stories: whoever breaks what stages do is mostly found here. */
const stories = new Set(
  ["canon/ecoin", "stages/checks-seen-red", "stages/waves"].map((name) => `test/${name}.test.ts`),
);

/** Lines around a mistake whose words tell what it is about. */
const around = 8;

/** Which test files come to a source file by their imports, the likeliest to notice something first. */
export class Reach {
  private readonly root: string;
  readonly #imports = new Map<string, readonly string[]>();
  /** Of each test file the files that it comes to, and over how many imports. */
  readonly #tests: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Of each test file the words of all that it comes to but the code that is tested. */
  readonly #words: ReadonlyMap<string, ReadonlySet<string>>;
  /** By the name of a refusal or error the test that makes it happen, as `test/refusals.test.ts` lists them. */
  readonly #provoked: ReadonlyMap<string, string>;
  readonly #known: Known;
  readonly #callers: Callers;

  constructor(root: string, known: Known) {
    this.root = root;
    this.#known = known;
    this.#callers = new Callers(root);
    const tests = globSync("test/**/*.test.ts", { cwd: root }).filter(
      (test) => !leftOut.test(test),
    );
    this.#tests = new Map(tests.map((test) => [test, this.#closure(test)]));
    const listed = readFileSync(join(root, "test/refusals.test.ts"), "utf8");
    this.#provoked = new Map(
      [...listed.matchAll(/^ {2}(\w+): "([\w./-]+\.test\.ts)",$/gm)].map(([, name = "", test]) => [
        name,
        `test/${test}`,
      ]),
    );
    const words = new Map<string, readonly string[]>();
    const wordsOf = (file: string) => {
      const found = words.get(file) ?? wordsIn(readFileSync(join(root, file), "utf8"));
      words.set(file, found);
      return found;
    };
    this.#words = new Map(
      [...this.#tests].map(([test, reached]) => [
        test,
        new Set([...reached.keys()].filter((file) => !file.startsWith("lib/")).flatMap(wordsOf)),
      ]),
    );
  }

  /**
   * The tests that come to a file, in the order in which they are to be asked about a mistake in it: those that noticed
   * one there; then those that make happen what is refused beside the mistake, are called as it is, lie where it lies, call
   * it themselves, run it, noticed one in the same folder, or share the rarest words with the lines around the mistake, the
   * more of that in the less time the earlier; last those that do not run it, as far as is known.
   */
  testsOf({ file, from, upTo }: Pick<Mutant, "file" | "from" | "upTo">, content = ""): string[] {
    const name = basename(file).replace(/^\d+-|\.(?:ts|sql)$/g, "");
    const words = wordsAround(content, from);
    const provoking = new Set(words.map((word) => this.#provoked.get(word)));
    const shared = this.#sharedWith(words);
    const most = Math.max(...shared.values(), 0.001);
    const ofSchema = file.endsWith(".sql");
    const places = ofSchema ? this.#callers.of(content, from) : [{ file, from, upTo }];
    const ran = (test: string) => runsAny(this.#known, test, places);
    const running = [...this.#tests.keys()].filter(ran).length / this.#tests.size;
    return [...this.#tests]
      .filter(
        // Every test with a database runs the schema.
        ([, reached]) => reached.has(file) || (ofSchema && reached.has("test/support/services.ts")),
      )
      .map(([test, reached]) => {
        const runs = ran(test);
        const near =
          1 +
          (provoking.has(test) ? 8 : 0) +
          (isNamedAs(basename(test, ".test.ts"), name) ? 4 : 0) +
          (reached.get(file) === 1 ? 3 : 0) +
          (4 * (shared.get(test) ?? 0)) / most +
          // The fewer run it, the more it is theirs.
          (runs ? 1 + 5 * (1 - running) ** 2 : 0) +
          (test.split("/")[1] === file.split("/")[1] && !ofSchema ? 2 : 0) +
          (stories.has(test) ? 4 : 0) +
          Math.min(4, this.#known.noticedBeside(file, test));
        // However short: one that has little to do with it tells nothing, and takes another's place.
        const value = near ** 2 / (10 + this.#known.secondsOf(test));
        return {
          test,
          rank: [
            runs === false && !file.endsWith(".sql") ? 1 : 0,
            -this.#known.noticedBy(file, test),
            -value,
          ],
        };
      })
      .toSorted((one, other) => {
        const differs = one.rank.findIndex((each, index) => each !== other.rank[index]);
        return differs < 0 ? 0 : (one.rank[differs] ?? 0) - (other.rank[differs] ?? 0);
      })
      .map(({ test }) => test);
  }

  /**
   * How much each test file shares of some words: each counts the more, the fewer have it, and the less, the more words
   * a file has.
   */
  #sharedWith(words: readonly string[]): Map<string, number> {
    const shared = new Map<string, number>();
    for (const word of words) {
      const having = [...this.#words].filter(([, words]) => words.has(word));
      const rare = Math.log(this.#words.size / having.length);
      for (const [test, { size }] of having)
        shared.set(test, (shared.get(test) ?? 0) + rare / Math.sqrt(size));
    }
    return shared;
  }

  #closure(test: string): Map<string, number> {
    const reached = new Map([[test, 0]]);
    for (const [file, far] of reached) {
      for (const next of this.#importsOf(file)) if (!reached.has(next)) reached.set(next, far + 1);
    }
    return reached;
  }

  #importsOf(file: string): readonly string[] {
    const known = this.#imports.get(file);
    if (known) return known;
    const content = readFileSync(join(this.root, file), "utf8");
    // What is imported as a type only runs nothing.
    const found = [
      ...content.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+\.ts)";/gm),
    ].map(([, path = ""]) => join(dirname(file), path));
    this.#imports.set(file, found);
    return found;
  }
}

/** Whether a test's name is a file's, but for one or several: `trial` is about `trials`. */
const isNamedAs = (test: string, file: string): boolean =>
  test.replace(/s$/, "") === file.replace(/s$/, "");

/** Whether a test runs one of several places; undefined if that is known of none. */
function runsAny(known: Known, test: string, places: readonly Place[]): boolean | undefined {
  const all = places.map(({ file, from, upTo }) => known.runs(test, file, from, upTo));
  return all.includes(true) ? true : all.find((each) => each !== undefined);
}

/** The words of the lines around an offset, each once. */
function wordsAround(content: string, at: number): readonly string[] {
  const lines = content.split("\n");
  const line = content.slice(0, at).split("\n").length - 1;
  const near = lines.slice(Math.max(0, line - around), line + around + 1).join("\n");
  return [...new Set(wordsIn(near))];
}

/** The words and names of a text. */
const wordsIn = (text: string): readonly string[] => text.match(/[A-Za-z_]{4,}/g) ?? [];
