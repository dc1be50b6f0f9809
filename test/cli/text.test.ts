import { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { ListExecutionsCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { coloured, takesColour } from "../../lib/cli/colour.ts";
import { perform } from "../../lib/cli/command.ts";
import { CannotRun, describeFailure, FailedMidWay } from "../../lib/cli/failure.ts";
import type { Io } from "../../lib/cli/io.ts";
import { describeProgress, duration, meter } from "../../lib/cli/progress.ts";
import { conclusion } from "../../lib/cli/show/dry-run.ts";
import { showEvidence } from "../../lib/cli/show/evidence.ts";
import { nearest } from "../../lib/cli/suggest.ts";
import { facts, number, printable, table } from "../../lib/cli/table.ts";
import { conflictSays } from "../../lib/cli/verbs/rollback.ts";
import { showGoNoGo } from "../../lib/cli/verbs/status.ts";
import { width } from "../../lib/cli/width.ts";
import { noteWrites } from "../../lib/cli/wrote.ts";
import { nextStep, nextStepLine } from "../../lib/review/next-step.ts";
import { remarkOf, statusWord } from "../../lib/review/standing.ts";
import { Refusal } from "../../lib/services/errors.ts";
import { several } from "../../lib/services/words.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";

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
    [
      "an answer",
      { text: ["a trigger t\u001b]0;x\u0007 and\na table \u202etxt."], json: null },
      "out",
    ],
    ["what is told on the way", undefined, "out"],
    [
      "an error",
      new Refusal("Refused", "a trigger t\u001b]0;x\u0007 and\na table \u202etxt."),
      "err",
    ],
  ] as const)(
    "W14 no line of %s steers the terminal, whatever names it quotes",
    async (_, comes, where) => {
      const written = { out: "", err: "" };
      const io = {
        out: (text: string) => {
          written.out += text;
        },
        err: (text: string) => {
          written.err += text;
        },
        env: {},
        cwd: "/nowhere",
      } as unknown as Io;
      await perform({ io, exit: 0 }, "text", async ({ say }) => {
        if (comes instanceof Error) throw comes;
        if (comes !== undefined) return comes;
        say("a trigger t\u001b]0;x\u0007 and\na table \u202etxt.");
        return { text: [], json: null };
      });
      // An error is one line, whatever is in it.
      expect(written[where].replace("wavegate: ", "").replace("and\n", "and ")).toBe(
        "a trigger t\ufffd]0;x\ufffd and a table \ufffdtxt.\n",
      );
    },
  );

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

  it("W13 tells no time left before a twentieth is done: a slow beginning makes it far too long", () => {
    const early = { ...half, done: 2_400, rate: 150, left: 317 };
    expect(describeProgress(early)).toBe("import  2,400 of 50,000 rows  4 %  150 rows/s");
    expect(describeProgress({ ...early, done: 2_500 })).toMatch(/ 5 min left$/);
  });

  it("W13 counts one row as one", () => {
    expect(describeProgress({ ...half, done: 0, total: 1, rate: 0, left: null })).toBe(
      "import  0 of 1 row  0 %",
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

  it("W13 B12 says what a source lacks as it was said: only read, it is nothing unforeseen", () => {
    for (const broken of [
      () => sourceSettings("gym", {}),
      () => sourceSettings("gym", { GYM_DB_DRIVER: "oracle" }),
      () => sourceSettings("./gym", {}),
    ]) {
      let error: unknown;
      try {
        broken();
      } catch (thrown) {
        error = thrown;
      }
      const { exit, name, message } = describeFailure(error);
      expect({ exit, name }).toEqual({ exit: 2, name: "SourceSettingsInvalid" });
      expect(message).toMatch(/othing was read\.$/u);
    }
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
    expect(new FailedMidWay(refusal)).toMatchObject({ name: "FailedMidWay", cause: refusal });
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
    [{}, "command", "Nothing runs.", "wavegate validate --run ecoin-1"],
    [{ stage: "match" }, "command", "Nothing runs.", "wavegate dry-run --run ecoin-1"],
    [
      { stage: "export-review" },
      "command",
      "Nothing runs. Its next step asks for the sign-off and then goes on.",
      "wavegate resume --run ecoin-1",
    ],
    // A rollback began, and was cut off before anything was taken back or after some of it.
    [
      { alive: true, control: "stop" },
      "decision",
      "It was told to stop, as every rollback does: `wavegate rollback --run ecoin-1` takes back what stands. Or it may go on after a new sign-off.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "completed", control: "stop" },
      "decision",
      "It was told to stop, as every rollback does: `wavegate rollback --run ecoin-1` takes back what stands. Or it may go on after a new sign-off.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "completed" },
      null,
      "It is complete. `wavegate rollback --run ecoin-1` would take everything back.",
      "wavegate export audit --run ecoin-1",
    ],
    [
      { stage: "preflight", preflight: { passed: false } },
      "command",
      "Its preflight did not pass, so nothing was staged. Mend what it said, and start a new run.",
      null,
    ],
    [{ alive: true }, null, "It goes on by itself.", "wavegate watch --run ecoin-1"],
    [
      { alive: true, pendingGate: "first_wave" },
      "sign-off first_wave",
      "It waits for a sign-off (first_wave) by somebody else than its starter.",
      "wavegate sign-off show --run ecoin-1",
    ],
    [
      { alive: true, status: "halted" },
      "decision",
      "It is halted and waits for a decision. Instead of going on, `wavegate rollback --run ecoin-1` takes back what it wrote, `wavegate stop --run ecoin-1` ends it.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "running", control: "stop", copiesLeft: 3 },
      "command",
      "It has begun to take copies of files away, 3 are left, and nothing runs. Other runs that name the same files wait for it.",
      "wavegate rollback --run ecoin-1",
    ],
    [
      { status: "rolled_back" },
      null,
      "It is rolled back. Review the mappings before you start a new run.",
      null,
    ],
  ])("of %j is said with the one command that comes next", (standing, waitsFor, says, command) => {
    expect(nextStep({ ...run, ...standing })).toEqual({ waitsFor, says, command });
  });

  it("stands in one line where there is one", () => {
    expect(nextStepLine(nextStep(run))).toBe(
      "Nothing runs. The next step: `wavegate validate --run ecoin-1`.",
    );
    expect(nextStepLine(nextStep({ ...run, status: "rolled_back" }))).toBe(
      "It is rolled back. Review the mappings before you start a new run.",
    );
  });
});

describe("W13 what is said of a run", () => {
  it("W13 is at rest while nothing runs, whatever is stored", () => {
    expect(statusWord({ status: "running" }, false)).toBe("at rest");
    expect(statusWord({ status: "running" }, true)).toBe("running");
    expect(statusWord({ status: "waiting" }, false)).toBe("at rest");
    expect(statusWord({ status: "waiting" }, true)).toBe("waiting");
    expect(statusWord({ status: "rolled_back" }, false)).toBe("rolled back");
  });

  const signOff = {
    id: "1",
    gate: "first_wave",
    status: "approved",
    digest: "d",
    asked_at: "2026-11-20T10:00:00.000Z",
    decided_by: "karima",
    decided_at: "2026-11-20T11:00:00.000Z",
    comment: "Looks right",
    override_by: null,
    override_reason: null,
    void_because: null,
  };

  it.each([
    [{}, "karima: “Looks right”"],
    [{ comment: null }, ""],
    [
      { override_by: "samir", override_reason: "Courses of 2009 are gone" },
      "karima: “Looks right”; stop overridden by samir: “Courses of 2009 are gone”",
    ],
    [
      { comment: null, override_by: "samir", override_reason: "Known" },
      "stop overridden by samir: “Known”",
    ],
    [{ comment: null, void_because: "a newer one replaced it" }, "a newer one replaced it"],
  ])("W13 tells the approver's comment from the override's reason: %j", (changes, says) => {
    expect(remarkOf({ ...signOff, ...changes })).toBe(says);
  });

  it.each([
    [{ edited: true, referenced: false, changed: ["phone"] }, "edited (phone)"],
    [{ edited: false, referenced: true, changed: [] }, "referred to by other rows"],
    [
      { edited: true, referenced: true, changed: ["phone", "full_name"] },
      "edited (phone, full_name), referred to by other rows",
    ],
    [{ gone: true }, "gone"],
    [
      { edited: false, referenced: false, changed: ["phone"], refused: "no_benjamin" },
      "the platform refuses it: no_benjamin (phone)",
    ],
  ])("W13 says why a rollback spared a row: %j", (conflict, says) => {
    expect(conflictSays(conflict)).toBe(says);
  });

  const stop = {
    id: "unknown_rows",
    kind: "share",
    measured: 0.1,
    threshold: 0.05,
    stops: true,
  } as const;
  it.each([
    [[], "Nothing stops a sign-off."],
    [
      ["Too many rows have a status that nobody listed."],
      "1 of 1 conditions stops a sign-off until it is mended or overridden: Too many rows have a status that nobody listed.",
    ],
    [
      ["One.", "Two."],
      "2 of 2 conditions stop a sign-off until they are mended or overridden: One; Two.",
    ],
  ])("W13 ends a list of stop conditions with one stop: %j", (says, line) => {
    expect(conclusion(says.map((each) => ({ ...stop, says: each })))).toBe(line);
  });

  it.each([
    [0, "0 rows"],
    [1, "1 row"],
    [2, "2 rows"],
    [1_000, "1,000 rows"],
  ])("W13 counts %d things as %s", (value, says) => expect(several(value, "row")).toBe(says));

  it("R18 says what cannot be told yet without calling it failed", () => {
    const shown = (holds: boolean, judged: boolean) =>
      showGoNoGo({
        ready: holds,
        items: [{ id: "drill_passed", says: "The rollback drill passed.", holds, judged }],
      });
    expect(shown(true, true)).toEqual([
      "",
      "Go or no-go: ready to scale up",
      "  ✓ The rollback drill passed.",
    ]);
    expect(shown(false, false)).toEqual([
      "",
      "Go or no-go: not ready to scale up yet",
      "  · The rollback drill passed.",
      "  (· cannot be told yet)",
    ]);
    expect(shown(false, true).slice(1)).toEqual([
      "Go or no-go: NOT ready to scale up",
      "  ✗ The rollback drill passed.",
    ]);
  });
});

describe("M7 the evidence of a hint", () => {
  it.each([
    [
      { level: "high", rule: "same_phone", table: "users", id: 12, hits: 1 },
      "high: the same phone: users 12 (same_phone)",
    ],
    [
      { level: "high", rule: "same_alternate_phone", table: "users", id: 12, hits: 3 },
      "high: a further number of its phone field is the same: users 12 and 2 more (same_alternate_phone)",
    ],
    [
      { level: "medium", rule: "same_name_and_birth_date", first: 7, rows: 1 },
      "medium: the same name and birth date, 1 row, the first is row 7",
    ],
    [
      { level: "low", rule: "a_new_rule", table: "users", id: 3 },
      "low: a_new_rule: users 3 (a_new_rule)",
    ],
  ])("M7 says in words what %j rests on", (hint, line) => {
    const [, title, ...lines] = showEvidence("Hints", [hint]);
    expect(title).toBe("Hints");
    expect(lines.map((each) => each.trim()).join(" ")).toBe(line);
    expect(lines.filter((each) => each.length > 80)).toEqual([]);
  });
});

describe("tables in 80 columns", () => {
  const long = "Introduction à la comptabilité générale et analytique des entreprises";
  const arabic = "مُحَمَّد بن عبد الله ".repeat(9);
  it.each([
    ["long names", ["1", long, "12 Comptabilité générale", "needs_review", 1_234, "karima"]],
    ["one long word", ["1", "x".repeat(300), "y".repeat(90), "z", 1, "karima"]],
    ["wide characters", ["1", "日本語のとても長いコース名".repeat(6), "会計", "ok", 5, null]],
    ["Arabic and marks", ["1", arabic, "é".normalize("NFD").repeat(90), "ok", 5, "k"]],
    [
      "emoji and hostile text",
      ["1", "🎓".repeat(70), "\u001b[2J\u202e\n\ttab", "👩‍💻 ok", -5, "…"],
    ],
    ["long titles over short cells", ["1", "a", "b", "c", 5, "d"]],
    ["many digits", ["12345678901234567890", "a".repeat(60), "b", "c", 123_456_789_012, "d"]],
  ])("are not wider, and lose nothing: %s", (_, row) => {
    const heads = ["id", "legacy name of it", "platform", "status of the mapping", "history", "by"];
    const lines = table(heads, [row]);
    expect(lines.filter((line) => width(line) > 80)).toEqual([]);
    const letters = (text: string) => [...text.replaceAll(/[\s─–]/gu, "")].sort().join("");
    const cells = [...heads, ...row].map((cell) => (cell === null ? "" : printable(cell)));
    expect(letters(lines.join(""))).toBe(letters(cells.join("")));
  });

  it("break between words, and leave short columns whole", () => {
    expect(
      table(
        ["", "check", "expected", "found"],
        [
          [
            "PASS",
            "Every row of the wave is in the ledger, and is on the platform as the ledger says.",
            "25 of 25",
            "25 of 25",
          ],
        ],
      ),
    ).toEqual([
      "      check                                                   expected  found",
      "────  ──────────────────────────────────────────────────────  ────────  ────────",
      "PASS  Every row of the wave is in the ledger, and is on the   25 of 25  25 of 25",
      "      platform as the ledger says.",
    ]);
  });
});

describe("colour", () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  ])("with %j, terminal %s: %s", (env, terminal, takes) => {
    expect(takesColour(env, terminal)).toBe(takes);
  });

  it.each([
    "✓ preflight",
    "19:29:36 ✗ run-wave failed: WaveNotClean",
    "PASS  files: Every file is there",
    "Balance  DOES NOT HOLD: see `wavegate balance`",
    "────  ────",
  ])("of %j changes no letter of it", (line) => {
    const painted = coloured(line);
    expect(painted).not.toBe(line);
    expect(stripVTControlCharacters(painted)).toBe(line);
  });

  it("leaves a line without marks as it is", () => {
    expect(coloured("25 committed, nothing left")).toBe("25 committed, nothing left");
  });
});
