import { type ChildProcess, fork } from "node:child_process";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join, relative } from "node:path";
import { placeFor, roomOfTests } from "../in-memory.ts";
import type { Question, Reply, Told } from "./asked.ts";
import type { Known } from "./known.ts";
import { type Mutant, mutated } from "./mutant.ts";
import type { Ran } from "./ran.ts";
import { remade } from "./remade.ts";
import { type MadeState, otherwise, states } from "./states.ts";

/**
 * How some test files ended: all passed; or the first that did not, or that did not within its time, or none of them
 * where no test could be begun.
 */
export type Asked =
  | { readonly kind: "passed" }
  | { readonly kind: "failed" | "late"; readonly test: string | undefined };

/** What set-up runs as it stands. */
const ofSchema = /\/lib\/data\/schema\/[^/]+\.sql$/;

/** What a test says that waited longer than it may: a machine under load says it as well. */
const waited = /timed out in \d+ ?ms/;

/** A copy of the project, in which mistakes are made one at a time. */
export class Copy {
  private readonly folder: string;
  readonly #known: Known;
  /** Test files that passed here, whatever the mistake. */
  readonly passed = new Set<string>();
  readonly #made: MadeState[] = [];
  #runner: ChildProcess | undefined;
  #ended = false;

  private constructor(folder: string, known: Known) {
    this.folder = folder;
    this.#known = known;
  }

  /** @param lanes copies that are asked at the same time, each of which runs tests */
  static async of(root: string, lanes: number, known: Known): Promise<Copy> {
    const folder = await mkdtemp(join(await placeFor(lanes * roomOfTests), "mutants-"));
    const copy = new Copy(folder, known);
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
    for (const name of ["tmp", "server", "ran"]) {
      await mkdir(join(this.folder, name));
      await chmod(join(this.folder, name), 0o777);
    }
    await symlink(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Makes what many tests begin with, by the code as it is, and learns what of it that takes. */
  async begin(): Promise<void> {
    const test = "scripts/mutants/states-in-tests.ts";
    await this.#answer({ tests: [], server: "as it is", keepAs: "empty" }, 60);
    const ran = join(this.folder, "ran");
    for (const state of states) {
      const question = { tests: [test], server: "as it is", keepAs: "states", state, ran } as const;
      const reply = await this.#answer(question, 300);
      if (this.#ended) return;
      const said = reply?.files.flatMap(({ messages }) => messages) ?? [];
      if (reply?.files[0]?.state !== "passed")
        throw new Error(`The state "${state}" cannot be made. ${said.join(" ")}`);
      const [[, what] = ["", {}]] = await this.#ran();
      this.#made.push({ state, templates: reply.made, ran: what });
    }
  }

  /** Asks test files about a mistake, or about the code as it is. */
  async ask(tests: readonly string[], mutant?: Mutant): Promise<Asked> {
    if (mutant === undefined) return this.#run(tests);
    const path = join(this.folder, mutant.file);
    const original = await readFile(path, "utf8");
    const mistaken = mutated(original, mutant);
    await writeFile(path, mistaken);
    try {
      return await this.#run(
        tests,
        mutant,
        ofSchema.test(path) ? remade(original, mistaken) : undefined,
      );
    } finally {
      await writeFile(path, original);
    }
  }

  async remove(): Promise<void> {
    this.#endTests();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** Ends what is under way, with everything that it started, and asks no more. */
  end(): void {
    this.#ended = true;
    this.#endTests();
  }

  #endTests(): void {
    const runner = this.#runner;
    this.#runner = undefined;
    if (runner?.pid !== undefined && runner.exitCode === null) process.kill(-runner.pid, "SIGKILL");
  }

  async #run(
    tests: readonly string[],
    mutant?: Mutant,
    anewInPlace?: readonly string[],
  ): Promise<Asked> {
    if (this.#ended) return { kind: "passed" };
    const anew =
      mutant === undefined || anewInPlace !== undefined ? [] : otherwise(this.#made, mutant);
    const known = (test: string) =>
      this.#known.timed(test) &&
      (mutant === undefined ||
        this.#known.runs(test, mutant.file, mutant.from, mutant.upTo) !== undefined);
    const question = {
      tests,
      // What is known need not be counted again: counting takes compiled code away.
      ...(tests.every(known) ? {} : { ran: join(this.folder, "ran") }),
      ...(anew === "all"
        ? { server: "empty" as const }
        : { server: "states" as const, without: anew }),
      ...(anewInPlace === undefined ? {} : { remade: anewInPlace }),
    };
    let under: string | undefined;
    // Much more than it ever took; what tests begin with may have to be made anew.
    const reply = await this.#answer(question, 120, (test) => {
      under = test;
      return this.#known.timed(test) ? 60 + 3 * this.#known.secondsOf(test) : 240;
    });
    if (this.#ended) return { kind: "passed" };
    const ran = new Map(await this.#ran());
    if (reply === undefined) return { kind: "late", test: under };
    for (const { test, state, seconds } of reply.files) {
      if (state !== "passed") continue;
      this.passed.add(test);
      this.#known.took(test, seconds);
      const what = ran.get(test);
      if (what !== undefined) this.#known.ran(test, what, mutant);
    }
    const failed = reply.files.find(({ state }) => state === "failed");
    const said = [...(failed?.messages ?? []), ...reply.errors];
    if (failed === undefined && said.length === 0) return { kind: "passed" };
    if (said.some((each) => waited.test(each))) return { kind: "late", test: failed?.test };
    return { kind: "failed", test: failed?.test };
  }

  /** What ran of the product, by the test files that told, which is told once. */
  async #ran(): Promise<[test: string, ran: Ran][]> {
    const folder = join(this.folder, "ran");
    const told: [string, Ran][] = [];
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), "utf8");
      await rm(join(folder, name));
      // Who was ended in the middle told half of it.
      if (text.endsWith("}"))
        told.push([name.replaceAll("|", "/").replace(/\.json$/, ""), JSON.parse(text)]);
    }
    return told;
  }

  /**
   * The reply of a process that runs tests, or undefined if it did not come within so many seconds of the last test
   * file's beginning.
   */
  async #answer(
    question: Question,
    seconds: number,
    secondsOf: (test: string) => number = () => seconds,
  ): Promise<Reply | undefined> {
    this.#runner ??= fork(join(import.meta.dirname, "runner.ts"), {
      cwd: this.folder,
      env: { ...process.env, TMPDIR: join(this.folder, "tmp") },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      detached: true,
    });
    const runner = this.#runner;
    const { promise, resolve, reject } = Promise.withResolvers<Reply | undefined>();
    const gone = () => resolve(undefined);
    let timer = setTimeout(gone, seconds * 1000);
    const listen = (message: Told) => {
      if ("broke" in message) return reject(new Error(message.broke));
      if (!("begins" in message)) return resolve(message);
      clearTimeout(timer);
      timer = setTimeout(gone, secondsOf(message.begins) * 1000);
    };
    runner.on("message", listen).once("exit", gone);
    runner.send(question);
    try {
      const reply = await promise;
      if (reply === undefined) this.#endTests();
      return reply;
    } finally {
      clearTimeout(timer);
      runner.off("message", listen).off("exit", gone);
    }
  }
}
