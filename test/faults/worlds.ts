import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { inject } from "vitest";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import {
  aged,
  type LeftServices,
  prepared,
  sampleFolder,
  type TestServices,
  testServices,
} from "../support/services.ts";
import {
  acknowledged,
  approve,
  importAll,
  judgeAll,
  question,
  runWave,
  toTheEnd,
} from "../support/steps.ts";

export const run = "7f3a0000-0000-4000-8000-0000000000f7";

/** How far a run has come. */
export const worlds = [
  "begun",
  "planned",
  "imported",
  "reviewed",
  "asked",
  "approved",
  "committed",
  "verified",
  "scaled up",
  "last",
  "completed",
] as const;
export type World = (typeof worlds)[number];

/** What brings a run from one of them to the next. */
export const stepsOf = (
  wavePlan: readonly number[],
): Readonly<Record<World, (test: TestServices) => Promise<unknown>>> => ({
  begun: (test) =>
    preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
      wavePlan,
    }),
  planned: (test) => planImport(test.services, run),
  imported: (test) => importAll(test, run),
  reviewed: (test) => judgeAll(test, run),
  asked: (test) => question(test, run, "first_wave"),
  approved: (test) => approve(test, run, "first_wave"),
  committed: (test) => commit(test.services, { run, wave: 1 }),
  verified: (test) => runWave(test, run, 1),
  "scaled up": async (test) => {
    await drill(test.services, run);
    await approve(test, run, "scale_up");
  },
  last: (test) => toTheEnd(test, run),
  completed: async (test) => {
    if ((await nextWave(test.services, run)).next !== "done") throw new Error("Not at its end.");
    await finalVerify(test.services, run);
  },
});

/** Worlds of one small migration that has older runs behind it: each is built once in a test run, from the one before it, and lent in copies. */
export function smallWorlds(wavePlan: readonly number[] = [5, 20, 100]): {
  /** A copy of its own. */
  lend(world: World): Promise<TestServices>;
} {
  const steps = stepsOf(wavePlan);
  const name = `small_${wavePlan.join("_")}`;
  const legacy = join(inject("templates"), `${name}_legacy/`);
  const built = new Map<World, LeftServices>();
  const build = async (world: World): Promise<LeftServices> => {
    const known = built.get(world);
    if (known) return known;
    const before = worlds[worlds.indexOf(world) - 1];
    const left = await prepared(
      `${name}_${world.replace(" ", "_")}`,
      async (draft) => {
        if (before === undefined) await smallSource(legacy);
        draft.legacy.LEGACY_DB_PATH = legacy;
        await steps[world](draft);
      },
      await (before ? build(before) : aged()),
    );
    built.set(world, left);
    return left;
  };
  return {
    lend: async (world) => {
      const test = await testServices({ from: await build(world) });
      test.legacy.LEGACY_DB_PATH = legacy;
      return test;
    },
  };
}

/** Of the sample's people every fortieth. */
export async function smallSource(folder: string): Promise<void> {
  const whole = new URL("legacy/", sampleFolder).pathname;
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(whole)) {
    const rows: string[][] = parse(await readFile(join(whole, file)));
    const every = /^(stagiaires|archives)/.test(file) ? 40 : 1;
    const some = rows.filter((_, index) => index === 0 || index % every === 1 % every);
    await writeFile(join(folder, file), stringify(some));
  }
}
