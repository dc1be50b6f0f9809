import { type Field, type Guessed, quote } from "../guess.ts";
import type { TargetColumn } from "../target.ts";

/** What else may be said of a field that is written into a column, by what both sides look like; nobody says it but a person. */
export function offered(field: Field, to: TargetColumn, main: Guessed): string {
  const from = main.guesses.find((guess) => guess.field === field.field)?.column;
  const at = from === undefined ? -1 : main.columns.indexOf(from);
  if (at < 0) return "";
  const values = main.sample.map((row) => row[at]?.trim() ?? "");
  const said: string[] = [];
  // A list without elements is written as one, and no row is held for it.
  const isHeld =
    values.some((value) => isNone.test(value)) &&
    field.kind !== "list" &&
    !(field.kind === "boolean" && field.code.endsWith('no: [""] })'));
  if (to.notNull && to.filled && !to.made && isHeld)
    said.push(
      `; it is missing in some rows, which are held; orDefault(${quote(field.field)}) is the platform's own default there`,
    );
  const [, scale] = /^numeric\(\d+,(\d+)\)$/u.exec(to.type) ?? [];
  const digits = Math.max(...values.map((value) => /[.,](\d+)\D*$/u.exec(value)?.[1]?.length ?? 0));
  if (scale !== undefined && field.code.startsWith("decimal(") && digits > Number(scale))
    said.push(
      `; some have more digits behind the point than the ${scale} that are kept, and are held; places: ${scale} rounds them`,
    );
  return said.join("");
}

const isNone = /^(0000-00-00.*)?$/u;
