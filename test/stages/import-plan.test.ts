import { describe, expect, it } from "vitest";
import { rowsOfRange } from "../../lib/stages/plan-import.ts";

describe("W1 an import never outgrows its execution's history", () => {
  it.each([
    [0, 25_000],
    [3_000, 25_000],
    [2_500_000, 25_000],
    [2_500_001, 25_001],
    [100_000_000, 1_000_000],
    [1_000_000_000, 10_000_000],
  ])("a source of %i rows is cut into ranges of %i", (rows, each) => {
    expect(rowsOfRange(rows)).toBe(each);
  });
});
