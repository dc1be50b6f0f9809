import { isSpoilt } from "./spoilt.ts";
import { stripUseless } from "./text.ts";

/** What a text is kept as, and what was seen on the way. */
interface FreeText {
  readonly value: string | null;
  readonly reason: "missing" | "placeholder" | "spoilt" | "too_long" | null;
}

interface TextForm {
  /** Characters beyond which it is noted; nothing is cut. */
  readonly longest?: number;
  /** Keeps line breaks, as `\n`; without it all white space is one space. */
  readonly lines?: boolean;
  /** In small letters, as what the legacy system takes for the same whatever the case of its letters. */
  readonly lower?: boolean;
  /** In capitals. */
  readonly upper?: boolean;
  /** What is left out wherever it stands, as the blanks in an account number that is written in groups. */
  readonly without?: readonly string[];
  /** How many digits a number has that lost its leading zeros: they are put back. Any other text stays as it is. */
  readonly digits?: number;
  /** Texts that are entered for want of one, in any case. */
  readonly placeholders?: readonly string[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROL = /[\u0000-\u0008\u000E-\u001F\u007F-\u009F]/g;

/**
 * Makes the function that reads a text: NFC, trimmed, without what cannot be seen and says nothing; markup stays text. A
 * vertical tab is the line break that some programs write within a field.
 */
export function textReader({
  longest,
  lines = false,
  lower = false,
  upper = false,
  without = [],
  digits = 0,
  placeholders = [],
}: TextForm) {
  const tidy = (raw: string): string => {
    const seen = stripUseless(raw).replace(CONTROL, "").normalize("NFC");
    if (!lines) return seen.replace(/\s+/g, " ").trim();
    return seen
      .replace(/\r\n?|[\v\f\u2028\u2029]/g, "\n")
      .replace(/[^\S\n]+/g, " ")
      .replace(/ ?\n ?/g, "\n")
      .trim();
  };
  const left = (raw: string): string =>
    without.length === 0 ? tidy(raw) : tidy(leftOut(tidy(raw), without));
  const none = new Set(placeholders.map((word) => left(word).toLowerCase()));
  return (raw: string | null): FreeText => {
    const tidied = raw === null ? "" : left(raw);
    const whole = /^\d+$/.test(tidied) ? tidied.padStart(digits, "0") : tidied;
    const value = lower ? inSmall(whole) : upper ? inCapitals(whole) : whole;
    if (value === "") return { value: null, reason: "missing" };
    if (none.has(value.toLowerCase()) || none.has(tidied.toLowerCase()))
      return { value: null, reason: "placeholder" };
    if (isSpoilt(tidied)) return { value, reason: "spoilt" };
    const long = longest !== undefined && [...value].length > longest;
    return { value, reason: long ? "too_long" : null };
  };
}

/** In small letters, as what is the same whatever the case of its letters. */
export const inSmall = (text: string): string => text.toLowerCase().normalize("NFC");

/** In capitals, as codes are written. */
export const inCapitals = (text: string): string => text.toUpperCase().normalize("NFC");

const leftOut = (text: string, without: readonly string[]): string =>
  without.reduce((left, each) => left.replaceAll(each, ""), text);
