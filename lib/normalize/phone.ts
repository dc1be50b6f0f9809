import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
} from "libphonenumber-js/core";
// The full metadata: the smaller one knows lengths and first digits only and calls numbers valid
// that no operator has.
import metadata from "libphonenumber-js/max/metadata";
import { asciiDigits } from "./digits.ts";
import { namesAnotherCountry } from "./phone-country.ts";
import { phoneField, saysNothing } from "./phone-field.ts";
import { dialledLength, dialledPhone, plainPhone } from "./phone-plain.ts";
import { isTooBare, planOf } from "./phone-plan.ts";

/** Why a phone field gives no number. */
type PhoneProblem =
  | "missing"
  | "not_a_number"
  | "too_short"
  | "too_long"
  | "malformed"
  | "unknown_country";

/** The first valid number of a field and the others it holds, as E.164 digits without `+`. */
interface NormalizedPhone {
  readonly phone: string | null;
  readonly alternates: readonly string[];
  /** Null exactly when there is a phone. */
  readonly reason: PhoneProblem | null;
  /** There is a phone, and digits beside it that are none (`0559446203/04`). */
  readonly partly?: true;
}

/** A longer field is prose; looking for numbers in it would be slow and a guess. */
const LONGEST_FIELD = 500;

/**
 * Reads a phone field (D3, M8) for a region such as `DZ`. The first valid number is the phone, the
 * others are alternates; without one the reason says why, and the raw value is kept elsewhere.
 * Nothing is guessed: a number with a letter in it, or with a digit too many, is no number.
 * Of a region that nobody knows nothing is read, nor, beside the name of another country, what has no country's code. Throws `UnknownRegion` for a region that the numbering plans do not know.
 */
export function normalizePhone(raw: string | null, region: string | undefined): NormalizedPhone {
  if (raw === null) return none("missing");
  if (region === undefined)
    return none(/\d/.test(asciiDigits(raw)) ? "unknown_country" : "missing");
  const written = raw.length > LONGEST_FIELD ? raw : asciiDigits(raw);
  const plain = plainPhone(written, region);
  if (plain !== null) return { phone: plain, alternates: [], reason: null };
  return read(raw, { country: asCountry(region), short: dialledPhone, length: dialledLength });
}

/** The whole of `normalizePhone` without its short cuts; tests hold one against the other. */
export function normalizePhoneByLibrary(raw: string, region: string): NormalizedPhone {
  return read(raw, { country: asCountry(region), short: () => undefined, length: () => undefined });
}

/** A region, and how digits are read that are surely of it or of nobody; undefined leaves them to the library. */
interface Region {
  readonly country: CountryCode;
  readonly short: typeof dialledPhone;
  readonly length: typeof dialledLength;
  /** The field names another country: what does not begin with a country's code is not read. */
  readonly elsewhere?: boolean;
}

function read(raw: string, of: Region): NormalizedPhone {
  if (raw.length > LONGEST_FIELD) return none("malformed");
  const written = asciiDigits(raw);
  if (!/\d/.test(written)) return none(saysNothing(written) ? "missing" : "not_a_number");
  const region = { ...of, elsewhere: namesAnotherCountry(written, of.country) };
  const { text, other } = phoneField(raw);
  const { numbers, unread } = findNumbers(text, region);
  const [phone, ...alternates] = new Set(numbers);
  if (phone !== undefined) {
    return { phone, alternates, reason: null, ...(unread || other ? { partly: true } : {}) };
  }
  if (region.elsewhere) return none("unknown_country");
  return none(other ? "not_a_number" : whyNone(bare(written), region));
}

function none(reason: PhoneProblem): NormalizedPhone {
  return { phone: null, alternates: [], reason };
}

/**
 * Several numbers stand apart (`;`), between slashes, or only between white space; but a slash may also
 * stand inside one number (`0559/44.61.68`), so where the first piece is none, the whole is tried.
 */
function findNumbers(text: string, region: Region): Found {
  return together(text.split(";").map((part) => betweenSlashes(part, region)));
}

function betweenSlashes(text: string, region: Region): Found {
  // Of slashes with blanks around and others without, the others stand inside of numbers: `0470/12.34.56 / 02 511 24 17`.
  const apart = text.split(/\s\/\s/);
  if (apart.length > 1 && /\S\/\S/.test(text)) {
    const found = apart.map((piece) => betweenSlashes(piece, region));
    if (found.every(({ numbers, unread }) => numbers.length > 0 && !unread)) return together(found);
  }
  const pieces = text
    .split("/")
    .map(bare)
    .filter((piece) => piece !== "");
  const [first = ""] = pieces;
  if (pieces.length > 1 && numbersIn(first, region).numbers.length === 0) {
    const whole = oneNumber(bare(text.replaceAll("/", "")), region);
    if (whole !== null) return { numbers: [whole], unread: false };
  }
  return together(pieces.map((piece) => numbersIn(piece, region)));
}

