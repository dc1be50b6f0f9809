import { stripInvisible } from "./text.ts";

const FOREIGN_DIGIT = /[\u0660-\u0669\u06F0-\u06F9\uFF10-\uFF19]/g;
const FULL_WIDTH = /[\uFF01-\uFF0F\uFF1A-\uFF20]/g;
const DASH = /[\u2010-\u2015\u2212\uFE63]/g;

/**
 * A phone field in ASCII: Arabic-Indic, Persian and full-width digits and signs become plain ones,
 * every dash `-`, every white space a space, invisible characters go (D3).
 */
export function asciiDigits(raw: string): string {
  return stripInvisible(raw)
    .replace(FOREIGN_DIGIT, (digit) => {
      const code = digit.charCodeAt(0);
      const zero = code >= 0xff10 ? 0xff10 : code >= 0x06f0 ? 0x06f0 : 0x0660;
      return String(code - zero);
    })
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(DASH, "-")
    .replace(/[\s\u066B\u066C]+/g, " ")
    .trim();
}
