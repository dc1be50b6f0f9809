import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";

/**
 * Character sets as which UTF-8 is taken by mistake: Western, Arabic, Central European, Turkish, and the
 * Macintosh's. Control characters C1 stand for their own bytes, as in the old Latin-1.
 */
const MISTAKEN = ["windows-1252", "windows-1256", "windows-1250", "windows-1254", "macintosh"];

/** For each character set, the byte that a character, by its code, was made from. */
const bytesOf: readonly ReadonlyMap<number, number>[] = MISTAKEN.map((label) => {
  const decoder = new TextDecoder(label);
  const bytes = new Map<number, number>();
  for (let byte = 0x80; byte <= 0xff; byte++) {
    const character = decoder.decode(Uint8Array.of(byte));
    if (character !== "\uFFFD") bytes.set(character.charCodeAt(0), byte);
  }
  for (let byte = 0x80; byte <= 0x9f; byte++) if (!bytes.has(byte)) bytes.set(byte, byte);
  return bytes;
});

const BEYOND_ASCII = /[\u0080-\uFFFF]/;

/** Encoding twice happens, three times has been seen. */
const MOST_ROUNDS = 3;

/**
 * The spelling that text had before its UTF-8 was taken for another character set (`Ã‰lise` → `Élise`),
 * or null where it does not decode cleanly as a whole: text that merely looks odd is nobody's damage.
 */
export function beforeMojibake(text: string): string | null {
  let found: string | null = null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const decoded = decodedOnce(found ?? text);
    if (decoded === null) return found;
    found = decoded;
  }
  return found;
}

function decodedOnce(text: string): string | null {
  if (!BEYOND_ASCII.test(text)) return null;
  for (const bytes of bytesOf) {
    if (!looksEncoded(bytes, text)) continue;
    const encoded = Buffer.from(Array.from(text, (_, at) => byteAt(bytes, text, at)));
    if (isUtf8(encoded)) return encoded.toString("utf8");
  }
  return null;
}

/** The byte that stands at a place, 0 where there is none: that is never a part of a character. */
function byteAt(bytes: ReadonlyMap<number, number>, text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x80 ? code : (bytes.get(code) ?? 0);
}

/** Whether every character beyond ASCII begins or goes on with one of UTF-8; few other texts get far. */
function looksEncoded(bytes: ReadonlyMap<number, number>, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) < 0x80) continue;
    const first = byteAt(bytes, text, at);
    if (first < 0xc2 || first > 0xf4) return false;
    const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    for (let n = 0; n < more; n++) {
      const next = byteAt(bytes, text, ++at);
      if (!(next >= 0x80 && next <= 0xbf)) return false;
    }
  }
  return true;
}

const QUESTION = /\?/;
const LETTER = /\p{L}/u;
const SEVERAL = /\?{2}/;

/**
 * Whether letters of a name are lost: U+FFFD, or the `?` that a server writes for what its character set
 * lacks (`Sara ????`, `B?chir`). A single `?` alone is what people leave instead of a name.
 */
export function lettersLost(name: string): boolean {
  if (name.includes("\uFFFD")) return true;
  return QUESTION.test(name) && (LETTER.test(name) || SEVERAL.test(name));
}
