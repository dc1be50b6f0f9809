import { Readable } from "node:stream";
import { ListExecutionsCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { CannotRun, describeFailure, FailedMidWay } from "../../lib/cli/failure.ts";
import { describeProgress, duration, meter } from "../../lib/cli/progress.ts";
import { nextStep } from "../../lib/cli/show/next-step.ts";
import { nearest } from "../../lib/cli/suggest.ts";
import { facts, number, printable, table } from "../../lib/cli/table.ts";
import { noteWrites } from "../../lib/cli/wrote.ts";
import { Refusal } from "../../lib/services/errors.ts";

describe("suggestions", () => {
  it.each([
    ["ecion", ["ecoin", "alpha2"], "ecoin"],
    ["stats", ["status", "start"], "status"],
    ["hist", ["historical_completed", "lead_only"], "historical_completed"],
    ["ecoin-20261120-7f3b", ["ecoin-20261120-7f3a", "ecoin-20261001-aaaa"], "ecoin-20261120-7f3a"],
    ["xyz", ["ecoin", "alpha2"], undefined],
    ["", ["ecoin"], undefined],
  ])("%s means %s: %s", (typed, candidates, meant) => {
    expect(nearest(typed, candidates)).toBe(meant);
  });
});

describe("tables", () => {
  it("aligns by what a terminal shows: accents, Arabic and wide characters", () => {
    expect(
      table(
        ["name", "rows"],
        [
          ["Formée", 12],
          ["日本", 3],
          ["محمد", 4_000],
        ],
      ),
    ).toEqual([
      "name     rows",
      "──────  ─────",
      "Formée     12",
      "日本        3",
      "محمد    4,000",
    ]);
  });

  it("puts a dash where nothing is", () => {
    expect(
      facts([
        ["Status", null],
        ["Staged rows", 0],
      ]),
    ).toEqual(["Status       –", "Staged rows  0"]);
  });

  it("takes the power over the terminal out of legacy text", () => {
    expect(printable("a\u001b[2Jb\u202ec\nd")).toBe("a\ufffd[2Jb\ufffdc d");
  });

  it.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1,000"],
    [1_234_567, "1,234,567"],
    [-1_234, "-1,234"],
    [0.25, "0.3"],
  ])("writes %d as %s", (value, text) => expect(number(value)).toBe(text));
});

describe("W11 progress", () => {
  const half = { stage: "import", done: 12_000, total: 50_000, rate: 8_000, left: 4.75 };

  it("W11 shows rows done, rows a second and the time left", () => {
    expect(describeProgress(half)).toBe(
      "import  12,000 of 50,000 rows  24 %  8,000 rows/s  5 s left",
    );
  });

  it("W11 says nothing of a time that is not known", () => {
    expect(describeProgress({ ...half, rate: 0, left: null })).toBe(
      "import  12,000 of 50,000 rows  24 %",
    );
  });

  it.each([
    [0, "0 s"],
    [89, "89 s"],
    [240, "4 min"],
    [7_500, "2 h 05 min"],
  ])("says %d seconds as %s", (seconds, text) => expect(duration(seconds)).toBe(text));

  const written: string[] = [];
  const io = {
    out: () => {},
    err: (text: string) => void written.push(text),
    columns: 200,
    env: {},
    cwd: "/",
    askSecret: async () => undefined,
    onInterrupt: () => () => {},
  };

  it("W11 redraws one bar on a terminal and clears it at the end", () => {
    written.length = 0;
    const bar = meter({ ...io, terminal: true });
    bar.show(half);
    bar.end();
    expect(written).toEqual([
      "\r\u001b[2K████░░░░░░░░░░░░░░░░ import  12,000 of 50,000 rows  24 %  8,000 rows/s  5 s left",
      "\r\u001b[2K",
    ]);
  });

  it("W11 writes plain lines elsewhere, a stage's first at once and then one every five seconds", () => {
    written.length = 0;
    let clock = 0;
    const lines = meter({ ...io, terminal: false }, () => clock);
    lines.show(half);
    clock = 1_000;
    lines.show({ ...half, done: 20_000 });
    clock = 6_000;
    lines.show({ ...half, done: 30_000, rate: 5_000, left: 4 });
    lines.end();
    expect(written).toEqual([
      "import  12,000 of 50,000 rows  24 %  8,000 rows/s  5 s left\n",
      "import  30,000 of 50,000 rows  60 %  5,000 rows/s  4 s left\n",
    ]);
  });
});

