import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { coloured, takesColour } from "../../lib/cli/colour.ts";
import { perform } from "../../lib/cli/command.ts";
import type { Io } from "../../lib/cli/io.ts";
import { showEvidence } from "../../lib/cli/show/evidence.ts";
import { nearest } from "../../lib/cli/suggest.ts";
import { facts, number, printable, table } from "../../lib/cli/table.ts";
import { width } from "../../lib/cli/width.ts";
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
  it.each([
    [200, 80],
    [60, 60],
    [20, 40],
  ])("W13 R5 in a terminal of %i columns stay within %i", (columns, most) => {
    const says = "Status, course or session leave open what this row is, and a rule asks a person.";
    // How wide a terminal is, is asked when a command begins.
    const { stdout } = spawnSync(process.execPath, [
      ...["--input-type=module", "-e"],
      `process.stdout.columns = ${columns};
       const { table } = await import("${new URL("../../lib/cli/table.ts", import.meta.url).href}");
       process.stdout.write(table(["reason", "shares", "rows"], [["${says}", "${says}", 5]]).join("\\n"));`,
    ]);
    const lines = stdout.toString().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    expect(Math.max(...lines.map(width))).toBe(most);
  });

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
  it("what people copy stands in one line, however little room is left for the rest", () => {
    const run = "wild-apricot-20261129-d219";
    const rows = [[run, "waits for a sign-off", "export-review", 12, "karima", "2026-11-29 13:09"]];
    const lines = table(["run", "status", "last stage", "waves", "by", "begun"], rows, 0);
    expect(lines.filter((line) => line.startsWith(`${run} `))).toHaveLength(1);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const long = "x".repeat(90);
    expect(table(["run", "by"], [[long, "karima"]], 0).join("\n")).toContain(long);
  });

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
