import { isDay, isZeroOfPhp, minutesEast } from "./date-format.ts";
import { asciiDigits } from "./digits.ts";
import { LATE } from "./moment.ts";
import { foldName } from "./name.ts";
import { saysNothing } from "./phone-field.ts";

/**
 * Why a birth date is null: absent, entered for want of one, MySQL's zero date, no such day, after today, or
 * before 1900.
 */
type DateProblem = "missing" | "placeholder" | "zero" | "impossible" | "future" | "too_old";

/** A birth date as `YYYY-MM-DD`, or the reason why there is none. */
type NormalizedDate =
  | { readonly date: string; readonly reason: null }
  | { readonly date: null; readonly reason: DateProblem };

/** A day, with a time of day that a clock shows and where that clock hung. */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[ T]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?( ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$/;
const PLACEHOLDERS = new Set([
  ...[
    "inconnu",
    "inconnue",
    "unknown",
    "vide",
    "non renseigne",
    "non renseignee",
    "مجهول",
    "غير معروف",
  ],
  ...["nd", "nc", "nr", "n a", "n d", "n c", "xx", "xxx", "xx xx xxxx", "jj mm aaaa", "dd mm yyyy"],
]);
const OLDEST = "1900-01-01";
/** What .NET has for want of a date, and writes where it read MySQL's zero date. */
const FIRST = "0001-01-01";

/**
 * Reads a birth date (D9). `0000-00-00` is a missing one. What is not a day of the calendar is
 * impossible: 30 February, month 00, or another notation, whose order of day and month would be a
 * guess. `today` (`YYYY-MM-DD`) is passed in, so that a run judges all rows by one day.
 */
export function normalizeDate(raw: string | null, today: string): NormalizedDate {
  if (raw !== null && raw.length === 10 && isPlainDay(raw)) return plausible(raw, today);
  const text = raw === null ? "" : asciiDigits(raw);
  if (text === "" || text.toUpperCase() === "NULL") return { date: null, reason: "missing" };
  if (isZeroOfPhp(text)) return { date: null, reason: "zero" };
  const parts = ISO.exec(text);
  if (parts === null)
    return { date: null, reason: isPlaceholder(text) ? "placeholder" : "impossible" };
  if (parts[5] !== undefined && Number(parts[4]) >= LATE)
    return { date: null, reason: "impossible" };
  const date = text.slice(0, 10);
  if (date === "0000-00-00") return { date: null, reason: "zero" };
  if (!isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]))) {
    return { date: null, reason: "impossible" };
  }
  return plausible(date, today);
}

/** A day of the calendar, unless nobody who lives was born on it. */
function plausible(date: string, today: string): NormalizedDate {
  if (date === FIRST) return { date: null, reason: "zero" };
  if (date > today) return { date: null, reason: "future" };
  if (date < OLDEST) return { date: null, reason: "too_old" };
  return { date, reason: null };
}

/** Strokes, and words for nobody knows; never what has a digit. */
const isPlaceholder = (text: string): boolean =>
  !/\d/.test(text) && (saysNothing(text) || PLACEHOLDERS.has(foldName(text)));

const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,6})?\d{0,3})?(?: ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$/;

/** The same day some years earlier, `YYYY-MM-DD`; of 29 February the 28th. */
export function yearsBefore(day: string, years: number): string {
  const date = `${String(Number(day.slice(0, 4)) - years).padStart(4, "0")}${day.slice(4)}`;
  return date.endsWith("-02-29") && !isDay(Number(date.slice(0, 4)), 2, 29)
    ? date.replace(/29$/, "28")
    : date;
}

/** A time stamp, or why there is none: absent, MySQL's zero date among it, or not to be read. */
type NormalizedTimestamp =
  | { readonly time: string; readonly reason: null }
  | { readonly time: null; readonly reason: "missing" | "unreadable" };

/**
 * A legacy time stamp as `YYYY-MM-DD HH:MM:SS[.ffffff]`; of one that names its offset in UTC. One that cannot be read, or
 * cannot be, is noted and is nobody's reason to be held: it only orders the rows of one person (D8).
 */
export function normalizeTimestamp(raw: string | null): NormalizedTimestamp {
  if (raw !== null && isPlainTime(raw) && !raw.startsWith(FIRST))
    return { time: raw, reason: null };
  const text = raw === null ? "" : asciiDigits(raw);
  if (text === "" || text.toUpperCase() === "NULL" || isZero(text)) {
    return { time: null, reason: "missing" };
  }
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return { time: null, reason: "unreadable" };
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone] =
    parts;
  const real =
    isDay(Number(year), Number(month), Number(day)) &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 59;
  if (!real) return { time: null, reason: "unreadable" };
  const clock = `${year}-${month}-${day} ${hour}:${minute}:${second}`;
  const time = zone === undefined ? clock : inUtc(clock, zone);
  return time === null
    ? { time, reason: "unreadable" }
    : { time: `${time}${fraction}`, reason: null };
}

/** What a clock shows of UTC when one of an offset shows a time; null where that is in no year of four digits. */
function inUtc(clock: string, zone: string): string | null {
  const at = Date.parse(`${clock.replace(" ", "T")}Z`) - minutesEast(zone) * 60_000;
  const [, day, time] =
    /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(new Date(at).toISOString()) ?? [];
  return day === undefined ? null : `${day} ${time}`;
}

const isZero = (text: string): boolean =>
  text.startsWith("0000-00-00") || text.startsWith(FIRST) || isZeroOfPhp(text);

/** The number that two digits at a place are; more than any of a calendar or clock where they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_NUMBER;
}
const ZERO = 0x30;
const NO_NUMBER = 100;
const [DASH, BLANK, COLON] = [0x2d, 0x20, 0x3a] as const;

/** Whether a text begins with a day of the calendar, as databases write it: nearly all do, and nothing is taken apart. */
function isPlainDay(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  const century = twoDigits(text, 0);
  const year = twoDigits(text, 2);
  if (century === NO_NUMBER || year === NO_NUMBER) return false;
  return isDay(century * 100 + year, twoDigits(text, 5), twoDigits(text, 8));
}

/** Whether a text is `YYYY-MM-DD HH:MM:SS` of a day of the calendar and a time that a clock shows. */
const isPlainTime = (text: string): boolean =>
  text.length === 19 &&
  text.charCodeAt(10) === BLANK &&
  text.charCodeAt(13) === COLON &&
  text.charCodeAt(16) === COLON &&
  twoDigits(text, 11) <= 23 &&
  twoDigits(text, 14) <= 59 &&
  twoDigits(text, 17) <= 59 &&
  isPlainDay(text);
