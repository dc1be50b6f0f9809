import { collapse } from "./text.ts";

/**
 * A status as it is compared: NFC, trimmed, white space collapsed; nothing else, so that an
 * unlisted spelling stays unlisted and a person decides about it (D2). Empty is null.
 */
export function normalizeStatus(raw: string | null): string | null {
  if (raw === null) return null;
  const status = collapse(raw);
  return status === "" ? null : status;
}

/** The listed word closest to an unlisted one, and the number of edits between them. */
export interface Nearest {
  readonly word: string;
  readonly distance: number;
}

/**
 * The candidate with the fewest edits (insert, delete, replace, swap of neighbours) from `text`,
 * for the suggestion that a dry run shows (D2). The first of equals wins; null without candidates.
 */
export function nearest(text: string, candidates: readonly string[]): Nearest | null {
  const from = [...collapse(text)];
  let best: Nearest | null = null;
  for (const word of candidates) {
    const distance = edits(from, [...collapse(word)]);
    if (best === null || distance < best.distance) best = { word, distance };
  }
  return best;
}

/** Optimal string alignment distance over code points. */
function edits(a: readonly string[], b: readonly string[]): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
