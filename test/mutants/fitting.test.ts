import { expect, it } from "vitest";
import { fitting } from "../../scripts/mutants/fitting.ts";

it("W13 of likely tests as many are asked as fit, and behind them the likeliest that does not", () => {
  const takes = { a: 10, story: 90, b: 15, life: 120, c: 5, d: 1 };
  const asked = (tests: number, seconds: number) =>
    fitting(Object.keys(takes), (test) => takes[test as keyof typeof takes], { tests, seconds });
  expect(asked(12, 30)).toEqual(["a", "b", "c", "story"]);
  expect(asked(12, 100)).toEqual(["a", "story", "b"]);
  expect(asked(1, 30)).toEqual(["a"]);
  expect(asked(12, 5)).toEqual(["c", "a"]);
  expect(asked(12, 1000)).toEqual(Object.keys(takes));
});
