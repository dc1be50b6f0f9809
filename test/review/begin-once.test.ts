import { expect, it } from "vitest";
import { beginOnce } from "../../lib/review/steer/begin-once.ts";

/** Names that are taken, those of them whose execution is over, and what the log tells of meanwhile. */
function going(taken: readonly string[], over: readonly string[], newest = 7) {
  const begun: string[] = [];
  const answer = beginOnce({
    once: "7",
    behind: 7,
    newest: async () => newest,
    begin: async (once) => {
      if (taken.includes(once)) return false;
      begun.push(once);
      return true;
    },
    isOver: async (once) => over.includes(once),
  });
  return { answer, begun };
}

it("W3 W9 of all who ask for the same at one moment one begins it", async () => {
  const { answer, begun } = going([], []);
  expect([await answer, begun]).toEqual([true, ["7"]]);
  const other = going(["7"], []);
  expect([await other.answer, other.begun]).toEqual([false, []]);
});

it("W9 one that ended before it told of itself is followed by another, under the next name", async () => {
  const { answer, begun } = going(["7", "7-2"], ["7", "7-2"]);
  expect([await answer, begun]).toEqual([true, ["7-3"]]);
});

it("W3 W9 RunUnderWay: nothing is begun behind one that came and went since it was looked", async () => {
  const { answer, begun } = going(["7"], ["7"], 8);
  await expect(answer).rejects.toMatchObject({ name: "RunUnderWay" });
  expect(begun).toEqual([]);
});
