import { type ChildProcess, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Mutant, mutated } from "./mutant.ts";

/** How some test files ended: all passed, the first that did not, or none within the time. */
export type Asked =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly test: string }
  | { readonly kind: "late" };

/** A copy of the project, in which mistakes are made one at a time. */
export class Copy {
  private readonly folder: string;
  #under: ChildProcess | undefined;
  #ended = false;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async of(root: string): Promise<Copy> {
    const folder = await mkdtemp(join(tmpdir(), "wavegate-mutants-"));
    const left = new Set(["node_modules", ".git", ".wavegate", "cdk.out", "audit"]);
    await cp(root, folder, {
      recursive: true,
      filter: (path) => !left.has(relative(root, path).split("/")[0] ?? ""),
    });
    // What tests that were ended leave lies in it, and goes with it; databases may be another user's.
    await chmod(folder, 0o755);
    await mkdir(join(folder, "tmp"));
    await chmod(join(folder, "tmp"), 0o777);
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    return new Copy(folder);
  }

  /** Asks test files about a mistake, or about the code as it is. */
  async ask(tests: readonly string[], seconds: number, mutant?: Mutant): Promise<Asked> {
    if (mutant === undefined) return this.#run(tests, seconds);
    const path = join(this.folder, mutant.file);
    const original = await readFile(path, "utf8");
    await writeFile(path, mutated(original, mutant));
    try {
      return await this.#run(tests, seconds);
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

  async #run(tests: readonly string[], seconds: number): Promise<Asked> {
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
        "--maxWorkers=1",
        "--reporter=json",
        `--outputFile=${report}`,
      ],
      {
        cwd: this.folder,
        env: { ...process.env, TMPDIR: join(this.folder, "tmp") },
        stdio: "ignore",
        detached: true,
      },
    );
    this.#under = child;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#endTests();
    }, seconds * 1000);
    const code = await new Promise<number | null>((done) => child.once("exit", done));
    clearTimeout(timer);
    if (late) return { kind: "late" };
    if (code === 0) return { kind: "passed" };
    const { testResults = [] } = JSON.parse(await readFile(report, "utf8").catch(() => "{}")) as {
      testResults?: { name: string; status: string }[];
    };
    const failed = testResults.find(({ status }) => status === "failed");
    return { kind: "failed", test: failed ? relative(this.folder, failed.name) : (tests[0] ?? "") };
  }
}
