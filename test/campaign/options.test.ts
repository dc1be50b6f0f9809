import { expect, it } from "vitest";
import { readOptions } from "../../campaign/options.ts";

it("W3 W13 a campaign runs what it is told to", () => {
  expect(readOptions([])).toEqual({ schedules: 100, seed: 1, from: 0, atOnce: 2, quiet: false });
  expect(
    readOptions(["--schedules", "4", "--seed", "7", "--only", "3", "--at-once", "1", "--quiet"]),
  ).toEqual({ schedules: 4, seed: 7, from: 0, only: 3, atOnce: 1, quiet: true });
});

it.each([
  [["--schedules", "ten"], "--schedules takes a whole number from 1."],
  [["--schedules", "0"], "--schedules takes a whole number from 1."],
  [["--seed", ""], "--seed takes a whole number from 0."],
  [["--from", "100"], "--from takes a whole number from 0 to 99."],
  [["--from", "5", "--only", "4"], "--only takes a whole number from 5 to 99."],
  [["--at-once", "0"], "--at-once takes a whole number from 1."],
  [["--help"], "Unknown option '--help'"],
])(
  "W3 W13 one of no schedule is refused, as it would find nothing and say so: %j",
  (args, says) => {
    expect(() => readOptions(args)).toThrow(says);
  },
);
