import { durationReader } from "../normalize/duration.ts";
import { type Found, nearlyAll, quote } from "./guess.ts";

/** How long something takes, as databases write it: what is a time of day as well is none for certain. */
export function byDuration(column: string, values: readonly string[]): Found {
  if (values.length === 0 || !values.some((value) => /\d/u.test(value))) return undefined;
  const read = durationReader();
  const lasts = (value: string) => /[PD:]|day|mon|year/iu.test(value) && read(value).value !== null;
  if (values.filter(lasts).length < nearlyAll * values.length) return undefined;
  return {
    kind: "duration",
    code: `duration(${quote(column)})`,
    because: "how long something takes",
  };
}

/** Times of day. */
export function byTime(column: string, values: readonly string[]): Found {
  const read = clockTimes.map(([looks, format]) => ({
    format,
    fitting: values.filter((value) => looks.test(value)),
  }));
  // The one that reads most: `9:30` is none of two digits, be it rare.
  for (const { format, fitting } of read.sort((a, b) => b.fitting.length - a.fitting.length)) {
    if (values.length === 0 || fitting.length < nearlyAll * values.length) continue;
    if (fitting.some((value) => Number(/^\d+/u.exec(value)?.[0]) > 23)) return undefined;
    return {
      kind: "time",
      code: `time(${quote(column)}${format === "" ? "" : `, { format: ${quote(format)} }`})`,
      because: "times of day, unless it is how long something takes",
    };
  }
  return undefined;
}
const clockTimes: readonly (readonly [RegExp, string])[] = [
  [/^\d\d:[0-5]\d(:[0-5]\d)?$/u, ""],
  [/^\d{1,2}:[0-5]\d(:[0-5]\d)?$/u, "H:mm[:ss]"],
  [/^\d{1,2}h[0-5]\d$/u, "H'h'mm"],
];
