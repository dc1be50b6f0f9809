import { asciiDigits } from "./digits.ts";
import { presentText } from "./value.ts";
import type { ReadTime } from "./wall-time.ts";

/** A day as spreadsheets count them, with the part of it that has passed: `45321`, `45321,4375`. */
const COUNTED = /^([1-9]\d{4})(?:[.,](\d{1,15}))?$/;
/** What spreadsheets show of an empty cell, or as the day 0. */
const NONE = /^0(?:[.,]0+)?$/;
const QUARTERS = 24 * 4;
const SECONDS = 24 * 60 * 60;

/**
 * Reads a day as spreadsheets count them from 1900 on: 45321 is 30 January 2024. It has five digits, from 1927 to 2173: of fewer a
 * year alone, `1985`, would be a day. The part of a day behind it is a time, to the second; with fewer than five digits
 * only where it is a quarter of an hour, as nobody knows what was cut off from another. What is counted from 1904 on is
 * another day, which is not told from this one.
 */
export function serialDay(raw: string | null): ReadTime {
  const text = asciiDigits(presentText(raw) ?? "");
  if (text === "") return { time: null, reason: "missing" };
  if (NONE.test(text)) return { time: null, reason: "zero" };
  const [, days, digits = "0"] = COUNTED.exec(text) ?? [];
  const part = Number(`0.${digits}`);
  const sure = digits.length >= 5 || Number.isInteger(part * QUARTERS);
  const second = Math.round(part * SECONDS);
  if (days === undefined || !sure || second === SECONDS)
    return { time: null, reason: "unreadable" };
  const at = new Date(Date.UTC(1899, 11, 30 + Number(days), 0, 0, second));
  return {
    time: {
      ...{ year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() },
      ...{ hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds() },
      ...{ fraction: "", cut: false, offset: null },
    },
    reason: null,
  };
}
