import { TextDecoder } from "node:util";

const WESTERN = new TextDecoder("windows-1252");
const ARABIC = new TextDecoder("windows-1256");
const ARABIC_LETTER = /[\u0621-\u0652]/;

/** What a character of the Western set is in the Arabic one: the same byte. */
const arabicOf: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 0x80 }, (_, at) => {
    const byte = Uint8Array.of(0x80 + at);
    return [WESTERN.decode(byte), ARABIC.decode(byte)] as const;
  }),
);

/** A word of nothing but accented letters: no language writes one of three. */
const ACCENTED_WORD =
  /(?<!\p{L})[\u00C0-\u00D6\u00D8-\u00FF\u0152\u0153\u0160\u0161]{3,}(?!\p{L})/u;

/** Whether a name looks like Arabic that was read in the Western character set: `ÓÇÑÉ` for `سارة`. */
export const looksWestern = (name: string): boolean => ACCENTED_WORD.test(name);

/** Such a name in Arabic, or null where it is none as a whole. */
export function asArabic(name: string): string | null {
  if (!looksWestern(name) || /[A-Za-z]/.test(name)) return null;
  const arabic = Array.from(name, (character) => arabicOf.get(character) ?? character).join("");
  return ARABIC_LETTER.test(arabic) && !/[A-Za-z\u0080-\u024F]/.test(arabic) ? arabic : null;
}
