import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Tests that need what is not everywhere, or that are long stories of what others tell: never asked. */
const leftOut = /^test\/(?:browser|campaign|embedded|versions)\//;

/** Whole stories: whoever breaks what stages do is mostly found here. */
const stories = [
  "test/stages/checks-seen-red.test.ts",
  "test/stages/waves.test.ts",
  "test/canon/ecoin.test.ts",
  "test/evidence/whole-run.test.ts",
  "test/stages/rollback.test.ts",
];

/** Which test files come to a source file by their imports, the likeliest to notice something first. */
export class Reach {
  private readonly root: string;
  readonly #imports = new Map<string, readonly string[]>();
  /** Of each test file the files that it comes to, and over how many imports. */
  readonly #tests: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** How often a test file noticed a mistake in a source file. */
  readonly #noticed = new Map<string, number>();

  constructor(root: string) {
    this.root = root;
    const tests = globSync("test/**/*.test.ts", { cwd: root }).filter(
      (test) => !leftOut.test(test),
    );
    this.#tests = new Map(tests.map((test) => [test, this.#closure(test)]));
  }

  /** A test file noticed a mistake in a source file: it is asked first about the next one. */
  noticed(file: string, test: string): void {
    const key = `${file} ${test}`;
    this.#noticed.set(key, (this.#noticed.get(key) ?? 0) + 1);
  }

  /** The tests of a file in the order in which they are to be asked. */
  testsOf(file: string): string[] {
    const name = basename(file).replace(/^\d+-|\.(?:ts|sql)$/g, "");
    const rank = (test: string): readonly number[] => [
      -(this.#noticed.get(`${file} ${test}`) ?? 0),
      basename(test, ".test.ts") === name ? 0 : 1,
      Math.min(this.#tests.get(test)?.get(file) ?? 4, 4),
      dirname(test).split("/").at(-1) === file.split("/")[1] ? 0 : 1,
      stories.includes(test) ? stories.indexOf(test) : stories.length,
      this.#tests.get(test)?.size ?? 0,
    ];
    const found = [...this.#tests].filter(
      // Every test with a database runs the schema.
      ([, reached]) =>
        reached.has(file) || (file.endsWith(".sql") && reached.has("test/support/services.ts")),
    );
    return found
      .map(([test]) => ({ test, rank: rank(test) }))
      .sort((one, other) => {
        const at = one.rank.findIndex((value, index) => value !== other.rank[index]);
        return at < 0 ? 0 : (one.rank[at] ?? 0) - (other.rank[at] ?? 0);
      })
      .map(({ test }) => test);
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
