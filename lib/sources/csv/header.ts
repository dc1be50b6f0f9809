import { SourceSchemaMismatch } from "../errors.ts";
import { readRecords } from "./records.ts";

/** The columns' names as a record has them: blanks around one are none of it. */
export const namesOf = (fields: readonly (string | null)[]): string[] =>
  fields.map((name) => (name ?? "").trim());

/** Lines below the first in which a header is looked for. */
const mostAbove = 20;

/** The line in which all of some columns are named, where it is not the first but stands near it: above it is a title. */
export async function headerBelow(
  path: string,
  columns: readonly string[],
): Promise<number | undefined> {
  let looked = 0;
  for await (const { fields, line } of readRecords(path)) {
    const names = new Set(namesOf(fields));
    if (looked > 0 && columns.every((column) => names.has(column))) return line;
    looked += 1;
    if (looked > mostAbove) return undefined;
  }
  return undefined;
}

/** Where a column is in a header, -1 where it is not. Errors: `SourceSchemaMismatch` where it has no name, and is not the only one. */
export function placeOf(file: string, header: readonly string[], column: string): number {
  const at = header.indexOf(column);
  const nameless = header.flatMap((name, place) => (name === "" ? [place + 1] : []));
  if (column !== "" || nameless.length < 2) return at;
  throw new SourceSchemaMismatch(
    `${file} has ${nameless.length} columns without a name in its header row, number ${nameless.slice(0, 5).join(", ")}${nameless.length > 5 ? " and further" : ""}; nothing was read. ` +
      "Which of them is meant nobody can tell: give each that is needed a name, and leave the others out of the definition.",
  );
}

/** Columns that a definition can read, and what of a file it cannot; `sample` are its first rows. */
export function nameable(
  file: string,
  header: readonly string[],
  sample: readonly (readonly (string | null)[])[],
): { readonly at: readonly number[]; readonly unnamed?: string } {
  const holds = (at: number) => sample.some((row) => (row[at] ?? "").trim() !== "");
  const nameless = header.flatMap((name, at) => (name === "" ? [at] : []));
  const at = header.flatMap((name, place) => (name === "" ? [] : [place]));
  const held = nameless.filter(holds);
  // A single one that holds something is found by having no name.
  if (nameless.length === 1 && held.length === 1) return { at: header.map((_, place) => place) };
  if (held.length === 0) return { at };
  const title = sample.slice(0, mostAbove).findIndex((row) => isHeader(row, header));
  const places = held.slice(0, 5).map((place) => place + 1);
  const more = held.length > places.length ? " and further" : "";
  return {
    at,
    unnamed:
      `In “${file}” what stands in column ${places.join(", ")}${more} has no name in the first line, and is not read. ` +
      (title === -1
        ? "Give each that is needed a name."
        : `Its columns seem to be named in record ${title + 2}: take away what stands above it, and begin again.`),
  };
}

/** Whether a row names all columns of which most have no name. */
function isHeader(row: readonly (string | null)[], header: readonly string[]): boolean {
  const names = namesOf(row).filter((name) => name !== "");
  const named = header.filter((name) => name !== "").length;
  return named * 2 < header.length && new Set(names).size === header.length;
}
