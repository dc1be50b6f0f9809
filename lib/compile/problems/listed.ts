/** So many names of a list are said. */
const most = 16;

/**
 * Names for people: all of a few, and of many those that are most like a wrong one, those first, with how many there are
 * besides.
 */
export function listed(names: readonly string[], wrong: string): string {
  if (names.length === 0) return "none";
  if (names.length <= most) return names.join(", ");
  const likest = [...names].sort((one, other) => likeness(other, wrong) - likeness(one, wrong));
  return `${likest.slice(0, most).join(", ")}, and ${names.length - most} more`;
}

/** The share of neighbouring letters that two words have in common, whatever their case. */
function likeness(one: string, other: string): number {
  const [ours, theirs] = [one, other].map((word) => {
    const letters = ` ${word.toLowerCase()} `;
    return new Set([...letters].map((letter, at) => letter + (letters[at + 1] ?? "")));
  }) as [Set<string>, Set<string>];
  const both = [...ours].filter((pair) => theirs.has(pair)).length;
  return (2 * both) / (ours.size + theirs.size);
}
