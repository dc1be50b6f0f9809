import { describe, expect, it } from "vitest";
import type { Run } from "../../lib/data/runs.ts";
import { type InTheWay, refusesToGoOn, requireMayGoOn } from "../../lib/review/people/acts.ts";

/** Of a run what says whether it may go on. */
const run = (about: Partial<Run> = {}): Run =>
  ({
    reference: "ecoin-20261120-7f3a",
    migration: "ecoin",
    trial: null,
    stage: "match",
    control: "run",
    ...about,
  }) as Run;
const trial = { rows: 100 };

const refused = (of: Run, inTheWay: InTheWay | undefined): string | undefined => {
  try {
    requireMayGoOn(of, inTheWay);
    return undefined;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

describe("W9 B12 a run is told to go on where nothing is in its way, and pages offer it there alone", () => {
  it.each<[string, Run, InTheWay | undefined, RegExp | undefined]>([
    ["a run", run(), undefined, undefined],
    ["a run that was paused, for its step", run({ control: "pause" }), "step", undefined],
    ["a trial that is under way", run({ trial }), undefined, undefined],
    [
      "a trial that is over",
      run({ trial, stage: "dry-run" }),
      undefined,
      /^RunIsTrial: ecoin-20261120-7f3a is a trial: it is over, and nothing of it goes on\. Nothing was written\./u,
    ],
    [
      "a run that is taken back",
      run(),
      "rollback",
      /^RunUnderWay: Run ecoin-20261120-7f3a is being taken back, and nothing of it goes on beside that\./u,
    ],
    [
      "one that was paused and is taken back",
      run({ control: "pause" }),
      "rollback",
      /^RunUnderWay: Run ecoin-20261120-7f3a is being taken back/u,
    ],
    [
      "a run of which a step is done alone",
      run(),
      "step",
      /^RunUnderWay: A step of run ecoin-20261120-7f3a is done alone, and the run does not go on beside it/u,
    ],
  ])("%s", (_, of, inTheWay, says) => {
    const told = refused(of, inTheWay);
    if (says === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(says);
    expect(refusesToGoOn(of, inTheWay)).toBe(says !== undefined);
  });
});
