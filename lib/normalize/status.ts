import { asItLooks } from "./look-alikes.ts";
import { foldName } from "./name.ts";
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

/** The listed word closest to an unlisted one, and the number of edits between them as people read them. */
export interface Nearest {
  readonly word: string;
  readonly distance: number;
}

/**
 * The candidate with the fewest edits (insert, delete, replace, swap of neighbours) from `text`, for the
 * suggestion that a dry run shows (D2); null where none is near. Case, accents, and letters of another
 * script that look alike count for nothing; up to a quarter of the letters may differ, as otherwise what
 * is the least far would be proposed for a word that has nothing to do with it. The first of equals wins.
 */
export function nearest(text: string, candidates: readonly string[]): Nearest | null {
  const from = asRead(text);
  let best: (Nearest & { readonly plain: number }) | null = null;
  for (const word of candidates) {
    const to = asRead(word);
    const distance = edits(from, to);
    if (distance > Math.max(1, Math.floor(Math.max(from.length, to.length) / 4))) continue;
    // Of several spellings of one word the one that is written more alike.
    const plain = edits([...collapse(text)], [...collapse(word)]);
    const nearer = best && (distance - best.distance || plain - best.plain);
    if (nearer === null || nearer < 0) best = { word, distance, plain };
  }
  return best === null ? null : { word: best.word, distance: best.distance };
}

const asRead = (text: string): string[] => [...foldName(asItLooks(text))];

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
