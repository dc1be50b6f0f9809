import { describe, expect, it } from "vitest";
import { timeOfDayFault, timeOfDayReader } from "../../lib/normalize/time-of-day.ts";

describe("a time of day", () => {
  it.each([
    ["16:30", "16:30:00"],
    ["00:00:00", "00:00:00"],
    ["23:59:59.120", "23:59:59.12"],
    [" ١٦:٣٠ ", "16:30:00"],
  ])("B5 %j is %s", (raw, value) => {
    expect(timeOfDayReader()(raw)).toEqual({ value, reason: null });
  });

  it.each([
    [null, "missing"],
    ["", "missing"],
    ["24:00", "unreadable"],
    ["24:30:00", "unreadable"],
    ["-01:00:00", "unreadable"],
    ["16:60", "unreadable"],
    ["16.30", "unreadable"],
    ["4:30 PM", "unreadable"],
    ["now", "unreadable"],
    ["2024-01-01 16:30", "unreadable"],
    ["16:30+02", "unreadable"],
  ])("B5 D33 %j is none: %s", (raw, reason) => {
    expect(timeOfDayReader()(raw)).toEqual({ value: null, reason });
  });

  it("B5 is written as the definition says", () => {
    expect(timeOfDayReader("H.mm")("9.05").value).toBe("09:05:00");
    expect(timeOfDayReader("HHmm")("1630").value).toBe("16:30:00");
    expect(timeOfDayReader("H' Uhr'[ mm]")("16 Uhr").value).toBe("16:00:00");
  });

  it("B5 has no days, and always an hour", () => {
    expect(timeOfDayFault()).toBeUndefined();
    expect(timeOfDayFault("mm:ss")).toMatch(/says no hour/);
    expect(timeOfDayFault("dd HH:mm")).toMatch(
      /“dd” of “dd HH:mm” means nothing: .* HH, H, hh, h, mm, ss, S,/,
    );
    expect(timeOfDayFault("HH:mmXXX")).toMatch(/means nothing/);
  });
});
