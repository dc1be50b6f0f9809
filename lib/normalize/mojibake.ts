import { isUtf8 } from "node:buffer";
import { type Bytes, bytesOf } from "./character-sets.ts";
import { lettersLost } from "./lost.ts";

/**
 * Character sets as which UTF-8 is taken by mistake: Western, Arabic, Central European, Turkish, the
 * Macintosh's, and those of DOS. Control characters C1 stand for their own bytes, as in the old Latin-1.
 */
const MISTAKEN = [
  "windows-1252",
  "windows-1256",
  "windows-1250",
  "windows-1254",
  "macintosh",
  "cp850",
  "cp437",
];

/** For each character set, the byte that a character, by its code, was made from. */
const sets: readonly Bytes[] = MISTAKEN.map(bytesOf);

/** Russia's as well, of a text as a whole: a part may be a letter beside a dash (`ГОСТ Р–52`). */
const setsOfWhole: readonly Bytes[] = [...sets, bytesOf("windows-1251")];

const BEYOND_ASCII = /[\u0080-\uFFFF]/;

/** Encoding twice happens, three times has been seen. */
const MOST_ROUNDS = 3;

/**
 * The spelling that text had before its UTF-8 was taken for another character set (`Ã‰lise` → `Élise`),
 * or null where it does not decode cleanly as a whole: text that merely looks odd is nobody's damage.
 */
export const beforeMojibake = (text: string): string | null =>
  inRounds(text, (each) => decoded(setsOfWhole, each, whole));

/**
 * As {@link beforeMojibake} for text of which only a part was damaged, as where two texts were put
 * together (`Ã‰lise Benoît`), or whose case was changed since (`chã©rif`): what looks encoded is decoded,
 * the rest stays. Null where nothing is, or where damage is left.
 */
export const beforePartlyMojibake = (text: string): string | null =>
  PAIR.test(text) ? inRounds(text, (each) => decoded(sets, each, partly)) : null;

/** What is read as a beginning and what follows it, one of the two no common letter: few texts hold it. */
const PAIR =
  /[^\0-\x7F][\u0080-\u00BF\u0152-\u0192\u02C6-\u02DD\u2013-\u22FF\u2310-\u25FF]|[\u00AB\u00AC\u00BB\u0192\u2200-\u25FF][^\0-\x7F]/;

function inRounds(text: string, decode: (text: string) => string | null): string | null {
  if (!BEYOND_ASCII.test(text)) return null;
  let found: string | null = null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = decode(found ?? text);
    if (next === null) break;
    found = next;
  }
  return found === null || lettersLost(found) ? null : found;
}

function decoded(
  sets: readonly Bytes[],
  text: string,
  decode: (bytes: Bytes, text: string) => string | null,
) {
  for (const bytes of sets) {
    const found = decode(bytes, text);
    if (found !== null) return found;
  }
  return null;
}

function whole(bytes: Bytes, text: string): string | null {
  if (!BEYOND_ASCII.test(text) || !looksEncoded(bytes, text)) return null;
  const encoded = Buffer.from(Array.from(text, (_, at) => byteAt(bytes, text, at)));
  if (!isUtf8(encoded)) return null;
  const decoded = encoded.toString("utf8");
  return UNLIKELY.test(decoded) ? null : decoded;
}

/** The byte that stands at a place, 0 where there is none: that is never a part of a character. */
function byteAt(bytes: Bytes, text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x80 ? code : (bytes.get(code) ?? 0);
}

/** Whether every character beyond ASCII begins or goes on with one of UTF-8; few other texts get far. */
function looksEncoded(bytes: Bytes, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) < 0x80) continue;
    const more = goesOn(byteAt(bytes, text, at));
    if (more === 0) return false;
    for (let n = 0; n < more; n++) if (!isContinued(byteAt(bytes, text, ++at))) return false;
  }
  return true;
}

/** How many bytes follow one that begins a character of several; 0 where it begins none. */
function goesOn(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

const isContinued = (byte: number): boolean => byte >= 0x80 && byte <= 0xbf;

/** What people's texts are written with; C1 on the way, as in what was encoded twice. */
const LETTERS =
  "\\u0080-\\u00A0\\u00AB\\u00B0\\u00B4\\u00BB\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u017F\\u0218-\\u021B\\u0386-\\u03CE" +
  "\\u0400-\\u045F\\u0621-\\u063A\\u0640-\\u0652\\u0660-\\u0669\\u067E\\u0686\\u0698\\u06A9\\u06AF\\u06CC";
const LIKELY = new RegExp(`^[${LETTERS}\\u2013\\u2014\\u2018-\\u201E\\u2020-\\u2026]$`);
/** What no text as a whole decodes to, but names in two capitals that happen to look encoded (`LÍŠKA`). */
const UNLIKELY = new RegExp(
  `[^\\0-\\x7F${LETTERS}\\u00A0-\\u00FF\\u01A0\\u01A1\\u01AF\\u01B0\\u0300-\\u030C\\u0327\\u0328\\u05D0-\\u05EA\\u060C\\u061B\\u061F\\u0900-\\uFFFF]`,
);
const LETTER = /\p{L}/u;
/** Capitals with which UTF-8 begins, as small letters: somebody changed the case of damaged text. */
const SMALL_FIRST = /[\u00E2-\u00E5\u00EE-\u00F1\u00F8\u00F9]/;

function partly(bytes: Bytes, text: string): string | null {
  let made = "";
  let found = false;
  for (let at = 0; at < text.length; ) {
    const taken = characterAt(bytes, text, at) ?? recasedAt(bytes, text, at);
    made += taken === null ? text.charAt(at) : taken.character;
    at += taken === null ? 1 : taken.length;
    found ||= taken !== null;
  }
  return found ? made : null;
}

interface Taken {
  readonly character: string;
  readonly length: number;
}

/** The likely character that is encoded at a place of the text. */
function characterAt(bytes: Bytes, text: string, at: number): Taken | null {
  const first = text.charCodeAt(at) < 0x80 ? 0 : byteAt(bytes, text, at);
  const more = goesOn(first);
  if (more === 0 || at + more >= text.length) return null;
  const encoded = [first];
  for (let n = 1; n <= more; n++) encoded.push(byteAt(bytes, text, at + n));
  if (!encoded.slice(1).every(isContinued)) return null;
  const buffer = Buffer.from(encoded);
  if (!isUtf8(buffer)) return null;
  const character = buffer.toString("utf8");
  const plain = LETTER.test(text.charAt(at)) && /^\p{L}+$/u.test(text.slice(at + 1, at + 1 + more));
  // Letters beside letters are a word in most character sets; `ÙŠ` is one in none.
  if (!LIKELY.test(character) || (plain && (bytes !== sets[0] || character < "\u00A0"))) {
    return null;
  }
  return { character, length: more + 1 };
}

function recasedAt(bytes: Bytes, text: string, at: number): Taken | null {
  const small = text.charAt(at);
  if (bytes !== sets[0] || !SMALL_FIRST.test(small)) return null;
  const next = text.charAt(at + 1);
  if (next === "" || LETTER.test(next)) return null;
  return characterAt(bytes, `${small.toUpperCase()}${next}`, 0);
}
