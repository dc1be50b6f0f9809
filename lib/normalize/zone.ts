/** What a wall clock's time is in a zone: one instant, the first of two, or one that no clock showed. */
export interface Instant {
  /** Milliseconds since 1970 in UTC. */
  readonly at: number;
  readonly odd: "gap" | "overlap" | null;
}

const day = 86_400_000;
/** Days whose offsets are kept: 27 years, and no more memory than that takes. */
const mostDays = 10_000;

/**
 * Makes the function that tells by how many milliseconds a zone's clocks are before UTC at an instant.
 *
 * @param zone a name of the IANA database; errors: RangeError for any other
 */
export function offsetReader(zone: string) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "narrow",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const lookedUp = (at: number): number => {
    const of: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) of[type] = Number(value);
    const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = of;
    return utc(year, month, date, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
  // Asking for an offset costs more than all else that is done with a time. No zone of the IANA database changed it
  // twice within a day, be it of its first clocks: where it is the same at both ends of a day, it is the whole day's.
  const ofDays = new Map<number, number | null>();
  return (at: number): number => {
    const n = Math.floor(at / day);
    let offset = ofDays.get(n);
    if (offset === undefined) {
      const begins = lookedUp(n * day);
      offset = begins === lookedUp((n + 1) * day) ? begins : null;
      if (ofDays.size >= mostDays) ofDays.clear();
      ofDays.set(n, offset);
    }
    return offset ?? lookedUp(at);
  };
}

/**
 * Makes the function that finds the instant of a wall clock's time. Where clocks were put forward, a time
 * between is a `gap`, taken with the offset of before; where they were put back, the earlier is taken
 * and it is an `overlap`.
 *
 * @param zone as {@link offsetReader} takes it, errors included
 */
export function instantReader(zone: string) {
  const offsetAt = offsetReader(zone);
  /** @param wall the clock's time, as if it were UTC's */
  return (wall: number): Instant => {
    const before = offsetAt(wall - day);
    const after = offsetAt(wall + day);
    const fits = [...new Set([before, after])]
      .map((offset) => ({ at: wall - offset, offset }))
      .filter(({ at, offset }) => offsetAt(at) === offset)
      .map(({ at }) => at)
      .sort((one, other) => one - other);
    const [first] = fits;
    if (first === undefined) return { at: wall - before, odd: "gap" };
    return { at: first, odd: fits.length > 1 ? "overlap" : null };
  };
}

/** `Date.UTC` for years below 100, too. */
export function utc(...[year, month, date, hour, minute, second]: number[]): number {
  const at = new Date(0);
  at.setUTCFullYear(year ?? 0, (month ?? 1) - 1, date ?? 1);
  return at.setUTCHours(hour ?? 0, minute ?? 0, second ?? 0, 0);
}
