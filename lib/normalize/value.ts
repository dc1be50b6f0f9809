import { stripInvisible } from "./text.ts";

/** What a field was made into, or why there is nothing; what cannot be read is never absent. */
export type Normalized<Reason extends string> =
  | { readonly value: string; readonly reason: null }
  | { readonly value: null; readonly reason: Reason | "missing" };

export const absent = { value: null, reason: "missing" } as const;

/** A field's text without what cannot be seen, trimmed; null for nothing and for `NULL`. */
export function presentText(raw: string | null): string | null {
  if (raw === null) return null;
  const text = stripInvisible(raw).trim();
  return text === "" || text.toUpperCase() === "NULL" ? null : text;
}
