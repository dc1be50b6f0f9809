import { LETTERS } from "./letters.ts";

/**
 * Masking of personal data (D20), for list pages and the CLI. Exports mask inside the database by
 * `masking-sql.ts`; a test holds the two against each other. What is not of the expected shape is
 * masked whole: a mask never shows more because its input was odd.
 */

/** What stands for something that is there, but of which nothing can be shown. */
export const HIDDEN = "•••";

/** Country codes of two digits (ITU-T E.164); 1 and 7 are the ones of one digit, all others have three. */
export const TWO_DIGIT_COUNTRY_CODES: readonly string[] =
  "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split(
    " ",
  );

/** Initials shown of one name; more would begin to tell a rare name apart. */
export const MOST_INITIALS = 4;

/** A phone number as staging keeps it: E.164 digits, and how many (a counted regex costs PostgreSQL twice the time). */
export const DIGITS = "^[1-9][0-9]*$";
export const PHONE_LENGTH = { least: 8, most: 15 } as const;
/** Words of a name are separated by white space and hyphens, whatever stands around them. */
export const NAME_SEPARATORS = " \\u0009-\\u000d\\u00a0\\u2010\\u2011-";
/** Everything in a name that is neither letter nor separator. */
export const NOT_NAME: string = `[^${LETTERS}${NAME_SEPARATORS}]`;
/** One local part and one domain of letters, digits, dots and hyphens. */
export const EMAIL: string = `^[^@]+@[${LETTERS}0-9.-]+$`;
/** An address whose first character may be shown: a letter or digit, and not the whole local part. */
export const EMAIL_WITH_LETTER: string = `^[${LETTERS}0-9][^@]`;

const digits = new RegExp(DIGITS);
const notName = new RegExp(NOT_NAME, "gu");
const separators = new RegExp(`[${NAME_SEPARATORS}]+`, "u");
const emailShape = new RegExp(EMAIL, "u");
const emailWithLetter = new RegExp(EMAIL_WITH_LETTER, "u");

/** `213559446168` → `213•••••••68`: country code and last two digits, one dot for each hidden digit. */
export function maskPhone(phone: string | null): string {
  if (!phone) return "";
  const { least, most } = PHONE_LENGTH;
  if (!digits.test(phone) || phone.length < least || phone.length > most) return HIDDEN;
  const code = countryCode(phone);
  return code + "•".repeat(phone.length - code.length - 2) + phone.slice(-2);
}

function countryCode(phone: string): string {
  if (phone.startsWith("1") || phone.startsWith("7")) return phone.slice(0, 1);
  return phone.slice(0, TWO_DIGIT_COUNTRY_CODES.includes(phone.slice(0, 2)) ? 2 : 3);
}

/** `karim@example.com` → `k•••@example.com`; of a local part of one letter nothing is shown. */
export function maskEmail(email: string | null): string {
  if (!email) return "";
  if (!emailShape.test(email)) return HIDDEN;
  const first = emailWithLetter.test(email) ? email.slice(0, 1) : "";
  return `${first}${HIDDEN}@${email.slice(email.indexOf("@") + 1)}`;
}

/** `Sara Benali` → `S. B.`, in the order in which the name is kept; at most {@link MOST_INITIALS}. */
export function initials(name: string | null): string {
  if (!name) return "";
  const words = name.normalize("NFC").replace(notName, "").split(separators);
  const letters = words
    .filter((word) => word !== "")
    .slice(0, MOST_INITIALS)
    .map((word) => `${word.slice(0, 1).toUpperCase()}.`);
  return letters.length === 0 ? HIDDEN : letters.join(" ");
}

/** `1987-05-01` → `1987`; anything that is not a date gives nothing. */
export function yearOf(date: string | null): string {
  return /^(\d{4,6})-\d{2}-\d{2}/.exec(date ?? "")?.[1] ?? "";
}
