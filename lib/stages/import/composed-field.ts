import type { Field } from "../../define/definition.ts";
import { piecesOf } from "../../define/pieces.ts";
import { inCapitals, inSmall, textReader } from "../../normalize/free-text.ts";
import { foldName } from "../../normalize/name.ts";
import type { LegacyRow } from "../../sources/source.ts";

type Composed = Extract<Field, { kind: "composed" }>;

/** A text composed of a row's columns; what was left out or is too long is told, and nothing is cut. */
interface ReadComposed {
  readonly value: string | null;
  readonly noted: readonly ("placeholder" | "spoilt" | "too_long")[];
}

/**
 * Makes the function that composes a text of a row's columns, each tidied as texts are, without those that hold nothing.
 *
 * @param at where a column is in the row
 */
export function composedOf(
  {
    of,
    with: between = " ",
    longest = Number.POSITIVE_INFINITY,
    lines,
    lower,
    upper,
    folded,
    placeholders,
  }: Composed,
  at: (column: string) => number,
): (row: LegacyRow) => ReadComposed {
  const tidy = textReader({ lines, placeholders });
  const groups = of.map((text) => group(text, at));
  const written = (made: string): string => {
    if (folded) return foldName(made).replaceAll(" ", folded === true ? " " : folded);
    return lower ? inSmall(made) : upper ? inCapitals(made) : made;
  };
  return (row) => {
    const noted = new Set<ReadComposed["noted"][number]>();
    const read = (index: number): string | null => {
      const { value, reason } = tidy(row[index] ?? null);
      if (reason === "placeholder" || reason === "spoilt") noted.add(reason);
      return value;
    };
    const made = groups.flatMap((make) => make(read) ?? []).join(between);
    const value = written(made);
    if ([...value].length > longest) noted.add("too_long");
    return { value: value === "" ? null : value, noted: [...noted] };
  };
}

/** One of the texts: null where none of its columns holds anything. */
function group(text: string, at: (column: string) => number) {
  const parts: { before: string; index: number; word: string }[] = [];
  let before = "";
  for (const piece of piecesOf(text)) {
    if ("text" in piece) before += piece.text;
    else {
      parts.push({ before, index: at(piece.column), word: piece.word ?? "" });
      before = "";
    }
  }
  const begins = parts[0]?.before ?? "";
  const ends = before;
  return (read: (index: number) => string | null): string | null => {
    const values = parts.map(({ index }) => read(index));
    if (values.every((value) => value === null)) return null;
    const made = parts.reduce((made, { before, word }, place) => {
      const value = values[place] ?? word;
      if (value === "") return made;
      return made === "" ? value : `${made}${before}${value}`;
    }, "");
    return `${begins}${made}${ends}`;
  };
}
