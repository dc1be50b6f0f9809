import { TextDecoder } from "node:util";

/** The upper half of the character sets of DOS, which no decoder of the platform knows. */
const DOS: Readonly<Record<string, string>> = {
  cp850:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00AD±‗¾¶§÷¸°¨·¹³²■\u00A0",
  cp437:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0",
};

/** A character of each byte from 0x80, U+FFFD where there is none. */
function upperHalf(set: string): readonly string[] {
  const dos = DOS[set];
  const decoder = dos === undefined ? new TextDecoder(set) : null;
  return Array.from({ length: 0x80 }, (_, at) =>
    decoder === null ? (dos as string).charAt(at) : decoder.decode(Uint8Array.of(0x80 + at)),
  );
}

/** For each character of a set beyond ASCII, by its code, the byte that it was made from. */
export type Bytes = ReadonlyMap<number, number>;

/** Control characters C1 stand for their own bytes, as in the old Latin-1, where a set has nothing there. */
export function bytesOf(set: string): Bytes {
  const bytes = new Map<number, number>();
  for (const [at, character] of upperHalf(set).entries()) {
    if (character !== "\uFFFD") bytes.set(character.charCodeAt(0), 0x80 + at);
  }
  for (let byte = 0x80; byte <= 0x9f; byte++) if (!bytes.has(byte)) bytes.set(byte, byte);
  return bytes;
}

/** What each character of one set is in another: the same byte. */
export function readAs(seen: string, meant: string): ReadonlyMap<string, string> {
  const characters = upperHalf(meant);
  return new Map(
    [...bytesOf(seen)].map(([code, byte]) => [
      String.fromCharCode(code),
      characters[byte - 0x80] as string,
    ]),
  );
}
