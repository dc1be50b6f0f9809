import { expect, it } from "vitest";
import { wholeWorld } from "../../test/evidence/small-run.ts";
import { smallWorlds } from "../../test/faults/worlds.ts";
import {
  agedServices,
  reviewedServices,
  testServices,
  waveOneServices,
} from "../../test/support/services.ts";
import type { State } from "./states.ts";

/** What many tests begin with, made by the tests' own means. */
const made: Readonly<Record<State, () => Promise<{ close(): Promise<void> }>>> = {
  ecoin: testServices,
  aged: agedServices,
  reviewed: reviewedServices,
  "wave one": waveOneServices,
  "whole run": wholeWorld,
  small: () => smallWorlds().lend("completed"),
};

it("a state that tests begin with is made", async () => {
  const make = made[process.env.WAVEGATE_MUTANTS_STATE as State];
  expect(make).toBeTypeOf("function");
  await (await make()).close();
});
