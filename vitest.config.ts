import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of a minute or about: whole machines, commands one by one, faults by the hundred. */
const LONG = [
  /\/test\/campaign\//,
  /\/test\/(lifecycle|faults)\//,
  /\/test\/(cli|infra)\//,
  /\/test\/(browser|migrations)\//,
];

/** What takes longest begins first: at the end everything else would wait for it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((long) => long.test(moduleId));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: "forks",
    // Modules are loaded once in each process: a test file puts back what it changed of them, and of the process.
    isolate: false,
    setupFiles: ["test/support/as-before.ts"],
    // One more than a small machine has cores: tests of whole machines wait a good part of their time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
