import type { Migration } from "../../define/definition.ts";
import { itemOf, madeFrom } from "../../define/made.ts";
import type { LegacyRow, Source } from "../../sources/source.ts";

type Tables = Migration["source"];

/** The table that is read of which the rows of a table are, or are made, and which of their columns are its own. */
export interface ReadFrom {
  readonly table: string;
  readonly has: (column: string) => boolean;
}

/** Undefined where which rows are made of it is known once they are staged. */
export function readFrom(
  source: Tables,
  table: string,
  above: readonly string[] = [],
): ReadFrom | undefined {
  const known = source[table];
  // What is made of itself is told where a definition is looked at by itself.
  if (known === undefined || above.includes(table)) return undefined;
  const { made, columns } = known;
  if (made === undefined) return { table, has: (column) => columns.includes(column) };
  if ("grouped" in made && made.where !== undefined) return undefined;
  const base = readFrom(source, madeFrom(made), [...above, table]);
  if (base === undefined) return undefined;
  // What stands in JSON, is of another table, or of none.
  const opened = Object.keys(made.opened ?? {});
  const elements = "each" in made ? [itemOf(made)] : [];
  const partners = "joined" in made ? Object.keys(made.with) : [];
  const others = [...opened, ...elements, ...("each" in made ? [made.list] : [])];
  const names = [...opened, ...elements, ...partners, "group", "row"];
  const isOther = (column: string) =>
    others.includes(column) || names.some((name) => column.startsWith(`${name}.`));
  return { table: base.table, has: (column) => !isOther(column) && base.has(column) };
}

/**
 * The rows of a table as far as they are read: of one that is made those that it is made of, with null in columns that they
 * do not have.
 *
 * @param columns as the rows come
 */
export async function* rowsRead(
  source: Source,
  tables: Tables,
  { table, has }: ReadFrom,
  columns: readonly string[],
  rowsPerPage: number,
): AsyncGenerator<LegacyRow[]> {
  const own = [...new Set(columns.filter(has))];
  const at = columns.map((column) => (has(column) ? own.indexOf(column) : -1));
  const key = tables[table]?.key ?? [];
  const everything = { table, after: null, upTo: null };
  for await (const page of source.read(table, key, own, everything, rowsPerPage))
    yield page.map((row) => at.map((place) => row[place] ?? null));
}
