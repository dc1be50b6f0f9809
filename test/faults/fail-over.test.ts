import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Look, outcomeOf, platformDigest } from "../../campaign/proofs.ts";
import { begin, nextStep, type Step } from "../../campaign/workflow.ts";
import { OfTheMoment } from "../../lib/data/failures.ts";
import { everyStep } from "../support/every-step.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { startWithStandby, type WithStandby } from "../support/standby.ts";
import { whatDoesNotHold } from "./holds.ts";
import { smallSource } from "./worlds.ts";

const minute = 60_000;
const runOf = (n: number) => `7f3a0000-0000-4000-8000-${String(n).padStart(12, "0")}`;

let server: WithStandby;
let test: TestServices;
let look: Look;
/** Hears of every call to the database. */
let onCall = () => {};
beforeAll(async () => {
  server = await startWithStandby();
  test = await testServices({
    server: server.url,
    faults: () => {
      onCall();
      return undefined;
    },
  });
  test.legacy.LEGACY_DB_PATH = `${process.env.TMPDIR ?? "/tmp"}/fail-over-${process.pid}/`;
  await smallSource(test.legacy.LEGACY_DB_PATH);
  look = { query: async (text, values) => ({ rows: (await asked(text, values)) as never }) };
}, minute);
afterAll(async () => {
  await test?.close();
  await server?.stop();
  await rm(test.legacy.LEGACY_DB_PATH as string, { recursive: true, force: true });
});

/** An idle connection to a server that is gone is told so once. */
const asked = async (text: string, values?: unknown[]): Promise<unknown[]> => {
  for (let left = 5; ; left--) {
    const rows = await test.query(text, values).catch((error) => {
      if (left === 0) throw error;
    });
    if (rows) return rows;
  }
};

/** A whole life, there and back; `perform` does a step, and says whether it was done. */
async function live(run: string, perform: (step: Step) => Promise<boolean>) {
  const progress = begin(run);
  let came: unknown;
  for (let left = 60; ; left--) {
    const step = await nextStep(look as never, progress);
    if (step === undefined) return came;
    if (left === 0) throw new Error(`It does not come to an end: ${step.name} again.`);
    if (!(await perform(step)))
      Object.assign(progress, { ranges: undefined, next: undefined, wave: [] });
    if (progress.phase === "back" && came === undefined) {
      expect([step.name, await whatDoesNotHold(test, run)]).toEqual([step.name, []]);
      came = await outcomeOf(look, run);
    }
  }
}

/** Steps of several transactions: a part of them may be on a server that took over, and another not. */
const several =
  /^(?:plan-import|import-range 1|finish-import|validate|classify|match|dry-run|export-review|drill|final-verify|rollback)$/u;

/** What halts a run that is told to go on then: it does from what is stored. */
const refusedOf = new Set([
  "DatabaseUnavailableException",
  // A range, or a wave, that was done is not on the server that took over.
  ...["ImportIncomplete", "WaveTakenBack"],
]);

it("R3 R17 W13 a server that takes over in the middle of a step, and lacks the last that the former one said it had, leaves no step done by halves: it is done anew, and the run comes to what it would have come to", {
  timeout: 20 * minute,
}, async () => {
  const before = await platformDigest(look);
  const calls = new Map<string, number>();
  let call = 0;
  onCall = () => void call++;
  const expected = await live(runOf(1), async ({ name, work }) => {
    call = 0;
    await work(test.services);
    calls.set(name, call);
    return true;
  });

  const parts = everyStep ? [0.1, 0.25, 0.4, 0.55, 0.7, 0.85] : [0.4];
  for (const [n, part] of parts.entries()) {
    const tried = new Set<string>();
    const overtaken: string[] = [];
    const came = await live(runOf(n + 2), async ({ name, work }) => {
      const all = calls.get(name) ?? 0;
      const [behind, over] = [Math.ceil(part * all), Math.ceil(Math.min(part + 0.5, 0.95) * all)];
      const disturbed = several.test(name) && !tried.has(name);
      let [at, gone] = [0, false];
      onCall = () => {
        at++;
        if (disturbed && at === behind) server.fallBehind();
        if (!disturbed || at !== over) return;
        gone = true;
        tried.add(name);
        server.failOver();
      };
      const done = await work(test.services).then(
        () => true,
        (error) => {
          const may = error instanceof OfTheMoment || refusedOf.has(error.name);
          if (!may) overtaken.push(`${name}: ${error.name}`);
          return false;
        },
      );
      onCall = () => {};
      await server.settled();
      if (disturbed && done && !gone) overtaken.push(`${name} met none`);
      return done;
    });
    expect(overtaken).toEqual([]);
    expect(came).toEqual(expected);
    expect(await whatDoesNotHold(test, runOf(n + 2))).toEqual([]);
    expect(await platformDigest(look)).toEqual(before);
  }
});
