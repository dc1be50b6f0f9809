import { hourOf, partsFault, shapeOf } from "./date-format.ts";
import { asciiDigits } from "./digits.ts";
import { absent, type Normalized, presentText } from "./value.ts";

const usual = "HH:mm[:ss]";
/** As databases write it: with digits of a second as well. */
const ISO = /^(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.(?<fraction>\d{1,6})0*)?)?$/;

/** Why a format of times of day is none that is understood, in a sentence; undefined for one that is. */
export const timeOfDayFault = (format = usual): string | undefined =>
  partsFault(format, ["hour"], ["year", "month", "day", "zone"]);

/**
 * Makes the function that reads a time of day, as `HH:mm:ss` with digits of a second where it has any. Between 00:00
 * and 23:59:59: a length of time, such as `-01:00` or `24:30`, cannot be read.
 *
 * Errors: Error with {@link timeOfDayFault}'s sentence.
 */
export function timeOfDayReader(format?: string) {
  const fault = timeOfDayFault(format);
  if (fault !== undefined) throw new Error(fault);
  const shape = format === undefined ? ISO : shapeOf(format);
  return (raw: string | null): Normalized<"unreadable"> => {
    const text = presentText(raw);
    if (text === null) return absent;
    const found = shape.exec(asciiDigits(text))?.groups;
    if (found === undefined) return unreadable;
    const [said = 24, minute = 0, second = 0] = ["hour", "minute", "second"].map((name) =>
      Number(found[name] ?? 0),
    );
    const hour = hourOf(said, found.half);
    if (hour > 23 || minute > 59 || second > 59) return unreadable;
    const two = (part = 0) => String(part).padStart(2, "0");
    const fraction = (found.fraction ?? "").replace(/0+$/, "");
    return {
      value: `${two(hour)}:${two(minute)}:${two(second)}${fraction && `.${fraction}`}`,
      reason: null,
    };
  };
}

const unreadable = { value: null, reason: "unreadable" } as const;
