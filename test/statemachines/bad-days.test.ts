import { afterAll, describe, expect, it } from "vitest";
import { handler as importRange } from "../../functions/import-range.ts";
import { observed } from "../../lib/telemetry/observed.ts";
import { StandIn } from "../embedded/states/stand-in.ts";
import { functionsOf, goodAnswers, ourMachines, run } from "./machines.ts";
import { closeTheatre, inOrder, play } from "./play.ts";

afterAll(closeTheatre);

/** What a run of one wave calls on a good day, in order. */
const goodDay = [
  "caller",
  "preflight",
  "plan-import",
  "import-range",
  "import-range",
  "finish-import",
  "validate",
  "classify",
  "match",
  "dry-run",
  "export-review",
  "next-wave",
  "sign-off",
  "next-wave",
  "caller",
  "caller",
  "commit",
  "verify",
  "gate",
  "next-wave",
  "drill",
  "next-wave",
  "final-verify",
  "export-audit",
];
const until = (name: string) => goodDay.slice(0, goodDay.indexOf(name) + 1);

it("W1 a good day calls every function once in its place", async () => {
  expect(await play({})).toMatchObject({ status: "SUCCEEDED", called: goodDay });
});

describe("W13 a function that fails for good stops the run where it is", () => {
  it.each([
    "plan-import",
    "finish-import",
    "validate",
    "classify",
    "match",
    "dry-run",
    "export-review",
    "next-wave",
    "sign-off",
    "drill",
    "final-verify",
    "export-audit",
  ])("%s: told once to `halted`, and nothing behind it is called", async (name) => {
    const played = await play({ failures: { [name]: ["WentWrong"] } });
    expect(played).toMatchObject({
      status: "FAILED",
      error: "WentWrong",
      halted: "WentWrong",
      called: [...until(name), "halted"],
    });
  });

  it.each(["caller", "preflight"])("%s: there is no run yet that could halt", async (name) => {
    expect(await play({ failures: { [name]: ["PreflightFailed"] } })).toMatchObject({
      status: "FAILED",
      error: "PreflightFailed",
      called: until(name),
    });
  });

  it("a range of the import: the others are read, and finish-import is told which failed", async () => {
    const { called, given } = await play({ failures: { "import-range": ["SourceLost"] } });
    expect(called.filter((name) => name === "import-range")).toHaveLength(2);
    expect(given["finish-import"]).toEqual([
      {
        run,
        ranges: [{ error: { Error: "SourceLost", Cause: expect.any(String) } }, { done: true }],
      },
    ]);
  });

  it.each(["commit", "verify", "gate"])(
    "%s of a wave: it is done once, the wave fails, and so does the run; no other wave starts",
    async (name) => {
      const played = await play({ failures: { [name]: ["WaveNotClean"] } });
      expect(played).toMatchObject({
        status: "FAILED",
        error: "States.TaskFailed",
        halted: "States.TaskFailed",
        called: [...until(name), "halted"],
      });
      const alone = await play({
        machine: "wave",
        input: { run, wave: 1 },
        failures: { [name]: ["WaveNotClean"] },
      });
      expect([alone.status, alone.error, alone.called.at(-1)]).toEqual([
        "FAILED",
        "WaveNotClean",
        name,
      ]);
    },
  );

  it.each([
    ["rollback", "WentWrong"],
    ["rollback", "PlatformRefused"],
  ])("R14 a %s that ends by %s: told once to `halted`, and its name stays", async (name, error) => {
    expect(
      await play({ machine: "rollback", input: { run }, failures: { [name]: [error] } }),
    ).toMatchObject({
      status: "FAILED",
      error,
      halted: error,
      called: ["caller", "rollback", "halted"],
    });
    expect(
      await play({
        machine: "rollback",
        input: { run },
        failures: { [name]: [error], halted: ["Another"] },
      }),
    ).toMatchObject({ status: "FAILED", error });
  });

  it("a halt that cannot be recorded fails with what was wrong first", async () => {
    expect(await play({ failures: { match: ["WentWrong"], halted: ["Another"] } })).toMatchObject({
      status: "FAILED",
      error: "WentWrong",
    });
  });

  it("W3 the errors of two hundred ranges go on together, and what ends the import is what they say", async () => {
    const ranges = Array.from({ length: 200 }, (_, n) => ({ range: n + 1 }));
    const sinks = { line: () => {}, metrics: () => {}, now: () => 0 };
    const deployed = observed(
      { name: "import-range", prepare: async () => {} },
      importRange,
      sinks,
    );
    let told: unknown;
    const standIn = await StandIn.start(
      await ourMachines(),
      functionsOf({ ...goodAnswers(), "plan-import": { atOnce: 40, ranges } }, [], {
        // Refused with as many words as there are letters in what it was given.
        "import-range": async (payload) =>
          (await deployed({ ...(payload as object), ["é".repeat(3_000)]: 1 })) as never,
        "finish-import": (payload) => {
          told = payload;
          throw new Error("It ends here.");
        },
      }),
    );
    try {
      await standIn.run("migration", { migration: "ecoin", run, only: "import" });
    } finally {
      await standIn.close();
    }
    expect(told).toMatchObject({
      ranges: ranges.map(() => ({ error: { Error: "InputInvalid" } })),
    });
    // As much again is left for what else the execution carries.
    expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(200_000);
  });

  it("an answer that is too large for the machine is caught like any other failure", async () => {
    expect(await play({ answers: { match: { platform: "x".repeat(300_000) } } })).toMatchObject({
      status: "FAILED",
      error: "States.DataLimitExceeded",
      halted: "States.DataLimitExceeded",
      called: [...until("match"), "halted"],
    });
  });
});

