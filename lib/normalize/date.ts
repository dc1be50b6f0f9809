import { isDay } from "./date-format.ts";

/** Why a birth date is null: absent, MySQL's zero date, no such day, after today, or before 1900. */
export type DateProblem = "missing" | "zero" | "impossible" | "future" | "too_old";

/** A birth date as `YYYY-MM-DD`, or the reason why there is none. */
export type NormalizedDate =
  | { readonly date: string; readonly reason: null }
  | { readonly date: null; readonly reason: DateProblem };

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$/;
const OLDEST = "1900-01-01";

/**
 * Reads a birth date (D9). `0000-00-00` is a missing one. What is not a day of the calendar is
 * impossible: 30 February, month 00, or another notation, whose order of day and month would be a
 * guess. `today` (`YYYY-MM-DD`) is passed in, so that a run judges all rows by one day.
 */
export function normalizeDate(raw: string | null, today: string): NormalizedDate {
  const text = raw === null ? "" : raw.trim();
  if (text === "" || text.toUpperCase() === "NULL") return { date: null, reason: "missing" };
  const parts = ISO.exec(text);
  if (parts === null) return { date: null, reason: "impossible" };
  const date = text.slice(0, 10);
  if (date === "0000-00-00") return { date: null, reason: "zero" };
  if (!isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]))) {
    return { date: null, reason: "impossible" };
  }
  if (date > today) return { date: null, reason: "future" };
  if (date < OLDEST) return { date: null, reason: "too_old" };
  return { date, reason: null };
}

const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2})(\.\d{1,6})?)?$/;

/** The same day some years earlier, `YYYY-MM-DD`; of 29 February the 28th. */
export function yearsBefore(day: string, years: number): string {
  const date = `${String(Number(day.slice(0, 4)) - years).padStart(4, "0")}${day.slice(4)}`;
  return date.endsWith("-02-29") && !isDay(Number(date.slice(0, 4)), 2, 29)
    ? date.replace(/29$/, "28")
    : date;
}

/** A time stamp, or why there is none: absent, MySQL's zero date among it, or not to be read. */
export type NormalizedTimestamp =
  | { readonly time: string; readonly reason: null }
  | { readonly time: null; readonly reason: "missing" | "unreadable" };

/**
 * A legacy time stamp as `YYYY-MM-DD HH:MM:SS[.ffffff]`. One that cannot be read, or cannot be, is noted
 * and is nobody's reason to be held: it only orders the rows of one person (D8).
 */
export function normalizeTimestamp(raw: string | null): NormalizedTimestamp {
  const text = raw === null ? "" : raw.trim();
  if (text === "" || text.toUpperCase() === "NULL" || text.startsWith("0000-00-00")) {
    return { time: null, reason: "missing" };
  }
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return { time: null, reason: "unreadable" };
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = ""] = parts;
  const real =
    isDay(Number(year), Number(month), Number(day)) &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 59;
  if (!real) return { time: null, reason: "unreadable" };
  return { time: `${year}-${month}-${day} ${hour}:${minute}:${second}${fraction}`, reason: null };
}
