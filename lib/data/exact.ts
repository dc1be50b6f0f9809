/**
 * Ids are 64-bit integers, and a JavaScript number is exact up to 2^53 only. A larger one stays the
 * digits it came as: nobody computes with an id.
 */
export type ExactId = number | string;

/** Whether digits, with a sign or not, are an integer of 64 bits. */
export const isInt64 = (digits: string): boolean =>
  /^-?\d{1,19}$/u.test(digits) && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);

/** Digits, with a sign or not, as a number where that is exact. */
export function exactId(digits: string): ExactId {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

const HOLDS_LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** Parses JSON; integers that a number would round are kept as their digits. */
export function exactJson(text: string): unknown {
  if (!HOLDS_LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

/** `source` is the number's text (a part of ECMAScript that the type library does not know yet). */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  if (!INTEGER.test(source)) return value;
  // What is no 64-bit integer is no id: a large number that PostgreSQL wrote out.
  return BigInt.asIntN(64, BigInt(source)) === BigInt(source) ? source : value;
}