describe("W3 what was never done, or may be done again, is", () => {
  const once = [...new Set(goodDay)];

  it.each([
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "DatabaseResumingException",
    "DatabaseUnavailableException",
    "StatementTimeoutException",
    "ConnectionLost",
    "DatabaseContended",
  ])("%s at every function, twice: the run comes to its end", async (error) => {
    const failures = Object.fromEntries(once.map((name) => [name, [error, error]]));
    const { status, called } = await play({ failures });
    expect(status).toBe("SUCCEEDED");
    const times = (name: string, all: readonly string[]) =>
      all.filter((each) => each === name).length;
    for (const name of once)
      expect([name, times(name, called)]).toEqual([name, times(name, goodDay) + 2]);
  });

  it.each(["commit", "rollback"])(
    "%s is tried six times in all, and then it is a failure",
    async (name) => {
      const machine = name === "commit" ? "wave" : "rollback";
      const { status, error, called } = await play({
        machine,
        input: { run, wave: 1 },
        failures: { [name]: Array.from({ length: 9 }, () => "DatabaseUnavailableException") },
      });
      expect([status, error]).toEqual(["FAILED", "DatabaseUnavailableException"]);
      expect(called.filter((each) => each === name)).toHaveLength(6);
    },
  );

  it.each(["commit", "drill", "rollback"])(
    "D37 %s waits for a writer of the platform that holds a table for minutes, and for no longer than twenty tries",
    async (name) => {
      const machine = { commit: "wave", drill: "migration" }[name] ?? name;
      const input = name === "drill" ? undefined : { run, wave: 1 };
      const tried = async (failures: number) => {
        const { status, error, called } = await play({
          machine,
          ...(input === undefined ? {} : { input }),
          failures: { [name]: Array.from({ length: failures }, () => "WaveContended") },
        });
        return [status, error, called.filter((each) => each === name).length];
      };
      const good = goodDay.filter((each) => each === name).length;
      expect(await tried(20)).toEqual(["SUCCEEDED", undefined, 20 + (name === "drill" ? good : 1)]);
      expect(await tried(30)).toEqual(["FAILED", "WaveContended", 21]);
    },
  );

  it.each(["caller", "preflight", "sign-off"])(
    "%s waits for CloudTrail to know who started",
    async (name) => {
      const { status } = await play({ failures: { [name]: ["StarterUnknown", "StarterUnknown"] } });
      expect(status).toBe("SUCCEEDED");
    },
  );

  it("a mail that was not taken is sent again with a question of its own", async () => {
    const { status, given } = await play({ failures: { "sign-off": ["MailFailed"] } });
    expect(status).toBe("SUCCEEDED");
    const tokens = (given["sign-off"] ?? []).map((payload) => (payload as { token: string }).token);
    expect([tokens.length, new Set(tokens).size]).toEqual([2, 2]);
  });
});

describe("R10 what a person decides, and what stands with the run", () => {
  it("a rejected sign-off ends the run: nothing is written, and people are told", async () => {
    expect(await play({ signOff: { decision: "rejected" } })).toMatchObject({
      status: "FAILED",
      error: "SignOffRejected",
      halted: "SignOffRejected",
      called: [...until("sign-off"), "halted"],
    });
  });

  it("a question that was voided is asked anew by what is stored, and is no approval", async () => {
    const { status, called } = await play({
      signOff: { decision: "voided" },
      steps: [inOrder[0] ?? null, { next: "pause" }],
    });
    expect(status).toBe("SUCCEEDED");
    expect(called.slice(goodDay.indexOf("sign-off"))).toEqual(["sign-off", "next-wave", "paused"]);
  });

  it.each([
    ["pause", ["next-wave", "paused"]],
    ["stop", ["next-wave", "export-audit"]],
  ])("a %s ends the execution without a wave", async (next, rest) => {
    const { status, called } = await play({ steps: [{ next }] });
    expect([status, called.slice(goodDay.indexOf("next-wave"))]).toEqual(["SUCCEEDED", rest]);
  });

  it("B4 while the platform is busy it asks again what comes next, and writes nothing", async () => {
    const { status, called } = await play({
      steps: [{ next: "wait", seconds: 0 }, { next: "stop" }],
    });
    expect([status, called.slice(goodDay.indexOf("next-wave"))]).toEqual([
      "SUCCEEDED",
      ["next-wave", "next-wave", "export-audit"],
    ]);
  });

  it("a run that is reviewed goes on with its waves, and reads nothing anew", async () => {
    const { status, called } = await play({
      answers: { preflight: { run, stage: "export-review" } },
      steps: [],
    });
    expect([status, called]).toEqual([
      "SUCCEEDED",
      ["caller", "preflight", "next-wave", "final-verify", "export-audit"],
    ]);
  });

  it("B12 a trial ends behind its dry run", async () => {
    const { status, called } = await play({
      answers: { preflight: { run, stage: "preflight", trial: true } },
    });
    expect([status, called]).toEqual(["SUCCEEDED", until("dry-run")]);
  });
});

