import { cleanText, stripInvisible, stripUseless } from "./text.ts";
import { isTyped } from "./typed.ts";

/** Combining marks that are diacritics, and points of Hebrew; Arabic hamza and madda (U+0653–0655) are parts of letters. */
const DIACRITICS =
  /[\u0300-\u036F]|[\u0483-\u0487]|[\u0591-\u05BD\u05BF\u05C1\u05C2]|[\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]/g;

/** Harakat and Quranic marks, and the tatweel that only stretches a word. */
const ARABIC_DECORATION =
  /[\u0610-\u061A\u0640\u064B-\u0652\u0656-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED]/g;

const NOT_A_WORD = /[^\p{L}\p{M}\p{N}]+/gu;
const PLAIN = /^[A-Za-z]+(?: [A-Za-z]+)*$/;

/**
 * A name as it is compared (D5): NFKD, diacritics removed, case folded, punctuation as one space.
 * Arabic script stays as it is but for tatweel and harakat: `أ` and `ا` remain two letters.
 */
export function foldName(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return (
    stripInvisible(text)
      .normalize("NFKD")
      .replace(DIACRITICS, "")
      .replace(ARABIC_DECORATION, "")
      // Back together what belongs together: Arabic letters with hamza, Hangul syllables.
      .normalize("NFC")
      .toLowerCase()
      .replaceAll("ß", "ss")
      .replaceAll("ς", "σ")
      .replace(NOT_A_WORD, " ")
      .trim()
  );
}

/** Also written twice, and as dumps write it. */
const NULL = /^null(?: null)*$/;
const DUMPED = /^\s*\\N\s*$/;
/** Words instead of a part of a name: left out like what holds no letter, and noted like it (D33). */
const NO_PART = new Set(["n a", "neant", "x", "xx", "xxx", "undefined"]);
const LETTER = /\p{L}/u;
/** More than the strokes and dots that people leave instead of a name. */
const MEANS_SOMETHING = /[\p{N}\p{S}]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000E-\u001F\u007F-\u009F]/g;

interface NamePart {
  readonly shown: string;
  readonly folded: string;
  /** Whether it is a letter that was held down: no part of a name beside one that is. */
  readonly held: boolean;
  readonly oneWord: boolean;
}

/** A part of a name as it was read; `absent` for nothing, `unreadable` for what is no name. */
export type ReadPart = NamePart | "absent" | "unreadable";

/** Reads one part of a name. */
export function namePart(raw: string): ReadPart {
  const plain = PLAIN.test(raw);
  if (!plain && DUMPED.test(raw)) return "absent";
  const shown = plain ? raw : shownPart(raw);
  if (!plain && !LETTER.test(shown)) return MEANS_SOMETHING.test(shown) ? "unreadable" : "absent";
  const folded = plain ? raw.toLowerCase() : foldName(shown);
  if (NULL.test(folded)) return "absent";
  if (NO_PART.has(folded)) return "unreadable";
  return { shown, folded, held: isHeldDown(folded), oneWord: !folded.includes(" ") };
}

const MOST_HELD = 40;
const isHeldDown = (folded: string): boolean =>
  folded[0] === folded[1] &&
  folded.length > 3 &&
  folded.length <= MOST_HELD &&
  /^(\p{L})\1+$/u.test(folded);

const shownPart = (raw: string): string =>
  stripUseless(cleanText(raw).text)
    .replace(CONTROL, "")
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .trim();

/** A person's name in the forms that are kept of it. */
export interface PersonName {
  /**
   * As people see it: NFC, white space collapsed, control, NUL and bidirectional characters removed.
   * Markup, formulas and SQL stay text.
   */
  readonly full: string;
  /** The words as they are compared, in the order given: `benali sara` (D5). */
  readonly folded: string | null;
  /** The same words sorted. */
  readonly key: string | null;
  /** A part holds something that is no name, such as digits: it was left out. */
  readonly unreadablePart: boolean;
}

/**
 * A name from its parts in the order given, last name first. Parts such as `/`, `NULL`, `-`, `.` or
 * `x` are no name; null when nothing usable remains (D9).
 */
export const personName = (parts: readonly (string | null)[]): PersonName | null =>
  nameOf(parts.map((part) => (part === null ? "absent" : namePart(part))));

/** The same of parts that were read. */
export function nameOf(read: readonly ReadPart[]): PersonName | null {
  let full = "";
  let folded = "";
  let unreadablePart = false;
  const dropped = read.some(isHeld) && read.some(isOther);
  let words = 0;
  let first: NamePart | undefined;
  let second: NamePart | undefined;
  for (const part of read) {
    if (part === "absent") continue;
    if (part === "unreadable" || (dropped && part.held)) {
      unreadablePart = true;
      continue;
    }
    full = full === "" ? part.shown : `${full} ${part.shown}`;
    if (part.folded === "") continue;
    folded = folded === "" ? part.folded : `${folded} ${part.folded}`;
    words += 1;
    if (words === 1) first = part;
    else second = part;
  }
  if (full === "") return null;
  if (first === undefined) return { full, folded: null, key: null, unreadablePart };
  const key =
    words > 2 || !isWord(first) || !isWord(second)
      ? sorted(folded)
      : inOrder(first, second, folded);
  return { full, folded, key, unreadablePart };
}

const isHeld = (part: ReadPart): boolean => typeof part !== "string" && part.held;
const isOther = (part: ReadPart): boolean => typeof part !== "string" && !isTyped(part.folded);
const isWord = (part: NamePart | undefined): boolean => part === undefined || part.oneWord;

/** Most names have two words, one in each part. */
const inOrder = (first: NamePart, second: NamePart | undefined, folded: string): string =>
  second === undefined || first.folded <= second.folded
    ? folded
    : `${second.folded} ${first.folded}`;

/** A name of so many words is nobody's. */
const MOST_WORDS = 16;

/** The words of a folded name sorted: few by putting each in its place, as sorting a list makes several of it. */
function sorted(folded: string): string {
  const words = folded.split(" ");
  if (words.length > MOST_WORDS) return words.sort().join(" ");
  for (let n = 1; n < words.length; n++) {
    const word = words[n] as string;
    let at = n;
    for (; at > 0 && (words[at - 1] as string) > word; at--) words[at] = words[at - 1] as string;
    words[at] = word;
  }
  return words.join(" ");
}
