import type { Field } from "../../define/definition.ts";
import { type Marks, splitAt } from "../../define/marks.ts";
import { textReader } from "../../normalize/free-text.ts";
import { repeatsKey } from "../../normalize/json.ts";
import { cleanText } from "../../normalize/text.ts";
import { wordReader } from "../../normalize/words.ts";
import type { LegacyRow } from "../../sources/source.ts";

/**
 * Makes the function that reads the texts of a list: of several columns the first that has any, tidied, each once unless
 * repeated ones are kept, and in order.
 *
 * @param at where a column is in the row
 */
export function listOf(
  { parts, by, means, repeated, most = Number.POSITIVE_INFINITY }: Extract<Field, { kind: "list" }>,
  at: (column: string) => number,
): (row: LegacyRow) => ListRead {
  const indexes = parts.map(at);
  const tidy = textReader({});
  const meant = means === undefined ? undefined : wordReader(means);
  return (row) => {
    for (const index of indexes) {
      const all = elementsOf(row[index] ?? null, by).map(cleanText);
      const repaired = all.some(({ stripped }) => stripped > 0);
      const tidied = all.map(({ text }) => tidy(text));
      const texts = tidied.flatMap(({ value }) => value ?? []);
      if (texts.length === 0 && !repaired) continue;
      const words = meant === undefined ? texts : texts.flatMap((text) => meant(text).value ?? []);
      const list = repeated === "kept" ? words : [...new Set(words)];
      const unlisted = words.length < texts.length;
      // What a word means somebody has said.
      const spoilt = meant === undefined && tidied.some(({ reason }) => reason === "spoilt");
      return { list: list.slice(0, most), cut: list.length > most, unlisted, spoilt, repaired };
    }
    return { list: [], cut: false, unlisted: false, spoilt: false, repaired: false };
  };
}

/**
 * What a list holds, whether it had more than are taken, whether one was left out that nobody listed, whether one is what
 * a spreadsheet left of a text, and whether JSON's
 * escapes spelled in it what no text holds.
 */
interface ListRead {
  readonly list: readonly string[];
  readonly cut: boolean;
  readonly unlisted: boolean;
  readonly spoilt: boolean;
  readonly repaired: boolean;
}

/**
 * The elements of JSON, or of an array as PostgreSQL writes it; any other text, an object with a key twice among them, is one alone, or parted by something: a
 * word that is parted so, be it `null` or `1.50`, is never JSON.
 */
function elementsOf(raw: string | null, by: Marks | undefined): readonly string[] {
  const text = raw?.trim() ?? "";
  if (raw === null || text === "") return [];
  if (by !== undefined && !/^[[{]/u.test(text)) return raw.split(splitAt(by));
  try {
    return textsOf(parsedAsWritten(text));
  } catch {
    return arrayElements(text) ?? (by === undefined ? [raw] : raw.split(splitAt(by)));
  }
}

/** Whether a text is a list, or nothing: JSON, or an array as PostgreSQL writes it. */
export function isListText(raw: string): boolean {
  // As an import keeps it.
  const text = raw.replaceAll("\0", "\uFFFD").trim();
  if (text === "" || text === "null") return true;
  try {
    return Array.isArray(parsedAsWritten(text)) || text.replaceAll(/\s/gu, "") === "{}";
  } catch {
    return arrayElements(text) !== undefined;
  }
}

/** JSON whose numbers are texts: they keep every digit. Errors: SyntaxError, also where an object has a key twice. */
function parsedAsWritten(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  if (repeatsKey(text)) throw new SyntaxError("A key stands twice.");
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gsu;
  return /\d/u.test(text)
    ? JSON.parse(text.replaceAll(tokens, (token) => (token.startsWith('"') ? token : `"${token}"`)))
    : parsed;
}

function textsOf(value: unknown): readonly string[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object") return [String(value)];
  return Object.entries(value).flatMap(([key, inner]) =>
    textsOf(inner).map((text) => `${key}: ${text}`),
  );
}

/**
 * `{a,"b, c",NULL}`, of several dimensions the elements of each in their order, `{{a,b},{c,d}}`, wherever the first one
 * stands, `[0:1]={a,b}`; undefined for what is none.
 */
function arrayElements(text: string): readonly string[] | undefined {
  const body = text.replace(/^(?:\[-?\d+:-?\d+\])+=(?=\{)/u, "");
  // One that is not closed is all that is left, and behind it no brace is.
  const element = /"((?:[^"\\]|\\.)*)"?|[^"\\{},]+/gsu;
  if (!isArray(body.replaceAll(element, "x"), mostDimensions)) return undefined;
  return [...body.matchAll(element)].flatMap(([whole, quoted]) =>
    quoted !== undefined ? [quoted.replace(/\\(.)/gsu, "$1")] : whole === "NULL" ? [] : [whole],
  );
}

/** PostgreSQL has no arrays of more. */
const mostDimensions = 6;

/** Whether the elements `x` stand as those of an array do: all of them in so many braces. */
function isArray(shape: string, dimensions: number): boolean {
  if (shape === "{}") return true;
  if (dimensions === 0) return false;
  const without = shape.replaceAll(/\{x(?:,x)*\}/gu, "y");
  if (without === shape || without.includes("x")) return false;
  return without === "y" || isArray(without.replaceAll("y", "x"), dimensions - 1);
}
