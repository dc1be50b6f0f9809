import { describe, expect, it } from "vitest";
import { waits } from "../../lib/data/retry.ts";
import type { Retrier, State } from "../../lib/embedded/states/asl.ts";
import { StateFailure } from "../../lib/embedded/states/errors.ts";
import { Retries } from "../../lib/embedded/states/retry.ts";
import { statesOf } from "../../lib/embedded/states/walk.ts";
import { machineNames, readDefinition } from "../../lib/infra/definitions.ts";

const tasks = machineNames.flatMap((machine) =>
  statesOf(readDefinition(machine) as never)
    .filter(({ state }) => state.Type === "Task")
    .map(({ name, state }) => ({ machine, name, state: state as State })),
);
const retrierOf = (state: State, error: string): Retrier | undefined =>
  state.Retry?.find(({ ErrorEquals }) => ErrorEquals.includes(error));

/** The least that a state waits in all when the same error comes again and again, in seconds. */
function leastWait(state: State, error: string): number {
  const retries = new Retries(state, () => 0);
  let ms = 0;
  for (;;) {
    const next = retries.next(new StateFailure(error, ""));
    if (next === undefined) return ms / 1000;
    ms += next;
  }
}

describe("W3 waits whose total matters", () => {
  it.each(tasks.filter(({ state }) => retrierOf(state, "StarterUnknown")))(
    "$name waits half an hour at least for CloudTrail, whatever chance says",
    ({ state }) => {
      expect(leastWait(state, "StarterUnknown")).toBeGreaterThanOrEqual(1800);
    },
  );

  it("CloudTrail is waited for where a person's start is looked up", () => {
    expect(
      tasks.filter(({ state }) => retrierOf(state, "StarterUnknown")).map(({ name }) => name),
    ).toEqual(["Caller", "Preflight", "SignOff", "Caller", "Caller"]);
  });

  it.each(tasks.filter(({ name }) => name !== "RunWave"))(
    "$machine: $name waits a minute at least for a sleeping database, beside what the function waits",
    ({ state }) => {
      expect(leastWait(state, "DatabaseResumingException")).toBe(62);
      expect(leastWait(state, "DatabaseUnavailableException")).toBe(62);
    },
  );

  it("a function waits a minute at least by itself", () => {
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(60_750);
  });
});

describe("W3 what was never invoked is tried again", () => {
  const named = (name: string) => tasks.find((task) => task.name === name)?.state as State;

  it.each([
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.ThrottlingException",
    "StepFunctions.AWSStepFunctionsException",
    "ThrottlingException",
  ])("RunWave after %s", (error) => {
    expect(new Retries(named("RunWave")).next(new StateFailure(error, ""))).toBeDefined();
  });

  it("RunWave never starts a wave that failed again by itself", () => {
    for (const error of ["States.TaskFailed", "States.Timeout", "VerificationFailed"]) {
      expect(new Retries(named("RunWave")).next(new StateFailure(error, ""))).toBeUndefined();
    }
  });

  it.each(tasks.filter(({ name }) => name !== "RunWave"))(
    "$machine: $name after Lambda did not take the call",
    ({ state }) => {
      for (const error of [
        "Lambda.TooManyRequestsException",
        "Lambda.EC2ThrottledException",
        "Lambda.ENILimitReachedException",
        "Lambda.SubnetIPAddressLimitReachedException",
      ]) {
        expect(new Retries(state).next(new StateFailure(error, ""))).toBeDefined();
      }
    },
  );

  it.each(tasks.filter(({ name }) => name !== "RunWave"))(
    "$machine: $name waits four minutes at least for a function that nobody called for weeks, which Lambda makes ready first",
    ({ state }) => {
      for (const error of [
        "Lambda.CodeArtifactUserPendingException",
        "Lambda.ResourceNotReadyException",
        "Lambda.ResourceConflictException",
        "Lambda.ENINotReadyException",
      ]) {
        expect([error, leastWait(state, error)]).toEqual([error, 255]);
      }
    },
  );
});
