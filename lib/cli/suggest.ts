/**
 * The candidate a mistyped word most likely meant, or undefined when none is near: at most two
 * edits away (one for short words), or the only one that begins with what was typed.
 */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const word = typed.toLowerCase();
  const allowed = word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 5));
  const near = candidates
    .map((candidate) => ({ candidate, edits: distance(word, candidate.toLowerCase()) }))
    .sort((left, right) => left.edits - right.edits)[0];
  if (near !== undefined && near.edits <= allowed) return near.candidate;
  const begun = candidates.filter((candidate) => candidate.toLowerCase().startsWith(word));
  return word.length > 0 && begun.length === 1 ? begun[0] : undefined;
}

/** ` Did you mean “x”?`, or nothing. */
export function didYouMean(typed: string, candidates: readonly string[]): string {
  const candidate = nearest(typed, candidates);
  return candidate === undefined ? "" : ` Did you mean “${candidate}”?`;
}

/** Edits between two words: inserted, removed, replaced or swapped characters. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      let edits = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (same ? 0 : 1),
      );
      const swapped =
        i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      if (swapped) edits = Math.min(edits, (before[j - 2] as number) + 1);
      next.push(edits);
    }
    before = row;
    row = next;
  }
  return row[right.length] as number;
}
