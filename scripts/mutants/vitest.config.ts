import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import project from "../../vitest.config.ts";

/** Files in the order in which they were asked for. */
class AsAsked extends BaseSequencer {
  override sort = async (files: TestSpecification[]): Promise<TestSpecification[]> => files;
}

/** Tests as they are asked about mistakes: one after the other in one process, up to the first that fails. */
export default defineConfig({
  test: {
    ...project.test,
    // The server is whoever's who asks.
    globalSetup: [],
    setupFiles: ["scripts/mutants/ran-in-tests.ts", "test/support/as-before.ts"],
    bail: 1,
    maxWorkers: 1,
    sequence: { sequencer: AsAsked },
    // As Node loads them: a mistake is read from its file, nothing is kept, and offsets are the source's.
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
