/** A small mistake made in the code on purpose: some text of a file, from and up to an offset, replaced by another. */
export interface Mutant {
  /** Path from the project's folder. */
  readonly file: string;
  readonly from: number;
  readonly upTo: number;
  readonly replacement: string;
  /** What kind of mistake it is, e.g. `EqualityOperator` or `sql: a condition dropped`. */
  readonly kind: string;
}

/** The file with the mistake. */
export const mutated = (content: string, { from, upTo, replacement }: Mutant): string =>
  content.slice(0, from) + replacement + content.slice(upTo);

/** `lib/data/sql.ts:12 EqualityOperator: a === b → a !== b`, each side on one line. */
export function says(content: string, mutant: Mutant): string {
  const { file, from, upTo, replacement, kind } = mutant;
  const line = content.slice(0, from).split("\n").length;
  const short = (text: string) => {
    const flat = text.replace(/\s+/g, " ").trim();
    return flat.length > 70 ? `${flat.slice(0, 69)}…` : flat;
  };
  return `${file}:${line} ${kind}: ${short(content.slice(from, upTo))} → ${short(replacement) || "nothing"}`;
}
