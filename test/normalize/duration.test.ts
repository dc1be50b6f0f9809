import { expect, it } from "vitest";
import { durationReader } from "../../lib/normalize/duration.ts";

it.each<[string | null, string | null]>([
  ["P21D", "P21D"],
  ["P1Y2M3DT4H5M6.5S", "P1Y2M3DT4H5M6.5S"],
  ["P-1M", "P-1M"],
  ["PT0S", "PT0S"],
  ["P2W", "P2W"],
  ["21 days", "P21D"],
  ["1 mon", "P1M"],
  ["1 year 2 mons -3 days", "P1Y2M-3D"],
  ["1 mon 10 days 12:30:00", "P1M10DT12H30M"],
  ["-01:00:00", "PT-1H"],
  ["00:00:00", "PT0S"],
  ["36:15", "PT36H15M"],
  ["838:59:59.25", "PT838H59M59.25S"],
  ["٢١ days", "P21D"],
  [" ", null],
  [null, null],
])("B5 %j lasts %s", (raw, value) => {
  expect(durationReader()(raw)).toEqual(
    value === null ? { value, reason: "missing" } : { value, reason: null },
  );
});

it.each([
  "P",
  "PT",
  "P1H",
  "21",
  "soon",
  "3 weeks or so",
  "1:75",
  "days",
  "1.5 days",
  "P1.5M",
  "12:00 P1D",
])("B5 %j says not how long", (raw) =>
  expect(durationReader()(raw)).toEqual({ value: null, reason: "unreadable" }),
);

it.each([
  ["seconds", "PT90S"],
  ["minutes", "PT90M"],
  ["hours", "PT90H"],
  ["days", "P90D"],
  ["weeks", "P90W"],
  ["months", "P90M"],
  ["years", "P90Y"],
] as const)("B5 a number of %s is %s, and no number of anything else", (unit, value) => {
  expect(durationReader({ unit })("90")).toEqual({ value, reason: null });
  expect(durationReader({ unit })("21 days")).toEqual({ value: "P21D", reason: null });
  expect(durationReader({ unit })("1.5").reason).toBe("unreadable");
});
