import { createHash } from "node:crypto";
import { isSpoilt } from "./spoilt.ts";

/** A key as it is staged, or why a row has none of its own. */
type NormalizedKey =
  | { readonly id: string; readonly reason: null | "unfit" }
  | { readonly id: null; readonly reason: "absent" };

/** Characters of a key that an index of staging holds whatever they are. */
const longest = 500;

/**
 * Keeps a key to the letter: no two of them become one, and nothing is trimmed or folded. An empty one is
 * absent. What a text cannot hold, or an index, is staged as its digest, and unfit.
 */
export function normalizeKey(text: string | null): NormalizedKey {
  if (text === null || text === "") return { id: null, reason: "absent" };
  if (text.length <= longest && !text.includes("\0") && text.isWellFormed()) {
    return { id: text, reason: null };
  }
  return { id: digestOfKey(text), reason: "unfit" };
}

/** Whether a part of a key is what a spreadsheet left of it: exported anew the row would have another key, and be written twice. */
export const isSpoiltKey = (parts: readonly (string | null | undefined)[]): boolean =>
  parts.some((part) => isSpoilt(part?.trim() ?? ""));

/** What is kept of a key before it is staged under the database's secret: the same for the same key. */
export const digestOfKey = (text: string): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`;

/**
 * Reads a field that names another row by a text. Empty and `NULL` name none; everything else is taken
 * to the letter, as the key is: what names nothing that is there is nobody's, never somebody else's.
 */
export function normalizeTextReference(
  raw: string | null,
):
  | { readonly id: string; readonly reason: null }
  | { readonly id: null; readonly reason: "missing" | "unreadable" } {
  if (raw === null || raw.trim() === "" || raw.trim().toUpperCase() === "NULL") {
    return { id: null, reason: "missing" };
  }
  const { id, reason } = normalizeKey(raw);
  return id === null || reason === "unfit"
    ? { id: null, reason: "unreadable" }
    : { id, reason: null };
}
