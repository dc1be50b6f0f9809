import { readAs } from "./character-sets.ts";
import { isCommon, isFrench, isPlainFrench, isTurkish, isWritten } from "./languages.ts";

type Meant = ReadonlyMap<string, string>;

/** What bytes were read as, and what was meant, where capitals stand inside a word: DOS and the Macintosh. */
const OTHER_MACHINES: readonly Meant[] = [
  readAs("macintosh", "windows-1252"),
  readAs("cp850", "windows-1252"),
  readAs("windows-1252", "macintosh"),
  readAs("windows-1252", "cp850"),
];
const FROM_DOS = readAs("cp850", "windows-1252");
const FROM_CENTRAL_EUROPE = readAs("windows-1250", "windows-1252");
const AS_TURKISH = readAs("windows-1252", "windows-1254");
const AS_CENTRAL_EUROPEAN: readonly Meant[] = [
  readAs("windows-1252", "windows-1250"),
  readAs("windows-1252", "iso-8859-2"),
];

/** Letters that names are written with in Latin, Greek and Cyrillic, with their marks. */
const LATIN =
  "A-Za-z\\u00AA\\u00BA\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02AF\\u0300-\\u036F\\u1E00-\\u1EFF";
const WORD = new RegExp(`[${LATIN}\\u0370-\\u0377\\u0386-\\u052F]+`, "g");
const BEYOND_ASCII = /[^\0-\x7F]/;
const LETTERS = new RegExp(`^[${LATIN}’]+$`);
/** Ordinals, which are letters to Unicode: after abbreviations only (`Mª`, `Fcº`). */
const ORDINAL_INSIDE = /[ªº]\p{L}|\p{L}{4,}[ªº]/u;

/** A capital beyond ASCII inside a word of small letters, as `AndrÈ` and `HÚlÞne` have it; `McÉvoy` has none. */
function capitalInside(word: string): boolean {
  if (word === word.toUpperCase() || word.slice(1) === word.slice(1).toLowerCase())
    return word.startsWith("ƒ");
  return CAPITAL_INSIDE.test(word);
}
const CAPITAL_INSIDE = /\p{Ll}[\p{Lu}--[A-Z]]|^\p{L}[\p{Lu}--[A-Z]]+\p{Lu}?\p{Ll}/v;
const PREFIXED =
  /^(?:Mc|Mac|Fitz|De|Di|Du|La|Le|El|Al|Ben|Bou|Van|O)(?=[\p{Lu}--[A-Z]]\p{Ll}{2,}$)/v;

const hasCapitalInside = (word: string): boolean => capitalInside(word) && !PREFIXED.test(word);

const small = (word: string): string => word.normalize("NFC").toLowerCase();

/** The first letter in UTF-8, of which both bytes are letters: `Åžahin`, `Åšlusarz`, `Äžani`; no word begins so. */
const ENCODED_FIRST = /^[ÄÅĹ][ŠšŽžŤťŒœŸ]/;

/** What was found of words: names are many, the words of names are few. */
const known = new Map<string, boolean>();
const MOST_KNOWN = 20_000;

/** Whether a word of Latin letters looks right: each is one that some language has where it stands. */
function looksRight(word: string): boolean {
  const found = known.get(word);
  if (found !== undefined) return found;
  const right =
    !hasCapitalInside(word) &&
    !ORDINAL_INSIDE.test(word) &&
    !ENCODED_FIRST.test(word) &&
    isWritten(small(word).replace(/[ªº]$/, ""));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(word, right);
  return right;
}

/**
 * Whether capitals lost the second byte of a letter, which has no character in Western sets (`BELAÃD`,
 * `MARTÃNEZ`): a nasal stands otherwise (`JOÃO`).
 */
export const lostCapital = (name: string): boolean =>
  name.includes("\u00C3") &&
  (name.match(WORD) ?? []).some(
    (word) => word.includes("\u00C3") && word === word.toUpperCase() && !looksRight(word),
  );

/**
 * The first byte of `à`, `Š`, `Ġ` or a no-break space in UTF-8 before one that is read as such a space: `Ã bientôt`,
 * `10Â %`, `MÃ rius`. Words in capitals may end with those letters (`MAÇÃ`, `TYÖTÄ`).
 */
