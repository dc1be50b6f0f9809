import { asciiDigits } from "./digits.ts";
import { absent, type Normalized, presentText } from "./value.ts";

type Mark = "." | "," | " " | "'";

/** How numbers are written, and between which they are believed. */
interface NumberForm {
  readonly whole: boolean;
  /** The decimal mark, `.` unless said. */
  readonly decimal?: "." | ",";
  /** What separates thousands, if anything does: only where it stands between groups of three; of several one in a number. */
  readonly group?: Mark | readonly Mark[];
  /** What may stand once before or behind it, in letters of any case: `kr.`, `€`. */
  readonly beside?: readonly string[];
  /** A power of ten by which it is divided, as cents are, or multiplied. */
  readonly per?: number;
  readonly times?: number;
  /** Digits behind the point that are kept; what has more is rounded, half of the last one away from nothing. */
  readonly places?: number;
  /** Inclusive bounds, as numbers are written in JSON. */
  readonly least?: number;
  readonly most?: number;
}

/** Digits beyond which no database column keeps a number. */
const longest = 38;

/**
 * Makes the function that reads a number: exact, as a text, in its shortest form (`-7`, `0.5`). A whole
 * number may be written with a fraction of zeros, as decimal columns and spreadsheets do, or with a stroke for
 * them, `45,-`, as prices are. What is a
 * number in another notation only (`1e5`, `1,234` without a `group`, `½`) is unreadable: its value would
 * be a guess.
 */
export function numberReader(form: NumberForm) {
  const { whole, decimal = ".", least, most, per = 1, times = 1 } = form;
  const groups = [form.group ?? []].flat();
  const shift = zerosOf(times) - zerosOf(per);
  const mark = decimal === "." ? "\\." : ",";
  const digits = [...groups.map((mark) => `\\d{1,3}(?:${escaped[mark]}\\d{3})+`), "\\d+"].join("|");
  // A stroke for a fraction of zeros, `45,-`, where it is said which mark stands before one.
  const fractions =
    (whole && shift <= 0) || form.decimal === undefined ? "(\\d*)" : "(?:(\\d*)|[-–—]{1,2})";
  const shape = new RegExp(`^([+-]?)(${digits})(?:${mark}${fractions})?$`);
  const bare = withoutWords(form.beside ?? []);
  // Arabic has marks of its own, which are nothing else: `٥٫٥` is five and a half, whatever is written elsewhere.
  const withMarks = (text: string) =>
    text.replaceAll("\u066B", decimal).replaceAll("\u066C", groups[0] ?? "\u066C");
  return (raw: string | null): Normalized<"unreadable" | "out_of_bounds"> => {
    const text = presentText(raw);
    if (text === null) return absent;
    const [, sign, integer = "", fraction = ""] =
      shape.exec(asciiDigits(withMarks(bare(text.replaceAll("\u2212", "-"))))) ?? [];
    if (sign === undefined) return unreadable;
    const [moved, behind] = pointMoved(integer.replace(/\D/g, ""), fraction, shift);
    const all = moved.replace(/^0+(?=\d)/, "");
    const [left, right] = rounded(all, behind.replace(/0+$/, ""), form.places);
    if (left.length + right.length > longest) return unreadable;
    if (whole && (right !== "" || !inInt64(sign === "-" ? -BigInt(left) : BigInt(left))))
      return unreadable;
    const size = right === "" ? left : `${left}.${right}`;
    const value = sign === "-" && size !== "0" ? `-${size}` : size;
    if (
      (least !== undefined && Number(value) < least) ||
      (most !== undefined && Number(value) > most)
    )
      return { value: null, reason: "out_of_bounds" };
    return { value, reason: null };
  };
}

/** Takes one of some words away that stands before or behind a text, the longest first; `-€ 5` is `-5`. */
function withoutWords(words: readonly string[]): (text: string) => string {
  if (words.length === 0) return (text) => text;
  const any = [...words]
    .sort((one, other) => other.length - one.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
    .join("|");
  const before = new RegExp(`^([+-]?)\\s*(?:${any})\\s*(?=[\\d+-])`, "iu");
  const behind = new RegExp(`(?<=\\d|\\d[.,][-–—]{1,2})\\s*(?:${any})$`, "iu");
  return (text) => (before.test(text) ? text.replace(before, "$1") : text.replace(behind, ""));
}

/** By how many digits a power of ten moves the point. */
const zerosOf = (power: number): number => String(power).length - 1;

/** The digits before and behind a point that is moved: to the right, or to the left where it is less than none. */
function pointMoved(
  left: string,
  right: string,
  digits: number,
): readonly [left: string, right: string] {
  if (digits === 0) return [left, right];
  if (digits > 0) return [left + right.slice(0, digits).padEnd(digits, "0"), right.slice(digits)];
  const all = left.padStart(1 - digits, "0");
  return [all.slice(0, digits), all.slice(digits) + right];
}

/** The digits before and behind the point, of which so many are kept behind it; all of them unless said. */
function rounded(
  left: string,
  right: string,
  places: number = right.length,
): readonly [left: string, right: string] {
  if (right.length <= places) return [left, right];
  const kept = BigInt(left + right.slice(0, places));
  const digits = String((right[places] as string) < "5" ? kept : kept + 1n).padStart(
    places + 1,
    "0",
  );
  const point = digits.length - places;
  return [digits.slice(0, point), digits.slice(point).replace(/0+$/, "")];
}

const inInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;
const unreadable = { value: null, reason: "unreadable" } as const;
const escaped = { ".": "\\.", ",": ",", " ": " ", "'": "['’]" } as const;