/** Without the signs around it, such as what spreadsheets put there to keep it text: `'0559…`, `="0559…"`. */
const bare = (piece: string): string => piece.replace(BEFORE, "").replace(BEHIND, "");
const BEFORE = /^(?:[^\p{L}\p{N}+(]|\+(?!\s*[\d(])|\((?!\s*[\d+]))+/u;
const BEHIND = /(?<![^\p{L}\p{N})])[^\p{L}\p{N})]+$/u;

/** Numbers, and whether digits were left that are none. */
interface Found {
  readonly numbers: readonly string[];
  readonly unread: boolean;
}

const together = (found: readonly Found[]): Found => ({
  numbers: found.flatMap(({ numbers }) => numbers),
  unread: found.some(({ unread }) => unread),
});

/** A piece without marks: one number, or several whose groups of digits can be told apart. */
function numbersIn(piece: string, region: Region, apart: readonly RegExp[] = APART): Found {
  const one = single(piece, region);
  const groups = piece.split(/[ .-]+/).filter((group) => group !== "");
  if (one.numbers.length > 0 || groups.length < 2 || groups.length > 24) return one;
  const grouped = byGroups(groups, region);
  if (grouped !== null) return { numbers: grouped, unread: false };
  // What stands behind the last group by another sign than the groups is another number, or the end of one.
  for (const [at, sign] of apart.entries()) {
    const parts = piece.split(sign).map((part) => part.trim());
    if (parts.length < 2) continue;
    const found = together(parts.map((part) => numbersIn(part, region, apart.slice(at + 1))));
    if (found.numbers.length > 0) return found;
  }
  return together(groups.map((group) => single(group, region)));
}

/** Signs by which numbers stand apart that are written in groups themselves: `05 59 44 62 24 - 25`. */
const APART = [/ +-+ *| *-+ +/, /-+/, / +/, /[.]+/];

function single(text: string, region: Region): Found {
  const number = oneNumber(text, region);
  const two = number === null ? sideBySide(text, region) : null;
  if (two !== null) return { numbers: two, unread: false };
  return { numbers: number === null ? [] : [number], unread: number === null && /\d/.test(text) };
}

/** Two numbers as they are dialled in the region without anything between them. */
function sideBySide(text: string, region: Region): string[] | null {
  const { trunk = "" } = planOf(region.country) ?? {};
  if (trunk === "" || text.length % 2 === 1 || !/^\d{16,24}$/.test(text)) return null;
  const halves = [text.slice(0, text.length / 2), text.slice(text.length / 2)];
  const whole = (half: string) => half.startsWith(trunk) && !half.startsWith("00");
  const numbers = halves.map((half) => (whole(half) ? oneNumber(half, region) : null));
  return numbers.includes(null) ? null : (numbers as string[]);
}

/** Consecutive groups put together to numbers, or null when a group is left over: it may be a typo. */
function byGroups(groups: readonly string[], region: Region): string[] | null {
  const found: string[] = [];
  let pending = "";
  for (const group of groups) {
    pending += group;
    const number = oneNumber(pending, region);
    if (number === null) continue;
    found.push(number);
    pending = "";
  }
  return pending === "" ? found : null;
}

const SHAPE = /^[(]?\+?[0-9 ().-]+$/;
const LONGEST = 40;
/** With the code of a country, as it is dialled. */
const ABROAD = /^[(]?(?:\+|00)/;

function oneNumber(text: string, region: Region): string | null {
  if (text.length > LONGEST || !SHAPE.test(text)) return null;
  const { country, short, elsewhere } = region;
  if (elsewhere && !ABROAD.test(text)) return null;
  const compact = text.replace(/[ ().-]/g, "");
  const known = short(compact, country);
  if (known !== undefined) return known;
  const number = parsePhoneNumberFromString(
    compact,
    { defaultCountry: country, extract: false },
    metadata,
  );
  if (!number?.isValid()) return null;
  const digits = number.number.slice(1);
  return isTooBare(digits, compact, planOf(country)) ? null : digits;
}

function whyNone(text: string, region: Region): PhoneProblem {
  if (!SHAPE.test(text)) return "malformed";
  const compact = text.replace(/[ ().-]/g, "");
  const known = region.length(compact, region.country);
  if (known !== undefined) return known ?? "malformed";
  switch (validatePhoneNumberLength(compact, region.country, metadata)) {
    case "TOO_SHORT":
      return "too_short";
    case "TOO_LONG":
      return "too_long";
    default:
      return "malformed";
  }
}

function asCountry(region: string): CountryCode {
  if (isSupportedCountry(region as CountryCode, metadata)) return region as CountryCode;
  throw new UnknownRegion(region);
}

/** The definition names a region without a numbering plan. */
export class UnknownRegion extends Error {
  override readonly name = "UnknownRegion";

  constructor(region: string) {
    super(
      `"${region}" is not a region of the numbering plans; write its two letters, such as "DZ". Nothing was written.`,
    );
  }
}
