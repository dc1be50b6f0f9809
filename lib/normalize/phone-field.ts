import { asciiDigits } from "./digits.ts";
import { withoutEntities } from "./escapes.ts";

/** A phone field in ASCII, with `;` between what stands apart and `/` between what may be one number. */
interface PhoneField {
  readonly text: string;
  /** It holds a date, an address, or a number that is called something else: `CCP 21634512 clé 45`. */
  readonly other: boolean;
}

const day = "(?:0?[1-9]|[12]\\d|3[01])";
const month = "(?:0?[1-9]|1[0-2])";
const year = "(?:19|20)\\d{2}";
const time = "(?:[ T]+\\d{1,2}:\\d{2}(?::\\d{2})?(?:\\.\\d+)?Z?)?";
/** A date with its year in full, whichever comes first, and its time. */
const DATE = new RegExp(
  `(?<!\\d[-/. ]?)(?:${year}([-/. ])${month}\\1${day}|${day}([-/. ])${month}\\2${year}|${month}([-/. ])${day}\\3${year})(?!\\d|[-/.]\\d)${time}`,
  "g",
);
/** One with two digits of a year only where it is all there is. */
const SHORT_DATE = new RegExp(`^${day}([-/. ])${month}\\1\\d{2}$`);
const ADDRESS = /\S+@\S+/g;

/** What numbers are called that are no phone's: what stands behind such a word is its own. */
const OTHER_NUMBER =
  /(?<!\p{L})(?:c\.?c\.?p|rip|rib|iban|cl[eé]|compte|prix|montant|tarif|total|somme|solde|frais|avance|vers[eé]|pay[eé]|reste|matricule|mat|nin|c\.?n\.?i|c\.?i\.?n|nss|n[ée]e?(?: le)?|naissance|date|ann[ée]e|passeport|permis|dossier|facture|re[cç]u|r[eé]f(?:[eé]rence)?|code|cp|salle|groupe|[aâ]ge|id|حساب|تاريخ|سعر|مبلغ|رمز)(?![\p{L}\p{M}])[^\p{L}]*/giu;
/** And what stands behind an amount. */
const AMOUNT = /\d[\d.,]*\s*(?:da|dzd|dinars?|euros?|eur|usd|€|\$|%|دج|دينار)(?![\p{L}\p{N}])/giu;

const TAG = /<\/?[a-z][^<>]{0,80}>/gi;
const HARD = /[;&#{}[\]\u061B\u2192]/g;
const SOFT = /[,|\\\u2044\u2215\u29F8\u3001\u060C\u2022\u00A6\u2016\u2225]/g;
/** Marks inside one number, where others have a dot. */
const INSIDE = /(?<=\d)\s*[:·‧∙_~*]+\s*(?=\d)/g;
/** An extension as it is written in America: `212 555 0123 x45`. */
const EXTENSION = /(?<=\d)\s+x\s?(?=\d{1,5}$)/i;
/** A whole number as a spreadsheet exports it: `559446203.0`. */
const FRACTION = /^(\+?\d{8,})\.0+$/;
const IN_PARENTHESES = /\(([^()]*)\)/g;
const WORD_BETWEEN_DIGITS = /(?<=\d)\s*(?:ou|or|et|and|و|أو)\s*(?=[\d+])/giu;
/** No calling code begins with 0: such a plus only joins two numbers. */
const PLUS_JOINS = /(?<=\d)\s*\+(?=0)/g;
const PLUS_AFTER_DIGIT = /(?<=\d)\s*\+/g;
/** Which number it is: `T1:`, `Tel 2 =`, `2)`. */
const COUNTED =
  /(?<![\p{L}\p{N}])(?:\p{L}[\p{L}.]*\s?)?[1-9]\s*[:=)]\s*(?=[+(]?\d{2})|(?<![\p{L}\p{N}])\p{L}[\p{L}.]*\s?[1-9]\s+(?=[+(]?0\d)/gu;
/** Labels such as `Tél:` or `(père)`: words that touch no digit. */
const LABEL = /(?<![\p{L}\p{N}+])\p{L}[\p{L}\p{M}.'°º]*(?![\p{L}\p{N}])\s*:?/gu;
/** What touches one is a label if it is no mistyped digit (`O559`, `44l`). */
const TOUCHING = /n[°º]|\p{L}[\p{L}\p{M}]+/giu;
const MISTYPED = /^[oilsbzgq]+$/i;

/** Takes a phone field apart: what is no number by its own words goes, signs become marks between pieces. */
export function phoneField(raw: string): PhoneField {
  let other = false;
  const drop = () => {
    other = true;
    return ";";
  };
  const dated = asciiDigits(raw.includes("&") ? withoutEntities(raw) : raw)
    .replace(FRACTION, "$1")
    .replace(SHORT_DATE, drop)
    .replace(DATE, drop);
  // Most fields of several numbers hold nothing else, and what follows finds nothing in them.
  const digits = ONLY_DIGITS.test(dated) ? dated.replace(SOFT, "/") : withoutWords(dated, drop);
  const text = digits.replace(PLUS_JOINS, ";").replace(PLUS_AFTER_DIGIT, ";+");
  return { text, other };
}

const ONLY_DIGITS = /^[0-9 +./,;-]*$/;

const withoutWords = (text: string, drop: () => string): string =>
  text
    .replace(ADDRESS, drop)
    .replace(OTHER_NUMBER, (found) => (/\d/.test(found) ? drop() : ";"))
    .replace(AMOUNT, drop)
    .replace(EXTENSION, ";")
    .replace(TAG, ";")
    .replace(HARD, ";")
    .replace(SOFT, "/")
    .replace(IN_PARENTHESES, (whole, inside: string) =>
      inside.replace(/\D/g, "").length < 8 ? whole : `;${inside};`,
    )
    .replace(COUNTED, ";")
    .replace(INSIDE, ".")
    .replace(WORD_BETWEEN_DIGITS, ";")
    .replace(LABEL, ";")
    .replace(TOUCHING, (word) => (MISTYPED.test(word) ? word : ";"));

/** What people leave where they know no number; more question marks than one are what a server wrote for digits. */
const NOTHING_LEFT = /^(?!.*\?.*\?)[?\s/\\.,;:_'"’“”«»()[\]{}<>=+~^`´|·–—…،؛-]*$|^\*{1,3}$/s;
const NOTHING = new Set([
  ...["n/a", "na", "n.a", "n.a.", "n/d", "nd", "n.d", "n.d.", "n/c", "nc", "n.c", "n.c."],
  ...["neant", "néant", "aucun", "aucune", "rien", "x", "xx", "xxx", "none"],
  // What programs write where there is nothing.
  ...["null", "(null)", "<null>", "[null]", "\\n", "nil", "nan", "nat", "undefined"],
]);

/** Whether a field without a digit says that there is nothing; anything else is something that cannot be read (D33). */
export const saysNothing = (text: string): boolean =>
  NOTHING_LEFT.test(text) || NOTHING.has(text.toLowerCase());
