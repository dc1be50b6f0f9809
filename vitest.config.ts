import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of half a minute or more, the longest first, and behind them the folders of whole machines, faults and browsers. */
const LONG = [
  ...[
    // Of `npm run test:all` alone.
    "lifecycle/first-migration",
    "browser/whole-run",
    "cli/lifecycle",
    "lifecycle/killed",
    "lifecycle/demo",
    "browser/console",
    "campaign/campaign",
    "faults/meeting",
    "cli/backfill-runs",
    "migrations/alpha2/lifecycle",
    "embedded/postgres/start",
    "faults/overtaken",
    "cli/foreign-clients",
    "stages/checks-as-data",
    "console/sign-off",
    "browser/sign-off",
    "lifecycle/kept-above",
    "evidence/honest-runs",
    "stages/unchanged",
    "stages/again",
  ].map((name) => new RegExp(`/test/${name}\\.test\\.ts$`, "u")),
  /\/test\/(lifecycle|faults)\//,
  /\/test\/(cli|infra)\//,
  /\/test\/(browser|migrations)\//,
];

/**
 * Files of whole runs that `npm run test:all` alone takes: shorter ones in `npm test` go
 * through what they go through, once.
 */
const IN_FULL = [
  "browser/kinds",
  "browser/systems",
  "browser/whole-run",
  "lifecycle/first-migration",
  "migrations/alpha2-staging/lifecycle",
  "stages/many-kinds",
  "versions/core",
].map((name) => `test/${name}.test.ts`);

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
    exclude: process.env.WAVEGATE_TESTS === "all" ? [] : IN_FULL,
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: "forks",
    // Node itself loads and runs what is tested, as it does for whoever uses it: nothing is rewritten for a runner.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Modules are loaded once in each process: a test file puts back what it changed of them, and of the process.
    isolate: false,
    setupFiles: ["test/support/as-before.ts"],
    // One more than a small machine has cores: tests of whole machines wait a good part of their time.
    maxWorkers: 3,
    // Answers and rows leave garbage: with more room for what is young less of it is carried on, and looked at again.
    execArgv: ["--min-semi-space-size=16", "--max-semi-space-size=64"],
    sequence: { sequencer: LongestFirst },
  },
});
