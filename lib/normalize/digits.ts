import { stripInvisible } from "./text.ts";

const FOREIGN_DIGIT = /[\p{Nd}--[0-9]]/gv;
const DIGIT = /\p{Nd}/u;
const FULL_WIDTH = /[\uFF01-\uFF0F\uFF1A-\uFF20]/g;
const DASH = /[\u2010-\u2015\u2212\uFE58\uFE63]/g;
/** ASCII, with single spaces in it and none around it. */
const PLAIN = /^(?:[\x21-\x7E]+(?: [\x21-\x7E]+)*)?$/;

/**
 * A field in ASCII: digits of every script become plain ones by their value, full-width signs plain ones,
 * every dash `-`, every white space a space, invisible characters go (D3). What only looks like a digit, `²`
 * or `①`, stays what it is.
 */
export function asciiDigits(raw: string): string {
  if (PLAIN.test(raw)) return raw;
  return stripInvisible(raw)
    .replace(FOREIGN_DIGIT, inAscii)
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(DASH, "-")
    .replace(/[\s\u066B\u066C]+/g, " ")
    .trim();
}

/** Unicode keeps the digits of a script together, from 0 to 9; of the mathematical ones several sets in a row. */
function inAscii(digit: string): string {
  const code = digit.codePointAt(0) as number;
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
