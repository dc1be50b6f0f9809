const units = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
} as const;

const relative =
  /^(?:([+-])\s*(\d{1,6})|(\d{1,6}))\s*(second|minute|hour|day|week|month|year)s?(\s+ago)?$/iu;
const absolute =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/iu;

/**
 * The moment that somebody typed, or undefined for what is none: ISO 8601, in UTC where it names no zone, or counted
 * from now: `-90 days`, `3 months ago`. Months and years are the calendar's; the 31st becomes a month's last day.
 */
export function momentSetting(text: string, now: Date): Date | undefined {
  const typed = text.trim();
  const counted = relative.exec(typed);
  if (counted) {
    const [, sign, signed, plain, unit = "", ago] = counted;
    // “90 days” alone says no direction, and “-90 days ago” two.
    if ((sign === undefined) === (ago === undefined)) return undefined;
    const amount = Number(signed ?? plain) * (sign === "+" ? 1 : -1);
    return moved(now, amount, unit.toLowerCase());
  }
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone = "Z"] =
    absolute.exec(typed) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  // A day that the calendar lacks is none, whatever it might be taken for.
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const real =
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= days &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60;
  if (!real) return undefined;
  const offset = zone.toUpperCase() === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function moved(now: Date, amount: number, unit: string): Date | undefined {
  if (unit in units) {
    const at = new Date(now.getTime() + amount * units[unit as keyof typeof units]);
    return believable(at);
  }
  const months = amount * (unit === "year" ? 12 : 1);
  const at = new Date(now);
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() + months);
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  at.setUTCDate(Math.min(now.getUTCDate(), last));
  return believable(at);
}

const believable = (at: Date): Date | undefined =>
  at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9_999 ? at : undefined;
