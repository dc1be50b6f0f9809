/** Texts that are remembered, and their letters: a few MiB, whatever a source holds. */
const mostTexts = 20_000;
const longest = 60;

/**
 * A function that remembers what it found of short texts: rows are many, the names, statuses and towns in them are few.
 *
 * @param of gives the same for the same text, and never undefined
 */
export function remembered<Found>(of: (text: string) => Found): (text: string) => Found {
  const known = new Map<string, Found>();
  return (text) => {
    if (text.length > longest) return of(text);
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = of(text);
    if (known.size >= mostTexts) known.clear();
    known.set(text, found);
    return found;
  };
}
