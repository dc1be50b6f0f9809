import { keyParts } from "../define/keys.ts";
import type { KeyRange, LegacyRow } from "./source.ts";

/** A column of a key as a server compares it: always the same, whatever the column's own collation is. */
export interface KeyPart {
  /** The column, quoted. */
  readonly column: string;
  readonly nullable: boolean;
  /** Its text, as staging keeps it. */
  readonly text: string;
  /** What rows are ordered by: the column where it is a number, else the bytes of its text. */
  readonly order: string;
  /** A value as a literal that `order` compares with. */
  literal(value: string): string;
}

/**
 * The rows of a range, as a condition that begins with `where`, or nothing. Rows without a whole key
 * belong to the first range.
 */
export function whereSorted(
  parts: readonly KeyPart[],
  { after, upTo }: Pick<KeyRange, "after" | "upTo">,
): string {
  if (after === null && upTo === null) return "";
  const bounds = [
    ...parts.filter(({ nullable }) => nullable).map(({ column }) => `${column} is not null`),
    ...(after === null ? [] : [beyond(parts, keyParts(after, parts.length), ">", ">")]),
    ...(upTo === null ? [] : [beyond(parts, keyParts(upTo, parts.length), "<", "<=")]),
  ].join(" and ");
  const absent = anyAbsent(parts);
  return ` where ${after === null && absent !== "" ? `(${bounds}) or ${absent}` : bounds}`;
}

/** Key by key, as rows compare; the first column's bound stands alone too, so that an index may serve. */
function beyond(
  parts: readonly KeyPart[],
  values: readonly string[],
  strictly: string,
  atLast: string,
): string {
  const [part, ...others] = parts as [KeyPart, ...KeyPart[]];
  const literal = part.literal(values[0] as string);
  if (others.length === 0) return `${part.order} ${atLast} ${literal}`;
  const rest = beyond(others, values.slice(1), strictly, atLast);
  return `${part.order} ${strictly}= ${literal} and (${part.order} ${strictly} ${literal} or (${part.order} = ${literal} and ${rest}))`;
}

const anyAbsent = (parts: readonly KeyPart[]): string =>
  parts
    .filter(({ nullable }) => nullable)
    .map(({ column }) => `${column} is null`)
    .join(" or ");

/** The order of rows by their keys; those without a whole key come first. */
export function orderSorted(parts: readonly KeyPart[]): string {
  const absent = anyAbsent(parts);
  return [
    ...(absent === "" ? [] : [`case when ${absent} then 0 else 1 end`]),
    ...parts.map(({ order }) => order),
  ].join(", ");
}

/**
 * Cuts a table into ranges at keys that come in their order, texts that may repeat; null stands for a
 * row without a whole key. Rows of one key are never parted.
 */
export async function rangesOfSorted(
  table: string,
  keys: AsyncIterable<string | null>,
  rowsPerRange: number,
): Promise<KeyRange[]> {
  const ranges: KeyRange[] = [];
  let rows = 0;
  let last: string | null = null;
  let after: string | null = null;
  for await (const key of keys) {
    if (rows >= rowsPerRange && last !== null && key !== last) {
      ranges.push({ table, after, upTo: last });
      after = last;
      rows = 0;
    }
    rows += 1;
    last = key;
  }
  return rows === 0 ? ranges : [...ranges, { table, after, upTo: last }];
}

/** Rows that come one by one, in pages of at most `pageRows`. */
export async function* inPages(
  rows: AsyncIterable<LegacyRow>,
  pageRows: number,
): AsyncGenerator<LegacyRow[]> {
  let page: LegacyRow[] = [];
  for await (const row of rows) {
    page.push(row);
    if (page.length < pageRows) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
