import { describe, expect, it } from "vitest";
import { describeProgress, duration, meter } from "../../lib/cli/progress.ts";

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
    ask: async () => undefined,
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
