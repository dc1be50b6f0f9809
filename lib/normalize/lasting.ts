const lengths = {
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
} as const;

/**
 * Where something ends that begins at a day or time as databases write it and lasts a whole number of units, written in
 * the same way; null where no calendar has that. Months and years are the calendar's: what begins on the 31st ends on the
 * last day of a month that has none.
 */
export function endOf(
  begins: string,
  amount: number,
  unit: keyof typeof lengths | "months" | "years",
): string | null {
  const [, day = "", sign = "", clock = "", fraction = "", zone = ""] =
    /^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d:\d\d)(\.\d+)?(Z?))?$/u.exec(begins) ?? [];
  const from = new Date(`${day}T${clock || "00:00:00"}Z`);
  const to =
    unit === "months" || unit === "years"
      ? monthsLater(from, amount * (unit === "years" ? 12 : 1))
      : new Date(from.getTime() + amount * lengths[unit]);
  if (Number.isNaN(to.getTime()) || to.getUTCFullYear() < 1 || to.getUTCFullYear() > 9_999)
    return null;
  const [lastDay = "", lastClock = ""] = to.toISOString().slice(0, 19).split("T");
  return clock === "" ? lastDay : `${lastDay}${sign}${lastClock}${fraction}${zone}`;
}

function monthsLater(from: Date, months: number): Date {
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const last = new Date(to);
  last.setUTCMonth(to.getUTCMonth() + 1, 0);
  to.setUTCDate(Math.min(from.getUTCDate(), last.getUTCDate()));
  return to;
}
