import { describe, expect, it } from "vitest";
import { afterReading, becauseOf, verdictOf, type Watching } from "../../lib/data/watching.ts";
import { watch } from "../../lib/define/watch.ts";

const watches = [
  watch("lag", "seconds behind", "select 1", { above: 2 }),
  watch("queue", "jobs that wait", "select 1", { above: 0, readings: 2 }),
];
const start = Date.parse("2026-11-26T10:00:00.000Z");

/** Verdicts over readings of lag and queue, each at so many seconds. */
function read(readings: readonly (readonly [number, number | null, number | null])[]) {
  let state: Watching | null = null;
  return readings.map(([at, lag, queue]) => {
    const figures = [
      { id: "lag", value: lag },
      { id: "queue", value: queue },
    ];
    state = afterReading(state, watches, figures, new Date(start + at * 1_000));
    const verdict = verdictOf(state);
    return typeof verdict === "string" ? verdict : `${verdict.seconds} s`;
  });
}

describe("C4 when the next wave waits for the platform", () => {
  it.each([
    ["nothing is above its limit", [[0, 2, 0]], ["go"]],
    ["lag of just above two seconds", [[0, 2.001, 0]], ["5 s"]],
    ["lag that is no number", [[0, Number.NaN, 0]], ["5 s"]],
    [
      "lag goes down: three good readings, one after the other",
      [
        [0, 3, 0],
        [5, 0, 0],
        [10, 0, 0],
        [15, 0, 0],
      ],
      ["5 s", "5 s", "5 s", "go"],
    ],
    [
      "a bad one among the good begins anew",
      [
        [0, 3, 0],
        [5, 0, 0],
        [10, 0, 0],
        [15, 2.5, 0],
        [20, 0, 0],
        [25, 0, 0],
        [30, 0, 0],
      ],
      ["5 s", "5 s", "5 s", "5 s", "5 s", "5 s", "go"],
    ],
    [
      "one reading of a queue that is not empty is looked at again, and is no wait",
      [
        [0, 0, 7],
        [5, 0, 0],
      ],
      ["5 s", "go"],
    ],
    [
      "two of them are",
      [
        [0, 0, 7],
        [5, 0, 1],
        [10, 0, 0],
        [15, 0, 0],
        [20, 0, 0],
      ],
      ["5 s", "5 s", "5 s", "5 s", "go"],
    ],
    [
      "what cannot be read is not taken for good",
      [
        [0, null, 0],
        [5, 0, 0],
        [10, 0, 0],
        [15, 0, 0],
      ],
      ["5 s", "5 s", "5 s", "go"],
    ],
    [
      "good readings of long ago say nothing",
      [
        [0, 3, 0],
        [5, 0, 0],
        [10, 0, 0],
        [1_000, 3, 0],
        [1_005, 0, 0],
      ],
      ["5 s", "5 s", "5 s", "5 s", "5 s"],
    ],
    [
      "a platform that stays busy is looked at less often",
      [
        [0, 3, 0],
        [5, 3, 0],
        [10, 3, 0],
        [20, 3, 0],
      ],
      ["5 s", "5 s", "10 s", "15 s"],
    ],
  ] as const)("%s", (_, readings, verdicts) => {
    expect(read(readings)).toEqual(verdicts);
  });

  it("after six hours a person is needed", () => {
    const minutes = Array.from({ length: 362 }, (_, minute) => [minute * 60, 3, 0] as const);
    const verdicts = read(minutes);
    expect(verdicts.slice(-2)).toEqual(["60 s", "give up"]);
    expect(verdicts.indexOf("give up")).toBe(361);
  });

  it("W3 a person is needed as soon where the clock was set back since, as a time to come is none since which anybody waited", () => {
    const hours = Array.from({ length: 45 }, (_, nth) => [nth * 500, 3, 0] as const);
    expect(read([[36_000, 3, 0], ...hours]).at(-1)).toBe("give up");
  });

  it("says why", () => {
    const figures = [
      { id: "lag", value: 3.2 },
      { id: "queue", value: null },
    ];
    const seen = afterReading(null, watches, figures, new Date(start));
    expect(becauseOf(seen)).toBe(
      "lag is 3.2, above 2 (seconds behind), and queue cannot be read (jobs that wait)",
    );
    const better = [
      { id: "lag", value: 0 },
      { id: "queue", value: 0 },
    ];
    expect(becauseOf(afterReading(seen, watches, better, new Date(start + 5_000)))).toBe(
      "of 3 good readings it has 1",
    );
  });
});