describe("R20 a stage alone", () => {
  it.each([
    ["validate", ["validate"]],
    ["classify", ["classify"]],
    ["match", ["match"]],
    ["dry-run", ["dry-run"]],
    ["export-review", ["export-review"]],
    ["sign-off", ["sign-off"]],
    ["drill", ["drill"]],
    ["verify", ["verify"]],
    ["final-verify", ["final-verify"]],
    ["export-audit", ["export-audit"]],
    ["import", ["plan-import", "import-range", "import-range", "finish-import"]],
  ])("%s calls what it is and no more; when it fails nothing is halted", async (only, calls) => {
    const input = { migration: "ecoin", run, only };
    expect(await play({ input })).toMatchObject({
      status: "SUCCEEDED",
      called: ["caller", "preflight", ...calls],
    });
    const [first = ""] = calls;
    expect(await play({ input, failures: { [first]: ["WentWrong"] } })).toMatchObject({
      status: "FAILED",
      error: "WentWrong",
      called: ["caller", "preflight", first],
    });
  });

  it("one that does not exist is refused by its name", async () => {
    const input = { migration: "ecoin", run, only: "dance" };
    expect(await play({ input })).toMatchObject({
      status: "FAILED",
      error: "UnknownStage",
      called: ["caller", "preflight"],
    });
  });
});

describe("R17 the rollback", () => {
  const machine = "rollback";
  const caller = { person: "operator", permission: "legacy_imports.run" };

  it("takes the whole run back, or as far as it is told, and leaves the evidence", async () => {
    for (const [input, toWave] of [
      [{ run }, 1],
      [{ run, toWave: 3 }, 3],
    ] as const) {
      const { status, called, given } = await play({ machine, input });
      expect([status, called]).toEqual(["SUCCEEDED", ["caller", "rollback", "export-audit"]]);
      const before = { waves: 0, undone: 0, spared: 0 };
      expect(given.rollback).toEqual([{ run, toWave, caller, before }]);
    }
  });

  it("D16 of more than a call has time for goes on by itself, with what is taken back so far", async () => {
    const some = { waves: 2, undone: 500, spared: 1 };
    const { status, error, called, given } = await play({
      machine,
      input: { run },
      rollbacks: [
        { outcome: "goes_on", ...some },
        { outcome: "goes_on", ...some, undone: 900 },
        { outcome: "conflicts", ...some, undone: 999 },
      ],
    });
    expect([status, error]).toEqual(["FAILED", "RollbackConflicts"]);
    expect(called).toEqual(["caller", "rollback", "rollback", "rollback", "export-audit"]);
    expect(given.rollback).toMatchObject([
      { before: { undone: 0 } },
      { before: some },
      { before: { ...some, undone: 900 } },
    ]);
  });

  it("D16 with conflicts leaves the evidence and fails by that name", async () => {
    expect(
      await play({ machine, input: { run }, answers: { rollback: { outcome: "conflicts" } } }),
    ).toMatchObject({
      status: "FAILED",
      error: "RollbackConflicts",
      called: ["caller", "rollback", "export-audit"],
    });
  });

  it("that fails is not told as one that was done", async () => {
    expect(
      await play({ machine, input: { run }, failures: { rollback: ["SideEffects"] } }),
    ).toMatchObject({
      status: "FAILED",
      error: "SideEffects",
      called: ["caller", "rollback", "halted"],
    });
  });

  it("of somebody who may not does nothing", async () => {
    for (const each of ["wave", "rollback"]) {
      expect(
        await play({ machine: each, input: { run }, failures: { caller: ["PermissionDenied"] } }),
      ).toMatchObject({ status: "FAILED", error: "PermissionDenied", called: ["caller"] });
    }
  });

  it("B1 that is only said beforehand takes nothing back", async () => {
    const { status, called } = await play({
      machine,
      input: { run, toWave: 2, preview: true },
      answers: { "preview-rollback": { waves: [] } },
    });
    expect([status, called]).toEqual(["SUCCEEDED", ["caller", "preview-rollback"]]);
  });
});
