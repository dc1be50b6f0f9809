import { type ChildProcess, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { placeFor, roomOfTests } from "../in-memory.ts";
import { type Mutant, mutated } from "./mutant.ts";

/**
 * How some test files ended: all passed; the first that did not, or none of them where no test could be begun; or
 * not within the time, the whole batch's or one test's.
 */
export type Asked =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly test: string | undefined }
  | { readonly kind: "late" };

/** What Vitest tells of its runs, as far as it is looked at. */
interface Report {
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly message?: string;
    readonly assertionResults?: readonly { readonly failureMessages?: readonly string[] | null }[];
  }[];
}

/** What a test says that waited longer than it may: a machine under load says it as well. */
const waited = /timed out in \d+ ?ms/;

/** A copy of the project, in which mistakes are made one at a time. */
export class Copy {
  private readonly folder: string;
  /** Seconds that each test file took when it passed, the longest. */
  readonly #took = new Map<string, number>();
  #under: ChildProcess | undefined;
  #ended = false;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param lanes copies that are asked at the same time, each of which runs tests */
  static async of(root: string, lanes: number): Promise<Copy> {
    const folder = await mkdtemp(join(await placeFor(lanes * roomOfTests), "mutants-"));
    const copy = new Copy(folder);
    try {
      await copy.#fill(root);
      return copy;
    } catch (error) {
      await copy.remove();
      throw error;
    }
  }

  async #fill(root: string): Promise<void> {
    const left = new Set(["node_modules", ".git", ".wavegate", "cdk.out", "audit"]);
    await cp(root, this.folder, {
      recursive: true,
      filter: (path) => !left.has(relative(root, path).split("/")[0] ?? ""),
    });
    // What tests that were ended leave lies in it, and goes with it; databases may be another user's.
    await chmod(this.folder, 0o755);
    await mkdir(join(this.folder, "tmp"));
    await chmod(join(this.folder, "tmp"), 0o777);
    await symlink(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Asks test files about a mistake, or about the code as it is. */
  async ask(tests: readonly string[], mutant?: Mutant): Promise<Asked> {
    if (mutant === undefined) return this.#run(tests);
    const path = join(this.folder, mutant.file);
    const original = await readFile(path, "utf8");
    await writeFile(path, mutated(original, mutant));
    try {
      return await this.#run(tests);
    } finally {
      await writeFile(path, original);
    }
  }

  remove = (): Promise<void> => rm(this.folder, { recursive: true, force: true });

  /** Ends what is under way, with everything that it started, and asks no more. */
  end(): void {
    this.#ended = true;
    this.#endTests();
  }

  #endTests(): void {
    if (this.#under?.pid !== undefined && this.#under.exitCode === null) {
      process.kill(-this.#under.pid, "SIGKILL");
    }
  }

  /** What some test files may take in seconds: much more than they ever did, or what none of them takes. */
  #limit(tests: readonly string[]): number {
    const took = tests.map((test) => this.#took.get(test));
    const known = took.filter((each) => each !== undefined);
    if (known.length < took.length) return 420;
    return 60 + 4 * known.reduce((sum, each) => sum + each, 0);
  }

  async #run(tests: readonly string[]): Promise<Asked> {
    if (this.#ended) return { kind: "passed" };
    const report = join(this.folder, "mutants-report.json");
    await rm(report, { force: true });
    const vitest = join(this.folder, "node_modules/vitest/vitest.mjs");
    const child = spawn(
      process.execPath,
      [
        vitest,
        "run",
        ...tests,
        "--bail=1",
        "--experimental.fsModuleCache",
        "--maxWorkers=1",
        "--reporter=json",
        `--outputFile=${report}`,
      ],
      {
        cwd: this.folder,
        env: {
          ...process.env,
          TMPDIR: join(this.folder, "tmp"),
          NODE_COMPILE_CACHE: join(this.folder, "compiled"),
        },
        stdio: "ignore",
        detached: true,
      },
    );
    this.#under = child;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#endTests();
    }, this.#limit(tests) * 1000);
    const code = await new Promise<number | null>((done) => child.once("exit", done));
    clearTimeout(timer);
    if (late) return { kind: "late" };
    const { testResults = [] } = JSON.parse(
      await readFile(report, "utf8").catch(() => "{}"),
    ) as Report;
    for (const { name, status, startTime, endTime } of testResults) {
      const test = relative(this.folder, name);
      const took = (endTime - startTime) / 1000;
      if (status === "passed") this.#took.set(test, Math.max(took, this.#took.get(test) ?? 0));
    }
    if (code === 0) return { kind: "passed" };
    const failed = testResults.find(({ status }) => status === "failed");
    const said = failed?.assertionResults?.flatMap(({ failureMessages }) => failureMessages ?? []);
    if ([failed?.message ?? "", ...(said ?? [])].some((each) => waited.test(each)))
      return { kind: "late" };
    return { kind: "failed", test: failed && relative(this.folder, failed.name) };
  }
}
