import { asItLooks } from "./look-alikes.ts";
import { foldName } from "./name.ts";
import { remembered } from "./remembered.ts";
import { collapse } from "./text.ts";

/**
 * A status as it is compared: NFC, trimmed, white space collapsed; nothing else, so that an
 * unlisted spelling stays unlisted and a person decides about it (D2). Empty is null.
 */
export const normalizeStatus = (raw: string | null): string | null =>
  raw === null ? null : compared(raw);

const compared = remembered((raw: string): string | null => {
  const status = collapse(raw);
  return status === "" ? null : status;
});

/** The listed word closest to an unlisted one, and the number of edits between them as people read them. */
export interface Nearest {
  readonly word: string;
  readonly distance: number;
}

/**
 * The candidate with the fewest edits (insert, delete, replace, swap of neighbours) from `text`, for the
 * suggestion that a dry run shows (D2); null where none is near. Case, accents, and letters of another
 * script that look alike count for nothing; up to a quarter of the letters may differ, as otherwise what
 * is the least far would be proposed for a word that has nothing to do with it. What a prefix or another vowel
 * makes of a word is another one, often the opposite (`Déconfirmer`, `Infirmer`, `Fermée`): never proposed. The
 * first of equals wins.
 */
export function nearest(text: string, candidates: readonly string[]): Nearest | null {
  const from = asRead(text);
  let best: (Nearest & { readonly plain: number }) | null = null;
  for (const word of candidates) {
    const to = asRead(word);
    const distance = edits(from, to);
    if (distance > Math.max(1, Math.floor(Math.max(from.length, to.length) / 4))) continue;
    if (distance > 0 && isAnotherWord(from.join(""), to.join(""))) continue;
    // Of several spellings of one word the one that is written more alike.
    const plain = edits([...collapse(text)], [...collapse(word)]);
    const nearer = best && (distance - best.distance || plain - best.plain);
    if (nearer === null || nearer < 0) best = { word, distance, plain };
  }
  return best === null ? null : { word: best.word, distance: best.distance };
}

const NEGATION =
  /^(?:de|des|dis|in|im|ir|il|non|no|un|mal|mes|re|pre|sur|sous|ne|anti|contre|غير|لا|لم) ?$/;
const VOWELS = /[aeiouy]/g;

/** Whether one word is the other behind a prefix, or with other vowels, and not with letters in another order. */
function isAnotherWord(one: string, other: string): boolean {
  for (const [long, short] of [
    [one, other],
    [other, one],
  ] as const) {
    for (let at = 1; at < long.length - 2; at++) {
      if (NEGATION.test(long.slice(0, at)) && isNearlyThe(long.slice(at), short)) return true;
    }
  }
  if (hasOtherPrefix(one, other)) return true;
  const sorted = (word: string) => [...word].sort().join("");
  const [left, right] = [one.replace(ENDING, ""), other.replace(ENDING, "")];
  return (
    left.length === right.length &&
    left !== right &&
    left.replace(VOWELS, "") === right.replace(VOWELS, "") &&
    sorted(left) !== sorted(right)
  );
}
/** Endings of one verb: `Informer`, `informé`, `informées`. */
const ENDING = /(?:er|ez|ees?|es?)$/;

/** Whether only the beginnings differ, and they by more than a mistake behind the first letter: `infirmer` and `confirmer`, `déporter` and `reporter`. */
function hasOtherPrefix(one: string, other: string): boolean {
  let same = 0;
  while (same < Math.min(one.length, other.length) && one.at(-1 - same) === other.at(-1 - same))
    same++;
  const begins = [one, other].map((word) => [...word.slice(0, word.length - same)]);
  const [left = [], right = []] = begins;
  if (same > 3 && left.length === 1 && right.length === 1) return true;
  return same > 3 && edits(left, right) > 1;
}

const isNearlyThe = (rest: string, word: string): boolean =>
  edits([...rest.trim()], [...word]) <= 1 && rest.length < word.length + 2;

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