const BEFORE_SPACE = /(?<!\p{Lu})[ÂÃ]\u00A0|(?<!\p{L})(?:\p{Lu}Ã|[ÅÄĹ])\u00A0(?=\p{Ll})/u;

/** Whether all of a text is words that look right, or ASCII, or white space. */
export const allLooksRight = (text: string): boolean =>
  !BEFORE_SPACE.test(text) &&
  !BEYOND_ASCII.test(text.replace(WORD, "").replace(/\s/g, "")) &&
  (text.match(WORD) ?? []).every(
    (word) => !BEYOND_ASCII.test(word) || (LETTERS.test(word) && looksRight(word)),
  );

/**
 * What a name was before its bytes were read in another character set of one byte a letter (`AndrÚ`,
 * `Þahin`, `Kováè`), word by word; null where every word looks right, or nothing else would.
 */
export function beforeMisread(name: string): string | null {
  let found = false;
  const before = name.normalize("NFC").replace(WORD, (word) => {
    if (!BEYOND_ASCII.test(word)) return word;
    const meant = LETTERS.test(word) ? wordBefore(word) : ofOldDos(word);
    found ||= meant !== null;
    return meant ?? word;
  });
  return found ? before : null;
}

function wordBefore(word: string): string | null {
  if (looksRight(word)) return null;
  return hasCapitalInside(word) ? ofOtherMachine(word) : ofNeighbour(word);
}

/**
 * A capital inside may as well come of a program that knows the case of ASCII only (`HÉlÈne`): then the
 * letters are right. An è of a Macintosh is read as another letter than its é, and é is much more common.
 */
function ofOtherMachine(word: string): string | null {
  const plain = isPlainFrench(small(word));
  const readings = OTHER_MACHINES.flatMap((meant) => reading(word, meant));
  const french = readings.find((each) => isPlainFrench(small(each)));
  if (french !== undefined && (!plain || ONLY_E.test(word))) return french;
  if (plain || isCommon(small(word))) return null;
  return readings.find((each) => isFrench(small(each))) ?? readings[0] ?? null;
}
const ONLY_E = /^.[\p{Ll}ÈË]*$/u;

function ofNeighbour(word: string): string | null {
  const [french] = [
    ...(word.includes("nþ") ? reading(word, FROM_DOS) : []),
    ...reading(word, FROM_CENTRAL_EUROPE),
  ].filter((each) => isFrench(small(each)));
  const [turkish] = ROMANIAN.test(word)
    ? []
    : reading(word, AS_TURKISH).filter((each) => isTurkish(small(each)));
  return french ?? turkish ?? centralEuropean(word);
}
/** Endings that Romanian has with a `ţ`, and Turkish hardly with an `ş`. */
const ROMANIAN = /[uin]þa$|þiu$/;

const centralEuropean = (word: string): string | null =>
  AS_CENTRAL_EUROPEAN.flatMap((meant) => reading(word, meant))[0] ?? null;

/** What stands behind a name may as well be a note's number. */
const SIGN_LAST = /[^\p{L}\p{M}\s]$/u;

/** A name of which the signs at letters are letters of Central Europe: `Wa³êsa`, `And¿elika`. */
export function withoutSigns(name: string): string | null {
  const words = name
    .split(/(\s+|-)/)
    .map((word) =>
      LETTERS.test(word) && looksRight(word)
        ? word
        : BEYOND_ASCII.test(word)
          ? centralEuropean(word)
          : word,
    );
  const whole = words.includes(null) ? name : words.join("");
  return whole === name || SIGN_LAST.test(name) ? null : whole;
}

/** American DOS has Greek letters where Western sets have accented ones: `AndrΘ`. */
const ofOldDos = (word: string): string | null =>
  GREEK_INSIDE.test(word)
    ? (reading(word, FROM_OLD_DOS).find((each) => isFrench(small(each))) ?? null)
    : null;
const FROM_OLD_DOS = readAs("cp437", "windows-1252");
const GREEK_INSIDE = /[a-z][\p{Script=Greek}]/u;

/** The word in another character set, where that looks right. */
function reading(word: string, meant: Meant): string[] {
  let read = "";
  for (const letter of word) {
    const other = letter < "\u0080" ? letter : meant.get(letter);
    if (other === undefined) return [];
    read += other;
  }
  return read !== word && LETTERS.test(read) && looksRight(read) ? [read] : [];
}
