import { isDeepStrictEqual } from "node:util";
import { asciiDigits } from "./digits.ts";
import { serialDay } from "./serial-day.ts";
import { presentText } from "./value.ts";
import type { ReadTime, WallTime } from "./wall-time.ts";

/** What a part of a format says; two of them are no number. */
type PartName = keyof WallTime | "zone" | "half";

const parts: Readonly<Record<string, readonly [name: PartName, pattern: string]>> = {
  yyyy: ["year", "\\d{4}"],
  yy: ["year", "\\d{2}"],
  MMM: ["month", "[A-Za-z]{3,9}\\.?"],
  MM: ["month", "\\d{2}"],
  M: ["month", "\\d{1,2}"],
  dd: ["day", "\\d{2}"],
  d: ["day", "\\d{1,2}"],
  HH: ["hour", "\\d{2}"],
  H: ["hour", "\\d{1,2}"],
  hh: ["hour", "\\d{2}"],
  h: ["hour", "\\d{1,2}"],
  mm: ["minute", "\\d{2}"],
  ss: ["second", "\\d{2}"],
  S: ["fraction", "\\d{1,6}"],
  XXX: ["zone", "Z|[+-]\\d{2}:?\\d{2}"],
  a: ["half", "[AaPp]\\.?[Mm]\\.?"],
};
const TOKEN =
  /yyyy|yy|MMM|MM|M|dd|d|HH|H|hh|h|mm|ss|S|XXX|a(?![A-Za-z])|'[^']*'|[^A-Za-z']|[A-Za-z]+/g;
/** English names of months, whole or by their first letters; September has four of them as well. */
const MONTHS =
  "january february march april may june july august september october november december".split(
    " ",
  );

function monthOf(said: string): number {
  const name = said.toLowerCase().replace(/\.$/, "");
  const short = name === "sept" ? "sep" : name;
  return MONTHS.findIndex((month) => month === short || month.slice(0, 3) === short) + 1;
}

/** A part at the end that may be missing: `MM/dd/yyyy[ HH:mm]`. */
const OPTIONAL = /^([^[\]]*)\[([^[\]]+)\]$/;

/** Which hundred years two digits are of, behind the format: `dd.MM.yy from 1930`. */
const HUNDRED = /^(.*) from (\d{4})$/;

/** A format, and the first of the hundred years that its two digits are of. */
function hundredOf(format: string): { readonly format: string; readonly first?: number } {
  const [, own, first] = HUNDRED.exec(format) ?? [];
  return own === undefined ? { format } : { format: own, first: Number(first) };
}

/** What is wrong with the hundred years of a format, in a sentence; undefined where nothing is. */
function hundredFault(whole: string): string | undefined {
  const { format, first } = hundredOf(whole);
  const short = tokensOf(format.replace(/[[\]]/g, "")).includes("yy");
  if (short && first === undefined)
    return `“${format}” has years of two digits: say of which hundred years they are, by the first, as in “${format} from 1930”.`;
  if (!short && first !== undefined)
    return `“${whole}” says which hundred years are meant, and has no year of two digits, yy.`;
  return first !== undefined && (first < 1 || first > 9_900)
    ? `“${whole}” means years that no calendar has: say the first of a hundred, as in “${format} from 1930”.`
    : undefined;
}

/** The formats of which a text may have any: `dd-MM-yyyy or d/M-yyyy`. */
const formatsOf = (format: string): readonly string[] =>
  format.includes("'") ? [format] : format.split(" or ");

/** Why a format is none that is understood, in a sentence; undefined for one that is. */
export function formatFault(format: string): string | undefined {
  return formatsOf(format)
    .filter((each) => each !== "iso" && each !== "serial")
    .map(
      (each) => partsFault(hundredOf(each).format, ["year", "month", "day"]) ?? hundredFault(each),
    )
    .find((fault) => fault !== undefined);
}

/** The same of one format that always says some parts, and none of some others. */
export function partsFault(
  format: string,
  says: readonly PartName[],
  never: readonly PartName[] = [],
): string | undefined {
  const [, sure = format, optional = ""] = OPTIONAL.exec(format) ?? [];
  if (/[[\]]/.test(sure))
    return `“${format}” has “[” or “]” elsewhere than around one part at its end, which may be missing.`;
  const found = [...tokensOf(sure), ...tokensOf(optional)];
  const known = (token: string) => Object.hasOwn(parts, token) && !never.includes(partOf(token));
  const strange = found.find((token) => /^[A-Za-z]/.test(token) && !known(token));
  if (strange !== undefined)
    return `“${strange}” of “${format}” means nothing: a format is made of ${Object.keys(parts).filter(known).join(", ")}, signs, and text between quotes.`;
  const names = found.flatMap((token) => (Object.hasOwn(parts, token) ? [partOf(token)] : []));
  const always = tokensOf(sure).flatMap((token) => parts[token]?.[0] ?? []);
  const lacks = says.find((name) => !always.includes(name));
  if (lacks !== undefined) return `“${format}” says no ${lacks}.`;
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `“${format}” says the ${twice} twice.`;
  // Both in one part: where the other is missing, nobody knows the hour.
  const hours = [sure, optional].map(tokensOf);
  const half = hours.find(
    (part) => part.includes("a") !== (part.includes("hh") || part.includes("h")),
  );
  if (half === undefined) return undefined;
  return !half.includes("a")
    ? `“${format}” has hours of half a day, h: say where it says which half, AM or PM, by “a”, or take H.`
    : `“${format}” says which half of the day it is, by “a”, and has no hours of one, h.`;
}

const partOf = (token: string) => parts[token]?.[0] as PartName;
const tokensOf = (format: string): string[] => format.match(TOKEN) ?? [];

