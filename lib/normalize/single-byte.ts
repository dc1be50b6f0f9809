import { readAs } from "./character-sets.ts";

/**
 * Scripts whose letters have a byte each, and what a word in them looks like: Arabic without vowel signs,
 * Cyrillic in one case or with a capital first and with a vowel, Hebrew and Greek.
 */
const SCRIPTS: readonly (readonly [meant: ReadonlyMap<string, string>, word: RegExp])[] = [
  [readAs("windows-1252", "windows-1256"), /^[\u0621-\u064A]+$/],
  [
    readAs("windows-1252", "windows-1251"),
    /^(?=.*[аеёиоуыэюяіїє])[А-ЯЁІЇЄ][а-яёіїєў]+$|^(?=.*[АЕЁИОУЫЭЮЯІЇЄ])[А-ЯЁІЇЄ]+$/,
  ],
  [readAs("windows-1252", "windows-1255"), /^[\u05D0-\u05EA]+$/],
  [readAs("windows-1252", "windows-1253"), /^[Α-ΩΆΈ-Ώ]?[α-ωά-ώ]+$/],
];
const [[ARABIC, ARABIC_WORD]] = SCRIPTS as [(typeof SCRIPTS)[number]];

/** A word of nothing but accented letters, or of what is one in none of them: no language writes one of three. */
const ACCENTED = "[\\u00C0-\\u00D6\\u00D8-\\u00FF\\u0152\\u0153\\u0160\\u0161]";
const ACCENTED_WORD = new RegExp(`(?<!\\p{L})${ACCENTED}{3,}(?!\\p{L})`, "u");
const ACCENTED_WORDS = new RegExp(`(?<!\\p{L})${ACCENTED}{2,}(?!\\p{L})`, "gu");

const TWO_ACCENTED = /[\u00C0-\u0178]{2}/;

const read = (word: string, meant: ReadonlyMap<string, string>): string =>
  Array.from(word, (character) => meant.get(character) ?? character).join("");

/** Whether a name looks like Arabic that was read in the Western character set: `ÓÇÑÉ` for `سارة`, `Øå` for `طه`. */
export const looksWestern = (name: string): boolean =>
  ACCENTED_WORD.test(name) ||
  (name.match(ACCENTED_WORDS) ?? []).some((word) => ARABIC_WORD.test(read(word, ARABIC)));

/** Such a name in the script that it was written in, or null where it is none as a whole. */
export function inItsScript(name: string): string | null {
  if (!TWO_ACCENTED.test(name) || !looksWestern(name) || /[A-Za-z]/.test(name)) return null;
  for (const [meant, looks] of SCRIPTS) {
    const words = name.split(/([\s'’,.()/-]+)/).map((word) => read(word, meant));
    if (words.every((word, at) => at % 2 === 1 || word === "" || looks.test(word)))
      return words.join("");
  }
  return null;
}
