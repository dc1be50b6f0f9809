import { type SFNClient, TestStateCommand } from "@aws-sdk/client-sfn";
import { machineNames, readDefinition, type State } from "../../lib/infra/definitions.ts";
import type { Difference } from "./compare.ts";

/** One state of a machine with a mocked result, and where it has to go. */
interface SingleState {
  readonly machine: string;
  readonly state: string;
  readonly what: "a result" | "an error";
  readonly next: string | undefined;
  readonly status: "SUCCEEDED" | "CAUGHT_ERROR" | "FAILED";
}

const caughtNext = ({ Catch = [] }: State): string | undefined =>
  Catch.find(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"))?.Next;

/**
 * Every outermost task of the three machines twice: with a result, and with an error that no retrier
 * names. What it does with either is the language's, and an account's `TestState` says so for nothing.
 */
export const singleStates: readonly SingleState[] = machineNames.flatMap((machine) =>
  Object.entries(readDefinition(machine).States)
    .filter(([, { Type }]) => Type === "Task")
    .flatMap(([state, definition]): SingleState[] => {
      const next = caughtNext(definition);
      return [
        { machine, state, what: "a result", next: definition.Next, status: "SUCCEEDED" },
        { machine, state, what: "an error", next, status: next ? "CAUGHT_ERROR" : "FAILED" },
      ];
    }),
);

const place = (service: string): string => `arn:aws:${service}:eu-west-3:111122223333`;

const run = "11111111-1111-4111-8111-111111111111";
/** Everything that any of the states reads. */
const input = {
  run,
  wave: 1,
  batch: null,
  toWave: 1,
  migration: "ecoin",
  error: { Error: "Mocked", Cause: "mocked" },
  caller: { answer: { person: "karima", permission: "legacy_imports.run" } },
  begins: { answer: { execution: "truth", stamp: "mocked" } },
  rollback: { answer: { waves: 0, undone: 0, spared: 0 } },
  plan: { answer: { ranges: [] } },
  next: { step: { next: "wave", wave: 1, turn: 1 } },
};
const result = { ExecutedVersion: "$LATEST", Payload: { stage: "preflight" }, StatusCode: 200 };
const context = {
  Execution: {
    Id: `${place("states")}:execution:migration:truth`,
    StartTime: "2026-11-30T10:00:00.000Z",
  },
  Task: { Token: "mocked" },
};

/** Asks an account about each; nothing is deployed, invoked or written. */
export async function compareStates(states: SFNClient): Promise<Difference[]> {
  const different: Difference[] = [];
  for (const { machine, state, what, next, status } of singleStates) {
    const definition = JSON.stringify(readDefinition(machine as never))
      .replaceAll(/\$\{\w+StateMachine\}/g, `${place("states")}:stateMachine:mocked`)
      .replaceAll(/\$\{\w+\}/g, `${place("lambda")}:function:mocked`);
    const answer = await states
      .send(
        new TestStateCommand({
          definition,
          stateName: state,
          input: JSON.stringify(input),
          context: JSON.stringify(context),
          mock:
            what === "a result"
              ? { result: JSON.stringify(result), fieldValidationMode: "NONE" }
              : { errorOutput: { error: "Mocked", cause: "mocked" } },
        }),
      )
      .then(
        ({ status, nextState }) => ({ status, next: nextState }),
        (error: Error) => ({ status: error.name, next: undefined }),
      );
    const expected = { status, next };
    if (JSON.stringify(answer) !== JSON.stringify(expected)) {
      different.push({ asks: `${machine}: ${state} with ${what}`, expected, got: answer });
    }
  }
  return different;
}