describe("W13 failures", () => {
  it("W13 passes a refusal on as it was said, with 1", () => {
    expect(
      describeFailure(new Refusal("NotReady", "It is not ready. Nothing was written.")),
    ).toEqual({ exit: 1, name: "NotReady", message: "It is not ready. Nothing was written." });
  });

  it("W13 ends with 2 when the command cannot be run", () => {
    expect(describeFailure(new CannotRun("Usage", "Two\n  lines"))).toEqual({
      exit: 2,
      name: "Usage",
      message: "Two lines.",
    });
  });

  it("W13 finds the network's word behind an SDK's error", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const { exit, name, message } = describeFailure(new Error("failed", { cause: refused }));
    expect([exit, name]).toEqual([2, "ECONNREFUSED"]);
    expect(message).toContain("`wavegate local up`");
  });

  it.each(["ECONNREFUSED", "ExpiredTokenException", "AccessDeniedException", "ENOTFOUND"])(
    "W13 says of %s that nothing was written only as long as that is so",
    (code) => {
      const error = Object.assign(new Error("no"), { code });
      expect(describeFailure(error).message).toContain(" Nothing was written. ");
      const { exit, name, message } = describeFailure(new FailedMidWay(error));
      expect({ exit, name }).toMatchObject({ name: code, exit: describeFailure(error).exit });
      expect(message).not.toContain("Nothing was written");
      expect(message).toContain("What this command did before stands");
    },
  );

  it("W13 leaves a refusal on the way what it is", () => {
    const refusal = new Refusal("NotReady", "It is not ready. Nothing was written.");
    expect(describeFailure(new FailedMidWay(refusal))).toEqual(describeFailure(refusal));
  });

  it("W13 notes that a request which may write was answered, not one that was refused or only read", async () => {
    const answers: Record<string, unknown> = { ListExecutions: { executions: [] } };
    const client = new SFNClient({
      region: "eu-west-3",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
      requestHandler: {
        handle: async ({ headers }: { headers: Record<string, string> }) => {
          const name = headers["x-amz-target"]?.split(".")[1] ?? "";
          const found = answers[name];
          const said = found ?? { __type: "AccessDeniedException", message: "no" };
          const statusCode = found === undefined ? 400 : 200;
          const body = Readable.from([JSON.stringify(said)]);
          return { response: { statusCode, headers: {}, body } };
        },
      } as never,
    });
    const wrote = noteWrites(client);
    await client.send(new ListExecutionsCommand({ stateMachineArn: "arn" }));
    const start = () => client.send(new StartExecutionCommand({ stateMachineArn: "arn" }));
    await expect(start()).rejects.toThrow();
    expect(wrote()).toBe(false);
    answers.StartExecution = { executionArn: "arn", startDate: 1 };
    await start();
    expect(wrote()).toBe(true);
  });

  it("W14 does not repeat the database's own words, which may quote a person's data", () => {
    const error = new Error(
      "ERROR: duplicate key value; Detail: Key (phone)=(213559446168) already exists.; SQLState: 23505",
    );
    const { exit, message } = describeFailure(error);
    expect(exit).toBe(2);
    expect(message).toContain("(SQLState 23505)");
    expect(message).not.toContain("213559446168");
  });

  it("W13 knows a database that was never set up", () => {
    const error = new Error(
      'FATAL: password authentication failed for user "wavegate_stage"; SQLState: 28P01',
    );
    expect(describeFailure(error).message).toBe(
      "The database is not set up for wavegate yet. Nothing was written. Run `wavegate local up`.",
    );
  });

  it("W13 says in one line what nobody foresaw, without a stack", () => {
    const { exit, message } = describeFailure(new TypeError("x is not\n a function"));
    expect(exit).toBe(2);
    expect(message).toBe(
      "x is not a function. This was not foreseen: look with `wavegate status` at what was written before you repeat the command.",
    );
  });
});

describe("the next step", () => {
  const run = {
    reference: "ecoin-1",
    status: "running",
    control: "run",
    stage: "import",
    alive: false,
    pendingGate: null,
    preflight: { passed: true },
  };

  it.each([
    [{}, "Nothing runs. The next step: `wavegate validate --run ecoin-1`."],
    [{ stage: "match" }, "Nothing runs. The next step: `wavegate dry-run --run ecoin-1`."],
    [
      { stage: "export-review" },
      "Nothing runs. The next step: `wavegate resume --run ecoin-1`, which asks for the sign-off and then goes on wave by wave.",
    ],
    [
      { alive: true, control: "stop" },
      "It was told to stop, as every rollback does. `wavegate resume --run ecoin-1` lets it go on, after a new sign-off.",
    ],
    [
      { stage: "preflight", preflight: { passed: false } },
      "Its preflight did not pass, so nothing was staged. Mend what it said, and start a new run.",
    ],
    [{ alive: true }, "It goes on by itself: `wavegate watch --run ecoin-1`."],
    [
      { alive: true, pendingGate: "first_wave" },
      "It waits for a sign-off (first_wave) by somebody else than its starter: `wavegate sign-off show --run ecoin-1`.",
    ],
    [
      { alive: true, status: "halted" },
      "It is halted and waits for a decision: `wavegate resume --run ecoin-1`, `wavegate rollback --run ecoin-1` or `wavegate stop --run ecoin-1`.",
    ],
  ])("of %j is said as a command", (standing, says) => {
    expect(nextStep({ ...run, ...standing })).toBe(says);
  });
});
