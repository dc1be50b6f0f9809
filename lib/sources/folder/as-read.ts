/** A column's name as people and databases compare it: without case, and without what cannot be seen. */
export const asRead = (name: string): string =>
  name
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase();

/** Columns that are wanted, each with one of a header that reads like it and is not wanted. */
export function alikeIn(
  header: readonly string[],
  wanted: readonly string[],
): readonly (readonly [wanted: string, other: string])[] {
  const known = new Map(wanted.map((column) => [asRead(column), column]));
  const asked = new Set(wanted);
  return header.flatMap((name) => {
    const column = asked.has(name) ? undefined : known.get(asRead(name));
    return column === undefined ? [] : [[column, name] as const];
  });
}
