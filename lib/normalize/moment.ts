import { timeReader } from "./date-format.ts";
import { numberReader } from "./number.ts";
import { absent, type Normalized } from "./value.ts";
import type { ReadTime, WallTime } from "./wall-time.ts";
import { type Instant, instantReader, offsetReader, utc } from "./zone.ts";

/** How days and times are written, and between which they are believed. */
interface MomentForm {
  /** `iso` unless said; `unix` and `unix-ms` count seconds and milliseconds from 1970 in UTC. */
  readonly format?: string;
  /** Where the clock hung, a name of the IANA database: then a time is an instant. */
  readonly zone?: string;
  /** Inclusive, `YYYY-MM-DD`: of an instant by the day in its zone. */
  readonly since?: string;
  readonly until?: string;
}

type DateReason = "unreadable" | "zero" | "out_of_bounds";

/**
 * Makes the function that reads a day, as `YYYY-MM-DD`; a time of day beside it is left out. Of an instant it is the day in
 * the `zone`; where none is said, the day that is written, unless that is so late that it may be the next one already.
 */
export function dateReader(form: MomentForm) {
  const read = wallReader(form);
  const dayIn = form.zone === undefined ? writtenDay : dayReader(form.zone);
  return (raw: string | null): Normalized<DateReason> => {
    const { time, reason } = read(raw);
    if (time === null) return reason === "missing" ? absent : { value: null, reason };
    const value = time.offset === null ? dayOf(time) : dayIn(time, time.offset);
    if (value === null) return unreadable;
    return within(form, value) ? { value, reason: null } : outOfBounds;
  };
}

/** So late in another zone it may be the next day already: midnight here, as programs export it. */
export const LATE = 20;

const writtenDay = (time: WallTime): string | null => (time.hour < LATE ? dayOf(time) : null);

/** Makes the function that tells which day an instant is in a zone; null of one that no calendar of four digits has. */
function dayReader(zone: string): (time: WallTime, offset: number) => string | null {
  const offsetAt = offsetReader(zone);
  return ({ year, month, day, hour, minute, second }, offset) => {
    const at = utc(year, month, day, hour, minute, second) - offset * 60_000;
    const [, found = null] =
      /^(\d{4}-\d\d-\d\d)T/.exec(new Date(at + offsetAt(at)).toISOString()) ?? [];
    return found;
  };
}

interface NormalizedMoment {
  readonly value: string | null;
  readonly reason: DateReason | "missing" | "gap" | "overlap" | "cut" | "midnight" | null;
}

/**
 * Makes the function that reads a time. With a `zone` it is an instant, in UTC with its `Z`; one that
 * clocks never showed, or showed twice, is taken and noted (`gap`, `overlap`), and so is one of more than six digits of a
 * second, without those behind (`cut`). Without, it is what the
 * clock on the wall said, and a text that names an offset cannot be read.
 */
export function momentReader(form: MomentForm) {
  const read = wallReader(form);
  const asMoment = momentMaker(form);
  return (raw: string | null): NormalizedMoment => asMoment(read(raw));
}

/**
 * The same of a day in one column and a time of day, `HH:mm:ss`, in another. Of a day without a time its midnight is taken, and
 * noted (`midnight`); a time without a day is a mistake, unless it is midnight, as are two times that differ.
 */
export function dayAndTimeReader(form: MomentForm) {
  const read = wallReader(form);
  const asMoment = momentMaker(form);
  return (raw: string | null, clock: Normalized<"unreadable">): NormalizedMoment => {
    const { time, reason } = read(raw);
    if (clock.reason === "unreadable") return unreadable;
    if (time === null)
      return reason === "missing" && (clock.value ?? midnight) !== midnight
        ? unreadable
        : { value: null, reason };
    const own = `${clockOf(time)}${time.fraction}`;
    if (time.offset !== null || (own !== midnight && own !== (clock.value ?? own)))
      return unreadable;
    const [said = own, fraction] = (clock.value ?? own).split(".");
    const [hour = 0, minute = 0, second = 0] = said.split(":").map(Number);
    const whole = { ...time, hour, minute, second, fraction: fraction ? `.${fraction}` : "" };
    const made = asMoment({ time: whole, reason: null });
    return clock.value === null && own === midnight && made.value !== null
      ? { ...made, reason: "midnight" }
      : made;
  };
}

const midnight = "00:00:00";

/** Makes the function that makes an instant, or what the clock on the wall said, of a time that was read. */
function momentMaker(form: MomentForm): (read: ReadTime) => NormalizedMoment {
  const { zone } = form;
  const instant = zone === undefined ? undefined : instantReader(zone);
  return ({ time, reason }) => {
    if (time === null) return { value: null, reason };
    if (!within(form, dayOf(time))) return outOfBounds;
    const cut = time.cut ? "cut" : null;
    if (instant === undefined) {
      if (time.offset !== null) return unreadable;
      return { value: `${dayOf(time)} ${clockOf(time)}${time.fraction}`, reason: cut };
    }
    const { year, month, day, hour, minute, second, offset } = time;
    const wall = utc(year, month, day, hour, minute, second);
    const found: Instant =
      offset === null ? instant(wall) : { at: wall - offset * 60_000, odd: null };
    const iso = new Date(found.at).toISOString();
    if (!/^\d{4}-/.test(iso)) return outOfBounds;
    return { value: iso.replace(/\.\d+Z$/, `${time.fraction}Z`), reason: found.odd ?? cut };
  };
}

const unreadable = { value: null, reason: "unreadable" } as const;
const outOfBounds = { value: null, reason: "out_of_bounds" } as const;

function wallReader({ format = "iso" }: MomentForm): (raw: string | null) => ReadTime {
  if (format === "unix or iso") {
    const [seconds, iso] = [wallReader({ format: "unix" }), timeReader("iso")];
    return (raw) => (/^\s*[+-]?\d+\s*$/u.test(raw ?? "") ? seconds(raw) : iso(raw));
  }
  if (format !== "unix" && format !== "unix-ms") return timeReader(format);
  const number = numberReader({ whole: true });
  const unit = format === "unix" ? 1000n : 1n;
  return (raw) => {
    const { value, reason } = number(raw);
    if (value === null)
      return { time: null, reason: reason === "missing" ? "missing" : "unreadable" };
    const milliseconds = BigInt(value) * unit;
    const at = new Date(Number(milliseconds));
    const year = at.getUTCFullYear();
    if (Number.isNaN(at.getTime()) || year < 1 || year > 9999)
      return { time: null, reason: "unreadable" };
    const fraction = at.getUTCMilliseconds();
    return {
      time: {
        year,
        month: at.getUTCMonth() + 1,
        day: at.getUTCDate(),
        hour: at.getUTCHours(),
        minute: at.getUTCMinutes(),
        second: at.getUTCSeconds(),
        fraction: fraction === 0 ? "" : `.${String(fraction).padStart(3, "0")}`,
        offset: 0,
        cut: false,
      },
      reason: null,
    };
  };
}

const two = (number: number): string => String(number).padStart(2, "0");

const dayOf = ({ year, month, day }: WallTime): string =>
  `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;

const clockOf = ({ hour, minute, second }: WallTime): string =>
  `${two(hour)}:${two(minute)}:${two(second)}`;

const within = ({ since, until }: MomentForm, day: string): boolean =>
  (since === undefined || day >= since) && (until === undefined || day <= until);
