import { describe, expect, it } from "vitest";
import { normalizeReference } from "../../lib/normalize/reference.ts";

describe("D33 a reference", () => {
  it.each([
    ["7", "7"],
    [" 7 ", "7"],
    ["007", "7"],
    ["+7", "7"],
    ["1.0", "1"],
    ["12.00", "12"],
    ["235.", "235"],
    ["1.0000", "1"],
    ["12345.000", "12345"],
    ["-3", "-3"],
    ["-3.0", "-3"],
    ["9007199254740993", "9007199254740993"],
    ["9223372036854775807", "9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["0000000000000000000000012", "12"],
  ])("%j is row %s, exactly", (raw, id) => {
    expect(normalizeReference(raw)).toEqual({ id, reason: null });
  });

  it.each([[null], [""], ["  "], ["NULL"], ["null"], ["0"], ["0.0"], ["0.00"], ["000"], ["-0"]])(
    "%j names nothing",
    (raw) => {
      expect(normalizeReference(raw)).toEqual({ id: null, reason: "missing" });
    },
  );

  it.each([
    ["1,2"],
    ["1;2"],
    ["1.5"],
    ["1,0"],
    ["F1"],
    ["12a"],
    ["1e3"],
    ["--3"],
    ["١٢"],
    ["\u0001"],
    ["\uFFFD"],
    ["?"],
    ["18446744073709551615"],
    ["9223372036854775808"],
    ["-9223372036854775809"],
    ["DECIMAL(10,2)"],
    // A thousand to some, one to others.
    ["1.000"],
    ["12.000"],
    ["-235.000"],
  ])("%j is unreadable, not absent", (raw) => {
    expect(normalizeReference(raw)).toEqual({ id: null, reason: "unreadable" });
  });
});
