import { looksWestern } from "./single-byte.ts";

/**
 * Signs that stand at no letter of a name, but where bytes of one character set were read in another: the
 * upper half of the Western, the Arabic and the Macintosh's, and the boxes of DOS.
 */
const SIGNS =
  "[\\u00A1-\\u00A6\\u00A8\\u00A9\\u00AC\\u00AE\\u00AF\\u00B1-\\u00B3\\u00B6\\u00B8\\u00B9\\u00BC-\\u00BF\\u00D7\\u00F7\\u02C6-\\u02DD\\u2017\\u2020-\\u2022\\u2030\\u20A0-\\u20BF\\u2122\\u2202-\\u22FF\\u2310-\\u2321\\u2500-\\u25FF]";
const SIGN_AT_LETTER = new RegExp(`\\p{L}${SIGNS}|${SIGNS}\\p{L}`, "u");

/** Boxes, which are shown or written for what has no letter. */
const BOX = /[\u2500-\u25A1\u25AF\u25FB-\u25FE]/;

/** Quotes and dots belong around words, not inside one. */
const QUOTE_INSIDE =
  /\p{L}[\u201A\u201E]|(?<!\p{L})\u2026\p{Ll}|(?<![lL])\u00B7\p{L}|\u00B7[\p{L}--[lL]]|\p{L}[\u00AB\u00BB\u201A\u201C-\u201E\u2026\u2039\u203A\u00A7]\p{L}/v;

/** What UTF-8's first byte is read as, where what followed it is gone or a space: `AndrÃ`, `Ù اطمة`, `Ãlise`, `Åukasz`, `Å koda`. */
const FIRST_ALONE =
  /\p{Ll}[\u00C2-\u00C5\u00D0\u00D8\u00D9]|(?<!\p{L})(?:\u00C3|\u00C5[uw]|(?:\p{Lu}\u00C3|[\u00C4\u00C5])[ \u00A0]\p{Ll})|(?<!\p{Lu})\u00C3(?!\p{L})|(?<!\p{L})[\u00C2\u00D8\u00D9](?![\p{L}.])/u;

/** A letter of another script in a word, most of them looking like a Latin one (`Аli`). */
const OTHER =
  "[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Arabic}\\p{Script=Hebrew}\\p{Script=Armenian}\\p{Script=Cherokee}\\p{Script=Coptic}\\p{Script=Lisu}\\p{Script=Thai}\\uFF66-\\uFF9F]";
/** What UTF-8 becomes in character sets of China and Japan: characters between Latin letters (`Fran莽ois`); `Amy陈` is a name. */
const INSIDE_LATIN = "[\\p{Script=Han}\\p{Script=Hangul}\\p{Script=Hiragana}\\p{Script=Katakana}]";
const OTHER_LETTER =
  /[\u0370-\u06FF\u0E01-\u0E5B\u13A0-\u13FF\u2C80-\u2CFF\u3041-\uD7A3\uFF66-\uFF9F]/;
const SCRIPTS_MIXED = new RegExp(
  `\\p{Script=Latin}${INSIDE_LATIN}+\\p{Script=Latin}|[\\p{Script=Latin}--[ªº]]\\p{M}*[${OTHER}&&\\p{L}]|[${OTHER}&&\\p{L}]\\p{M}*[\\p{Script=Latin}--[ªº]]`,
  "v",
);

/** Signs of the keyboard that were put where a letter was, as `Fran*ois`, or that stand for one, as `S@ra`. */
const SIGN_INSIDE = /\p{L}(?:[*#$%^~|{}[\]\\]|@(?!\S+\.\p{L}))+\p{L}/u;

/** The `?` that a server writes for what its character set lacks; one alone is what people leave instead of a name. */
const QUESTION = /\?\?|\?(?=.*\p{L})|\p{L}.*\?/u;

/** Letters of Latin and what stands between words: then no sign can be wrong, and no script be mixed. */
const NO_SIGN = /^[A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02AF\u1E00-\u1EFF\s'’.,()/-]*$/;
const FIRST = /[\u00C2-\u00C5\u00D0\u00D8\u00D9]/;

/** Whether a name shows that letters of it are damaged: `Sara ????`, `Andr©`, `B‚chir`, `ÓÇÑÉ`. */
export const marksDamage = (name: string): boolean =>
  (FIRST.test(name) && FIRST_ALONE.test(name)) ||
  looksWestern(name) ||
  (!NO_SIGN.test(name) &&
    (QUESTION.test(name) ||
      SIGN_AT_LETTER.test(name) ||
      BOX.test(name) ||
      QUOTE_INSIDE.test(name) ||
      (OTHER_LETTER.test(name) && SCRIPTS_MIXED.test(name)) ||
      SIGN_INSIDE.test(name)));