/** ISO 8601 as databases write it: a date, or a date with a time; with or without an offset. */
const ISO =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[ T](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.(?<fraction>\d{1,6})(?<beyond>\d*))?)?(?: ?(?<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$/;

/** MySQL's zero date as programs in PHP export it: the day before the year 0, `-0001-11-30T00:00:00Z`. */
const ZERO_OF_PHP =
  /^(?:-0001-11-30|30[./-]11[./-]-0001|11[./-]30[./-]-0001)(?:[ T]\d{2}:\d{2}.{0,25})?$/;
/** Whether a text is the zero date as something wrote it that has no year 0. */
export const isZeroOfPhp = (text: string): boolean => ZERO_OF_PHP.test(text);

/**
 * Makes the function that reads a time by a declared format: `iso`, or one of `yyyy`, `MM`, `M`, `MMM` (`Mar`,
 * `March`), `dd`, `d`, `HH`, `H`, `hh` or `h` with `a` (AM, PM), `mm`, `ss`, `S`, `XXX` with signs between, such as
 * `dd/MM/yyyy`; what stands in brackets at its
 * end may be missing, `MM/dd/yyyy[ HH:mm]`; years of two digits, `yy`, are of the hundred that begin with one that is
 * said, `dd.MM.yy from 1930`; `serial`, as spreadsheets count days ({@link serialDay}); or several of them,
 * `dd-MM-yyyy or d/M-yyyy`, `dd.MM.yyyy or serial`. Nothing is guessed: what
 * two of them read as two times,
 * another order, 31 February or 24:00 cannot be read. A date of zeros only is `zero`, and so is what programs make of
 * one: PHP the year -1, and .NET the first day that it has, `0001-01-01`.
 *
 * Errors: Error with {@link formatFault}'s sentence.
 */
export function timeReader(format: string): (raw: string | null) => ReadTime {
  const fault = formatFault(format);
  if (fault !== undefined) throw new Error(fault);
  const [first, ...others] = formatsOf(format).map((each) => {
    if (each === "serial") return serialDay;
    if (each === "iso") return shapeReader(ISO);
    return shapeReader(shapeOf(hundredOf(each).format), hundredOf(each).first);
  });
  const read = first as ReturnType<typeof shapeReader>;
  if (others.length === 0) return read;
  return (raw) => {
    const all = [read, ...others].map((each) => each(raw));
    const found =
      all.find(({ time }) => time !== null) ?? all.find(({ reason }) => reason === "zero");
    if (found === undefined) return read(raw);
    const same = all.every(({ time }) => time === null || isDeepStrictEqual(time, found.time));
    return same ? found : { time: null, reason: "unreadable" };
  };
}

/** @param first the first of the hundred years that a year of two digits is of */
function shapeReader(shape: RegExp, first?: number) {
  return (raw: string | null): ReadTime => {
    const text = presentText(raw);
    if (text === null) return { time: null, reason: "missing" };
    const found = shape.exec(asciiDigits(text))?.groups;
    if (found === undefined)
      return { time: null, reason: isZeroOfPhp(asciiDigits(text)) ? "zero" : "unreadable" };
    const number = (name: string) => Number(found[name] ?? 0);
    const named = /^[A-Za-z]/.test(found.month ?? "");
    const month = named ? monthOf(found.month as string) : number("month");
    const [said, day] = [number("year"), number("day")];
    if (said === 0 && month === 0 && day === 0 && !named) return { time: null, reason: "zero" };
    const year = first === undefined ? said : first + ((said - (first % 100) + 100) % 100);
    if (year === 1 && month === 1 && day === 1) return { time: null, reason: "zero" };
    const hour = hourOf(number("hour"), found.half);
    const [minute, second] = [number("minute"), number("second")];
    if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59)
      return { time: null, reason: "unreadable" };
    const fraction = (found.fraction ?? "").replace(/0+$/, "");
    const offset = found.zone === undefined ? null : minutesEast(found.zone);
    if (offset !== null && Math.abs(offset) > 18 * 60) return { time: null, reason: "unreadable" };
    const cut = /[1-9]/.test(found.beyond ?? "");
    const time = { year, month, day, hour, minute, second, offset, cut };
    return { time: { ...time, fraction: fraction && `.${fraction}` }, reason: null };
  };
}

/** The hour of the day, of one that may be of its half: 12 AM is 0; what no clock of twelve hours shows is past any day's. */
export function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return 24;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}

/** How a text of a format looks, its parts by name. Errors: none; of a format that {@link partsFault} takes. */
export function shapeOf(format: string): RegExp {
  const [, sure = format, optional = ""] = OPTIONAL.exec(format) ?? [];
  const pattern = (text: string) => tokensOf(text).map(patternOf).join("");
  return new RegExp(`^${pattern(sure)}${optional === "" ? "" : `(?:${pattern(optional)})?`}$`);
}

function patternOf(token: string): string {
  const part = Object.hasOwn(parts, token) ? parts[token] : undefined;
  if (part) return `(?<${part[0]}>${part[1]})`;
  // Programs put blanks of other widths before AM and PM.
  if (token === " ") return "[ \\u00A0\\u202F]";
  const text = token.startsWith("'") ? token.slice(1, -1) || "'" : token;
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/** By how many minutes clocks of an offset, as ISO 8601 writes it, are before UTC. */
export function minutesEast(zone: string): number {
  if (/^[ZUG]/.test(zone)) return 0;
  const digits = zone.replace(/\D/g, "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith("-") ? -minutes : minutes;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the calendar has this day; there is no year 0. */
export function isDay(year: number, month: number, day: number): boolean {
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
}
