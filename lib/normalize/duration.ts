import { asciiDigits } from "./digits.ts";
import { absent, type Normalized, presentText } from "./value.ts";

/** Units of which a whole number may be how long something takes, with what ISO 8601 has for each. */
const durationUnits = {
  ...{ seconds: "TS", minutes: "TM", hours: "TH" },
  ...{ days: "D", weeks: "W", months: "M", years: "Y" },
} as const;
type DurationUnit = keyof typeof durationUnits;

const part = (letter: string) => `(?:[+-]?\\d{1,9}${letter})?`;
/** ISO 8601, with signs as PostgreSQL writes them: `P1Y2M3DT4H5M6.5S`, `P-1M`. */
const ISO = new RegExp(
  `^P(?=[\\d+-]|T)${["Y", "M", "W", "D"].map(part).join("")}(?:T(?=[\\d+-])${part("H")}${part("M")}(?:[+-]?\\d{1,9}(?:\\.\\d{1,6})?S)?)?$`,
);
const calendar = (unit: string) => `(?:(?<${unit}s>[+-]?\\d{1,9}) ${unit}s? ?)?`;
const CLOCK =
  "(?:(?<sign>[+-]?)(?<hours>\\d{1,9}):(?<minutes>[0-5]\\d)(?::(?<seconds>[0-5]\\d(?:\\.\\d{1,6})?))?)?";
/** As databases show it: `1 mon 10 days 12:30:00`, `-01:00:00`, `36:15`. */
const SHOWN = new RegExp(`^${["year", "mon", "day"].map(calendar).join("")}${CLOCK}$`);
const WHOLE = /^[+-]?\d{1,9}$/;

/**
 * Makes the function that reads how long something takes, as ISO 8601 writes it: `P21D`, `PT1H30M`. Months, days and hours
 * stay apart, as a month has no number of days. A number alone is so many of the unit, where one is said.
 */
export function durationReader({ unit }: { readonly unit?: DurationUnit } = {}) {
  return (raw: string | null): Normalized<"unreadable"> => {
    const text = presentText(raw);
    if (text === null) return absent;
    const plain = asciiDigits(text);
    if (unit !== undefined && WHOLE.test(plain)) return read(ofUnit(Number(plain), unit));
    if (ISO.test(plain)) return read(plain);
    const found = SHOWN.exec(plain)?.groups;
    return found === undefined ? unreadable : read(ofParts(found));
  };
}

const read = (value: string) => ({ value, reason: null }) as const;
const unreadable = { value: null, reason: "unreadable" } as const;

function ofUnit(amount: number, unit: DurationUnit): string {
  const letters = durationUnits[unit];
  return letters.startsWith("T") ? `PT${amount}${letters[1]}` : `P${amount}${letters}`;
}

function ofParts(found: Readonly<Record<string, string | undefined>>): string {
  const { years, mons, days, sign = "", hours, minutes, seconds } = found;
  const some = (amount: string | undefined, letter: string, before = "") =>
    amount === undefined || Number(amount) === 0
      ? ""
      : `${before}${amount.replace(/^\+?0*(?=\d)/, "")}${letter}`;
  const negative = sign === "-" ? "-" : "";
  const clock = `${some(hours, "H", negative)}${some(minutes, "M", negative)}${some(seconds, "S", negative)}`;
  const date = `${some(years, "Y")}${some(mons, "M")}${some(days, "D")}`;
  return date + clock === "" ? "PT0S" : `P${date}${clock === "" ? "" : `T${clock}`}`;
}
