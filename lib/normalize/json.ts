import { absent, type Normalized, presentText } from "./value.ts";

/** Nesting beyond which a database's own reader may give up. */
const deepest = 64;
/** A number with an exponent of more than three digits, or of very many: no `numeric` holds it. */
const HUGE = /[eE][+-]?0*\d{4,}|\d{500,}/;
const STRING = /"(?:[^"\\]|\\.)*"/gs;

/**
 * JSON that PostgreSQL's `jsonb` takes, as it was written: numbers keep every digit. JSON's `null` is
 * nothing. What parses here and would fail there (a NUL, half a surrogate pair, a number or a nesting
 * beyond all measure) is unreadable: one such row must not stop an import. So is an object with a key that stands twice.
 */
export function normalizeJson(raw: string | null): Normalized<"unreadable"> {
  const text = presentText(raw);
  if (text === null) return absent;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return unreadable;
  }
  if (parsed === null) return absent;
  if (HUGE.test(text.replace(STRING, '""')) || !storable(parsed, 0) || repeatsKey(text))
    return unreadable;
  return { value: text, reason: null };
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}:]/gs;

/** Whether an object in JSON has a key twice: whoever reads it takes the last value, and the others are lost without a word. */
export function repeatsKey(text: string): boolean {
  const within: Set<string>[] = [];
  let before = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{") within.push(new Set());
    else if (token === "}") within.pop();
    else if (token === ":") {
      const key: string = JSON.parse(before);
      const keys = within.at(-1);
      if (keys?.has(key)) return true;
      keys?.add(key);
    } else before = token;
  }
  return false;
}

const unreadable = { value: null, reason: "unreadable" } as const;

function storable(value: unknown, depth: number): boolean {
  if (depth > deepest) return false;
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0");
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(
    ([key, inner]) => storable(key, depth) && storable(inner, depth + 1),
  );
}
