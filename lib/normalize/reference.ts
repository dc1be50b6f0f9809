import { stripInvisible } from "./text.ts";

/** An id of the legacy system, exact and in its shortest form, or why there is none. */
type NormalizedReference =
  | { readonly id: string; readonly reason: null }
  | { readonly id: null; readonly reason: "missing" | "unreadable" };

const USUAL = /^[1-9]\d{0,17}$/;
/** A whole number, also as a decimal column or a spreadsheet writes it: `7.0`, `+7`, `007`. */
const WHOLE = /^([+-]?)0*(\d+)(?:\.0*)?$/;

/** A thousand to some, and one to others: three zeros behind a dot that may separate thousands. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2}\.000$/;

const missing: NormalizedReference = { id: null, reason: "missing" };
const unreadable: NormalizedReference = { id: null, reason: "unreadable" };

/**
 * Reads a field that names another row (D33). Empty, `NULL` and 0 name none; a whole number written as a
 * decimal is that number, but `1.000`, which may be a thousand, is unreadable; so is everything else, `1,2` or `F1`: never absent. Ids are those of
 * a signed 64-bit integer: text, as a JavaScript number is not exact beyond 2^53.
 */
export function normalizeReference(raw: string | null): NormalizedReference {
  if (raw === null) return missing;
  if (USUAL.test(raw)) return { id: raw, reason: null };
  const text = stripInvisible(raw).trim();
  if (text === "" || text.toUpperCase() === "NULL") return missing;
  const [, sign, digits] = WHOLE.exec(text) ?? [];
  if (digits === undefined || digits.length > 19 || AMBIGUOUS.test(text)) return unreadable;
  const id = sign === "-" ? -BigInt(digits) : BigInt(digits);
  if (id === 0n) return missing;
  return BigInt.asIntN(64, id) === id ? { id: String(id), reason: null } : unreadable;
}
