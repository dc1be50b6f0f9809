/**
 * What tells the rows of a table apart: one column that has to hold whole numbers of 64 bits, or a list of
 * columns of any type, be it of one.
 */
export type SourceKey = string | readonly string[];

/** The columns of a key, in order. */
export const keyColumns = (key: SourceKey): readonly string[] =>
  typeof key === "string" ? [key] : key;

/** Whether the key has to be an integer: staging keeps it as one. */
export const isIntegerKey = (key: SourceKey): key is string => typeof key === "string";

/** A key as one text: that of its column, or a JSON list of several. Nothing where a part is absent. */
export function keyText(parts: readonly (string | null | undefined)[]): string | null {
  if (parts.some((part) => part === null || part === undefined)) return null;
  return parts.length === 1 ? (parts[0] as string) : JSON.stringify(parts);
}

/** The parts of a {@link keyText} of so many columns. */
export const keyParts = (text: string, columns: number): readonly string[] =>
  columns === 1 ? [text] : (JSON.parse(text) as string[]);
