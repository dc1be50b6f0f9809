import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Mutant } from "./mutant.ts";
import { type Ran, type Ranges, ranAt, withoutMistake } from "./ran.ts";

interface Kept {
  /** Seconds that each test file took when it passed, the last time. */
  readonly seconds: Record<string, number>;
  /** Of each test file what ran of the product, by files and by what stood in them. */
  readonly ran: Record<string, Record<string, { content: string; ranges: Ranges }>>;
  /** How often a test file noticed a mistake in a file: `file test`. */
  readonly noticed: Record<string, number>;
}

/** Test files of a minute or about, as long as they were not timed. */
const stories = /^test\/(?:lifecycle|faults|cli|infra|migrations)\//;

/** What was learnt of the tests while they were asked: kept in a file, for the next time. */
export class Known {
  readonly #file: string;
  readonly #root: string;
  readonly #kept: Kept;
  readonly #digests = new Map<string, string>();

  constructor(root: string, file: string) {
    this.#root = root;
    this.#file = file;
    this.#kept = { seconds: {}, ran: {}, noticed: {}, ...read(file) };
  }

  /** Seconds that a test file took, or may take. */
  secondsOf = (test: string): number => this.#kept.seconds[test] ?? (stories.test(test) ? 60 : 12);

  timed = (test: string): boolean => this.#kept.seconds[test] !== undefined;

  /** Whether a test file runs a part of a file; undefined if that is not known. */
  runs(test: string, file: string, from: number, upTo: number): boolean | undefined {
    const known = this.#kept.ran[test];
    if (known === undefined) return undefined;
    // It does not even come to the file.
    if (known[file] === undefined) return false;
    if (known[file].content !== this.#digest(file)) return undefined;
    return ranAt(known[file].ranges, from, upTo);
  }

  noticedBy = (file: string, test: string): number => this.#kept.noticed[`${file} ${test}`] ?? 0;

  /** How often a test file noticed a mistake in any file of the same folder. */
  noticedBeside(file: string, test: string): number {
    return Object.entries(this.#kept.noticed).reduce((all, [key, times]) => {
      const [where = "", by] = key.split(" ");
      return by === test && dirname(where) === dirname(file) ? all + times : all;
    }, 0);
  }

  took(test: string, seconds: number): void {
    this.#kept.seconds[test] = seconds;
  }

  /** @param mutant the mistake that was in the code meanwhile */
  ran(test: string, ran: Ran, mutant?: Mutant): void {
    this.#kept.ran[test] = Object.fromEntries(
      Object.entries(ran).map(([file, ranges]) => [
        file,
        {
          content: this.#digest(file),
          ranges: file === mutant?.file ? withoutMistake(ranges, mutant) : ranges,
        },
      ]),
    );
  }

  noticed(file: string, test: string): void {
    this.#kept.noticed[`${file} ${test}`] = this.noticedBy(file, test) + 1;
  }

  keep(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.${process.pid}`, JSON.stringify(this.#kept));
    renameSync(`${this.#file}.${process.pid}`, this.#file);
  }

  #digest(file: string): string {
    const known = this.#digests.get(file);
    if (known !== undefined) return known;
    const digest = createHash("sha256")
      .update(readFileSync(join(this.#root, file)))
      .digest("base64url")
      .slice(0, 16);
    this.#digests.set(file, digest);
    return digest;
  }
}

function read(file: string): Partial<Kept> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}
