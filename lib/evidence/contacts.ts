import { WITHHELD } from "../services/words.ts";

/** From the last letter before its sign on: looked for from each letter on, a long text would take minutes. */
const email = /[^\s@<>(),;:"]\s?@\s?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u;
/** Digits in groups, as people write numbers: neither part of a word or reference, nor a date. */
const number =
  /(?<![\p{L}\p{N}-])(?:\+|\(\+?)?\p{Nd}(?:[ \u00a0()./-]{0,2}\p{Nd}){6,16}(?![\p{L}\p{N}-])/gu;
const date = /^\p{Nd}{4}[-./]\p{Nd}{2}[-./]\p{Nd}{2}$|^\p{Nd}{2}[-./]\p{Nd}{2}[-./]\p{Nd}{4}$/u;

/**
 * A moment with its time, as `2026-11-27 05:01:09`, the account that stands in an ARN, a machine's address, the number of
 * a row of a further kind of things, a file of a database's, and who connects in the address of one: nobody's.
 */
const moments =
  /(?<![\p{L}\p{N}-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?![\p{N}-])/gu;
const accounts = /(?<=\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:)\d{12}(?=:)/gu;
const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const machines = new RegExp(
  String.raw`(?<![\p{L}\p{N}.+-])(?:${octet}\.){3}${octet}(?![\p{L}\p{N}-]|\.\d)`,
  "gu",
);
const numbered = /(?<=\brows? )[1-9]\d?0{4}\d{8}(?![\p{L}\p{N}-])/giu;
/** As PostgreSQL names one where the disk is full or fails: `file "base/16384/17002"`. */
const filesOfDatabase =
  /(?<=\bfile ")(?:base|pg_tblspc\/\d{1,10}\/PG_\d+_\d+)\/\d{1,10}\/\d{1,10}(?:_[a-z]+)?(?:\.\d+)?(?=")/gu;
const connects = /\b[a-z]+:\/\/[^\s@/]*@/gu;
const nobodys = [moments, accounts, machines, numbered, connects, filesOfDatabase];

/**
 * A text as whoever reads it takes it: figures and signs of every width, blanks, hyphens and dots as the plain ones, and
 * nothing that is not seen. Numbers are set with narrow blanks and hyphens of their own where people write them well.
 */
const asRead = (text: string): string =>
  plain.test(text)
    ? text
    : text
        .normalize("NFKC")
        .replace(/[\p{DI}\p{Cf}\p{Mn}]/gu, "")
        .replace(/[\p{Zs}\u2800]/gu, " ")
        .replace(/[\p{Pd}\u2212]/gu, "-")
        .replaceAll("。", ".");
// biome-ignore lint/suspicious/noControlCharactersInRegex: letters of ASCII are what it looks for.
const plain = /^[\u0000-\u007f]*$/u;

/** An e-mail address or a phone number in a text, in words; undefined for none. */
export function contactIn(text: string): string | undefined {
  const others = nobodys.reduce((left, each) => left.replaceAll(each, "·"), asRead(text));
  if (email.test(others)) return "an e-mail address";
  const phone = [...others.matchAll(number)].some(([digits]) => {
    const bare = digits.replaceAll(/[^\p{Nd}+]/gu, "");
    const long = bare.replace("+", "").length;
    return !date.test(digits) && (long >= 9 || (long >= 8 && /^[+0٠]/.test(bare)));
  });
  return phone ? "a phone number" : undefined;
}

/** Characters of what is said of an error: a run, its history and a mail hold no more of it. */
const longestSaid = 5_000;
/** Of these so many stand at the end, which says what was written and what helps. */
const endOfSaid = 1_000;

/**
 * What is said of an error wherever it is kept or shown (W14, D20): on pages, in mails, exports and logs. A sentence
 * that holds a contact may be about a person in more than that, and is withheld as a whole; the name of the error stays.
 * Of what is as long as a platform has tables the middle is left out.
 */
export function sayable<Said extends { readonly error: string; readonly message: string }>(
  said: Said,
): Said {
  const error = contactIn(said.error) === undefined ? said.error : "Error";
  if (error !== said.error || contactIn(said.message) !== undefined)
    return { ...said, error, message: `${error}. ${WITHHELD}` };
  const { message } = said;
  if (message.length <= longestSaid) return said;
  const [begins, ends] = [message.slice(0, longestSaid - endOfSaid), message.slice(-endOfSaid)];
  return { ...said, message: `${begins} … ${ends}`.toWellFormed() };
}

/** Bytes of what one of many errors says that are handed on together, and how many of them are its end. */
const fewWords = { most: 700, end: 250 };

/** An error whose words are few enough that two hundred like it pass between two states, with as much room beside them. */
export function inFewWords(error: unknown): unknown {
  if (!(error instanceof Error) || Buffer.byteLength(error.message) <= fewWords.most) return error;
  // Looked at as a whole: half of an address is none.
  const said = Buffer.from(sayable({ error: error.name, message: error.message }).message);
  if (said.length > fewWords.most) {
    const begins = said.subarray(0, fewWords.most - fewWords.end);
    error.message = `${begins} … ${said.subarray(-fewWords.end)}`.replaceAll("\u{fffd}", "");
  } else error.message = `${said}`;
  return error;
}
