import { saysNothing } from "./phone-field.ts";
import { stripInvisible } from "./text.ts";

/** Why an e-mail is null. That too many rows share an address is decided later, over all rows (D4). */
type EmailProblem = "missing" | "placeholder" | "malformed";

/** A trimmed, lower-cased address, or the reason why there is none. */
type NormalizedEmail =
  | { readonly email: string; readonly reason: null }
  | { readonly email: null; readonly reason: EmailProblem };

/** The dot-atom of RFC 5322, with letters and digits of any script; one class, so linear in time. */
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+$/u;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;
const NUMBER = /^\p{N}+$/u;
/** Letters of two scripts that look like each other: no name is spelt so. */
const LIKE_LATIN =
  "[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Armenian}\\p{Script=Cherokee}\\p{Script=Coptic}\\p{Script=Lisu}]";
const ALIKE = new RegExp(`\\p{Script=Latin}.*${LIKE_LATIN}|${LIKE_LATIN}.*\\p{Script=Latin}`, "u");
/** Most addresses: in them nothing is to be removed, folded or refused, as long as none of their parts is too long. */
const USUAL =
  /^[a-z0-9]+(?:[._+-][a-z0-9]+)*@[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*\.[a-z]{2,}$/;
const LONGEST_LOCAL = 64;
const LONGEST = 254;
const LONGEST_LABEL = 63;

/**
 * Reads an e-mail field (D4, M9): invisible characters removed, NFC, trimmed, lower-cased, compared
 * with the placeholders without case, and checked for the shape of an address. What says that there is none, such as
 * `-`, is missing, as it is of a phone. Nothing is repaired: `mailto:`, angle brackets, two addresses in one field are
 * malformed and kept raw, and so is one that only looks like an address: no mail comes to `info@gmаil.com`, whose
 * а is Cyrillic, nor to full-width letters.
 */
export function normalizeEmail(
  raw: string | null,
  placeholders: readonly string[],
): NormalizedEmail {
  if (raw === null) return { email: null, reason: "missing" };
  if (raw.length <= LONGEST_LABEL && USUAL.test(raw)) {
    return foldedPlaceholders(placeholders).has(raw) ? placeholder : { email: raw, reason: null };
  }
  const email = canonical(raw);
  if (email === "") return { email: null, reason: "missing" };
  if (foldedPlaceholders(placeholders).has(email)) return placeholder;
  if (saysNothing(email)) return { email: null, reason: "missing" };
  if (!isAddress(email)) return { email: null, reason: "malformed" };
  return { email, reason: null };
}

const placeholder = { email: null, reason: "placeholder" } as const;

function canonical(text: string): string {
  return stripInvisible(text).normalize("NFC").trim().toLowerCase();
}

const folded = new WeakMap<readonly string[], ReadonlySet<string>>();

/** A definition's list is folded once, not once a row. */
function foldedPlaceholders(placeholders: readonly string[]): ReadonlySet<string> {
  const known = folded.get(placeholders);
  if (known !== undefined) return known;
  const set = new Set(placeholders.map(canonical));
  folded.set(placeholders, set);
  return set;
}

function isAddress(email: string): boolean {
  if (email.length > LONGEST || email !== email.normalize("NFKC")) return false;
  const at = email.indexOf("@");
  if (at < 1 || at !== email.lastIndexOf("@")) return false;
  const local = email.slice(0, at);
  return (
    local.length <= LONGEST_LOCAL &&
    LOCAL.test(local) &&
    !ALIKE.test(local) &&
    !local.startsWith(".") &&
    !local.endsWith(".") &&
    !local.includes("..") &&
    isDomain(email.slice(at + 1))
  );
}

function isDomain(domain: string): boolean {
  const labels = domain.split(".");
  const top = labels.at(-1) ?? "";
  return (
    labels.length >= 2 &&
    top.length >= 2 &&
    !NUMBER.test(top) &&
    labels.every(
      (label) => label.length <= LONGEST_LABEL && LABEL.test(label) && !ALIKE.test(label),
    )
  );
}
