/**
 * A process that runs tests of the project in its working directory, one question after the other: Vitest is started
 * once, the tests each time in a fresh process, over a database server that holds what it held the first time.
 */
import { join, relative } from "node:path";
import { createVitest, type TestModule, type Vitest } from "vitest/node";
import type {} from "../../test/support/global-setup.ts";
import type { Question, Reply, Told } from "./asked.ts";
import { Server } from "./server.ts";

const root = process.cwd();
const server = new Server(join(root, "server"));
let vitest: Vitest | undefined;

process.on("message", async (question: Question) => {
  try {
    tell(await answer(question));
  } catch (error) {
    tell({ broke: String((error as Error).stack ?? error) });
  }
});
const tell = (told: Told) => void process.send?.(told);
// Whoever asks is no more.
process.on("disconnect", () => process.exit());

async function answer({
  tests,
  server: from,
  without,
  remade,
  state,
  keepAs,
  ran,
}: Question): Promise<Reply> {
  if (from !== "as it is") {
    // What a process left that was ended in the middle is ended here.
    await server.start();
    await server.stop();
    await server.putBack(from);
  }
  const url = await server.start();
  await server.forget(without ?? []);
  try {
    for (const template of remade ? await templates() : [])
      await server.query((remade ?? []).join(";\n"), template);
  } catch (error) {
    // Nothing could be set up with it either.
    return { files: [], errors: [String((error as Error).message)], made: [] };
  }
  const before = new Set(await templates());
  set("WAVEGATE_MUTANTS_STATE", state);
  set("WAVEGATE_MUTANTS_RAN", ran);
  // What V8 kept of compiled code counts whole functions only.
  set("NODE_COMPILE_CACHE", ran ? undefined : join(root, "compiled"));
  vitest ??= await createVitest("test", {
    root,
    config: join(root, "scripts/mutants/vitest.config.ts"),
    watch: false,
    reporters: [
      { onTestModuleQueued: ({ moduleId }) => tell({ begins: relative(root, moduleId) }) },
    ],
  });
  vitest.provide("postgresUrl", url);
  vitest.provide("templates", server.templates);
  vitest.state.filesMap.clear();
  vitest.state.idMap.clear();
  const project = vitest.getRootProject();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    tests.map((test) => project.createSpecification(join(root, test))),
  );
  const made = (await templates()).filter((name) => !before.has(name));
  if (keepAs !== undefined) {
    await server.stop();
    await server.keep(keepAs);
  }
  return {
    files: testModules.map(told),
    errors: unhandledErrors.map((error) => String((error as Error).message)),
    made,
  };
}

async function templates(): Promise<string[]> {
  const found = await server.query<{ name: string }>(
    "select datname as name from pg_database where datname like 'template\\__%' and datname !~ '^template[01]$'",
  );
  return found.map(({ name }) => name);
}

function told(module: TestModule): Reply["files"][number] {
  const state = module.state();
  const failed = [...module.children.allTests("failed")].flatMap(
    (test) => test.result().errors ?? [],
  );
  const { collectDuration, duration, setupDuration } = module.diagnostic();
  return {
    test: relative(root, module.moduleId),
    state: state === "passed" || state === "failed" ? state : "skipped",
    seconds: (collectDuration + duration + setupDuration) / 1000,
    messages: [...module.errors(), ...failed].map(({ message }) => message),
  };
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
