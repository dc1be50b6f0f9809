/** Text that PostgreSQL accepts in `text` and `jsonb`, and how many characters had to go. */
interface CleanText {
  readonly text: string;
  /** NUL characters removed plus lone surrogates replaced by U+FFFD. */
  readonly stripped: number;
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * Makes a text storable: PostgreSQL keeps neither NUL nor half a surrogate pair. Everything else,
 * markup and formulas included, stays as it is. The count is noted on the row, so nothing is lost
 * in silence (W13).
 */
export function cleanText(raw: string): CleanText {
  const holdsNul = raw.includes("\0");
  if (!holdsNul && raw.isWellFormed()) return { text: raw, stripped: 0 };
  let stripped = 0;
  const withoutNul = raw.replaceAll("\0", () => {
    stripped += 1;
    return "";
  });
  const text = withoutNul.replace(LONE_SURROGATE, () => {
    stripped += 1;
    return "\uFFFD";
  });
  return { text, stripped };
}

/**
 * Characters that show nothing and change how text reads or compares: zero-width spaces and
 * joiners, bidirectional marks and overrides, the byte order mark, soft hyphen, variation selectors, tags.
 * Databases know no such class: there they are listed (`compile/as-read.ts`, `schema/002-folding.sql`).
 */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Whether a text holds what cannot be seen, as {@link stripInvisible} removes it. */
export const holdsInvisible = (text: string): boolean => text.search(INVISIBLE) !== -1;

/** Removes what cannot be seen (zero-width and bidirectional characters). */
export function stripInvisible(text: string): string {
  return text.replace(INVISIBLE, "");
}

/** Scripts whose letters look otherwise with a joiner between them: Arabic and its kin, those of India and its neighbours. */
const JOINED =
  "\\u0600-\\u08FF\\u0900-\\u0DFF\\u0F00-\\u109F\\u1780-\\u18AF\\uFB50-\\uFDFF\\uFE70-\\uFEFC";
/** Signs and pictures, of which joiners make one of several. */
const PICTURES = "\\u00A9\\u00AE\\u203C-\\u3299\\u{1F000}-\\u{1FAFF}";

/** Letters of which selectors say how they are written, as in names of Japan. */
const HAN = "\\u3007\\u3400-\\u9FFF\\uF900-\\uFAFF\\u{20000}-\\u{3FFFF}";

/** What shows nothing and says nothing: joiners, selectors and tags where nothing is joined, selected or a flag. */
const USELESS = [
  "[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFE00-\\uFE0D\\uFEFF\\uFFA0\\uFFF0-\\uFFF8]",
  "[\\u{1BCA0}-\\u{1BCA3}\\u{1D173}-\\u{1D17A}\\u{E0000}-\\u{E001F}\\u{E0080}-\\u{E00FF}\\u{E01F0}-\\u{E0FFF}]",
  "(?<!\\u{1F3F4}[\\u{E0020}-\\u{E007E}]{0,7})[\\u{E0020}-\\u{E007F}]",
  `(?<![${HAN}])[\\u{E0100}-\\u{E01EF}]`,
  `(?<![${JOINED}])[\\u180B-\\u180D\\u180F]`,
  `\\u200C(?![${JOINED}])`,
  `(?<![${JOINED}])\\u200C`,
  `\\u200D(?![${JOINED}${PICTURES}])`,
  `(?<![${JOINED}${PICTURES}\\uFE0F])\\u200D`,
  `(?<![#*0-9${PICTURES}])[\\uFE0E\\uFE0F]`,
].join("|");
const useless = new RegExp(USELESS, "gu");

/** Whether a text holds what {@link stripUseless} removes. */
export const holdsUseless = (text: string): boolean =>
  holdsInvisible(text) && text.search(useless) !== -1;

/**
 * Removes what cannot be seen and says nothing: what people wrote keeps its spelling. Without its joiners a Persian word is
 * another one, a syllable of Hindi is written otherwise, and a family falls apart into its members.
 */
export const stripUseless = (text: string): string =>
  holdsInvisible(text) ? text.replace(useless, "") : text;

/** A character that whoever reads a text sees: no blank, no mark without a letter, nothing that shows nothing. */
const SEEN = /[^\s\p{DI}\p{M}\p{C}\u2800]/u;

/** Whether a text shows anything to whoever reads it. */
export const isSeen = (text: string): boolean => SEEN.test(text);

/** NFC, trimmed, runs of any white space as one space. */
export function collapse(text: string): string {
  return text.normalize("NFC").trim().replace(/\s+/g, " ");
}
