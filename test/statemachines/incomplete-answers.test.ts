import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { HISTORY_LIMIT_EVENTS } from "../../lib/embedded/states/asl.ts";
import { StateFailure } from "../../lib/embedded/states/errors.ts";
import { inTurns, type NextStep, turnsOfExecution } from "../../lib/stages/next-wave.ts";
import { StandIn } from "../embedded/states/stand-in.ts";
import { functionsOf, goodAnswers, ourMachines, run } from "./machines.ts";
import { closeTheatre, inOrder, play } from "./play.ts";

let standIn: StandIn | undefined;
afterEach(() => standIn?.close());
afterAll(closeTheatre);

describe("W13 a function that answers too little ends in Halted, never in States.Runtime", () => {
  it("a whole run of complete answers succeeds: what follows is the answers' doing", async () => {
    const { status, called } = await play({});
    expect(status).toBe("SUCCEEDED");
    expect(called.at(-1)).toBe("export-audit");
    expect(called).not.toContain("halted");
  });

  it.each([
    "preflight",
    "plan-import",
    "finish-import",
    "validate",
    "classify",
    "match",
    "dry-run",
    "export-review",
    "drill",
    "final-verify",
  ])("%s", async (name) => {
    const wrong = name === "plan-import" ? [{ ranges: null, atOnce: 2 }, { ranges: [] }] : [];
    for (const answer of [{}, null, [], "done", ...wrong]) {
      const { status, error, called, halted } = await play({ answers: { [name]: answer } });
      expect({ answer, status, error, last: called.at(-1), halted }).toEqual({
        answer,
        status: "FAILED",
        error: "AnswerIncomplete",
        last: "halted",
        halted: "AnswerIncomplete",
      });
    }
  });

  it.each([
    ["nothing", {}],
    ["null", null],
    ["a step that does not exist", { next: "dance" }],
    ["a wave without its number", { next: "wave" }],
    ["a wait without its seconds", { next: "wait" }],
    ["a wait whose seconds are none", { next: "wait", seconds: "5" }],
    ["a wave whose number is none", { next: "wave", wave: null }],
    ["no turn, by which executions that are full are told", { next: "done", turn: null }],
  ])("next-wave says %s", async (_, step) => {
    const { error, halted } = await play({ steps: [step] });
    expect([error, halted]).toEqual(["AnswerIncomplete", "AnswerIncomplete"]);
  });

  it.each([
    ["nothing", {}],
    ["null", null],
    ["no name for its execution", { stamp: "signed" }],
    ["no stamp", { execution: "wave-1" }],
  ])("of a wave's beginning caller says %s: nothing is written", async (_, stamped) => {
    const { error, halted, called } = await play({ stamped });
    expect([error, halted]).toEqual(["AnswerIncomplete", "AnswerIncomplete"]);
    expect(called).not.toContain("commit");
  });

  it.each([[{}], [null], ["approved"], [{ decided: "approved" }]])(
    "a sign-off is answered with %j: nothing is written",
    async (signOff) => {
      const { error, called } = await play({ signOff });
      expect(error).toBe("AnswerIncomplete");
      expect(called).not.toContain("commit");
      expect(called.at(-1)).toBe("halted");
    },
  );

  it("C4 a busy platform is looked at again, and the wave begins when it is not", async () => {
    const waits = [
      { next: "wait", seconds: 0 },
      { next: "wait", seconds: 0 },
    ];
    const { status, called } = await play({ steps: [...waits, ...inOrder] });
    expect(status).toBe("SUCCEEDED");
    expect(called.filter((name) => name === "next-wave")).toHaveLength(6);
    expect(called.slice(called.indexOf("next-wave"), -2)).toContain("commit");
  });

  it("W3 an execution whose history is nearly full ends by beginning the next one in the same name", async () => {
    const begun = { person: "operator", permission: "legacy_imports.run", executionArn: "onward" };
    const { status, called, given, output } = await play({
      answers: { caller: begun },
      steps: [{ next: "wave", wave: 1 }, { next: "hand-over" }],
    });
    expect([status, called.at(-1)]).toEqual(["SUCCEEDED", "caller"]);
    expect(given["next-wave"]).toEqual([0, 1].map((turn) => ({ run, turn })));
    expect(given.caller?.at(-1)).toEqual({
      run,
      caller: begun,
      handsOver: expect.stringMatching(/:execution:migration:/u),
    });
    expect(output).toMatchObject({ handedOver: { answer: { executionArn: "onward" } } });
  });

  it("W3 hands over what would go on, and never what ends", () => {
    const steps: NextStep[] = [
      { next: "wave", run, wave: 7, size: 5 },
      { next: "ask", run, wave: 7, gate: "wave:7" },
      { next: "wait", run, seconds: 5 },
      { next: "drill", run },
    ];
    for (const step of steps) {
      expect(inTurns(step, turnsOfExecution - 1)).toEqual({ ...step, turn: turnsOfExecution });
      const full = { next: "hand-over", run, turn: turnsOfExecution + 1 };
      expect(inTurns(step, turnsOfExecution)).toEqual(full);
    }
    for (const next of ["pause", "stop", "done"] as const)
      expect(inTurns({ next, run }, 5_000)).toEqual({ next, run, turn: 5_001 });
  });

  it("W3 is handed over before its history ends, though every call of an import of two hundred ranges is made again as often as it may be, and every call of a wave twice", async () => {
    const of = (waves: number, failures: Record<string, readonly string[]> = {}) =>
      play({ steps: Array.from({ length: waves }, () => ({ next: "wave", wave: 1 })), failures });
    const again = [
      ...Array(5).fill("Lambda.TooManyRequestsException"),
      ...Array(7).fill("Lambda.ResourceNotReadyException"),
      ...Array(5).fill("ConnectionLost"),
    ];
    const none = await of(0);
    const [one, three, spoilt] = [
      await of(1),
      await of(3),
      await of(0, { "import-range": [...again, "SourceLost"] }),
    ];
    // Of two ranges one was called eighteen times in vain, each of three events, and fails; seven are those of the other one.
    const aRange = 7 + spoilt.events - none.events;
    expect(aRange).toBe(60);
    const aTurn = (three.events - one.events) / 2;
    expect(aTurn).toBeLessThanOrEqual(20);
    // The next step, the stamp and the wave's own execution: two calls more of each.
    const aBadTurn = aTurn + 3 * 2 * 3;
    expect(turnsOfExecution * aBadTurn + none.events + 200 * 7).toBeLessThan(HISTORY_LIMIT_EVENTS);
    expect(turnsOfExecution * aTurn + none.events + 200 * aRange).toBeLessThan(
      HISTORY_LIMIT_EVENTS,
    );
  });

  it("import-range may answer anything: what is staged is counted by finish-import", async () => {
    for (const answer of [{}, null]) {
      const { status } = await play({ answers: { "import-range": answer } });
      expect(status).toBe("SUCCEEDED");
    }
  });

  it("a range without its number fails in the function that is given it, and is caught there", async () => {
    const called: string[] = [];
    standIn = await StandIn.start(
      await ourMachines(),
      functionsOf({ ...goodAnswers(), "plan-import": { atOnce: 2, ranges: [{}] } }, called, {
        "import-range": (payload) => {
          expect(payload).toEqual({ run, item: {} });
          throw new StateFailure("InputInvalid", "");
        },
        "finish-import": (payload) => {
          expect(payload).toMatchObject({ ranges: [{ error: { Error: "StateFailure" } }] });
          return { staged: 0 };
        },
      }),
    );
    await standIn.run("migration", { migration: "ecoin", run, only: "import" });
  });

  it("a stage alone fails with the name, as nothing waits for it", async () => {
    const { status, error, called } = await play({
      answers: { validate: {} },
      input: { migration: "ecoin", run, only: "validate" },
    });
    expect([status, error]).toEqual(["FAILED", "AnswerIncomplete"]);
    expect(called).not.toContain("halted");
  });

  it("the wave's number and the rollback's outcome, each in a machine of its own", async () => {
    const wave = await play({ machine: "wave", input: { run }, answers: { "plan-wave": {} } });
    expect([wave.error, wave.called]).toEqual(["AnswerIncomplete", ["caller", "plan-wave"]]);
    const back = await play({ machine: "rollback", input: { run }, answers: { rollback: {} } });
    expect([back.error, back.called]).toEqual([
      "AnswerIncomplete",
      ["caller", "rollback", "export-audit"],
    ]);
  });
});

describe("W3 a call that Lambda did not take", () => {
  it("is made again, for a sign-off with a token of its own", async () => {
    const tokens: string[] = [];
    const opened = await StandIn.start(
      await ourMachines(),
      functionsOf(goodAnswers(), [], {
        "next-wave": () => ({ next: "done", turn: 1 }),
        "sign-off": (payload) => {
          tokens.push((payload as { token: string }).token);
          if (tokens.length === 1) {
            throw Object.assign(new Error("Rate exceeded"), {
              name: "Lambda.TooManyRequestsException",
            });
          }
          queueMicrotask(() =>
            opened.client.send(
              new SendTaskSuccessCommand({
                taskToken: tokens[1],
                output: '{"decision":"approved"}',
              }),
            ),
          );
          return {};
        },
      }),
    );
    standIn = opened;
    const input = { migration: "ecoin", run, only: "sign-off" };
    expect((await opened.run("migration", input)).status).toBe("SUCCEEDED");
    expect(new Set(tokens).size).toBe(2);
  });
});
