import type { SourceTable } from "./definition.ts";
import { madeFrom } from "./made.ts";
import { partNames } from "./parted.ts";

type Tables = Readonly<Record<string, SourceTable>>;

/** Columns of some tables, and those that say some of the same: what a part is cut of, and the parts of a whole. */
export function sayingTheSame(
  source: Tables,
  tables: readonly string[],
  columns: readonly string[],
): readonly string[] {
  const all = new Set(columns);
  for (const together of tables.flatMap((table) => wholesIn(source, table)))
    if (together.some((column) => columns.includes(column)))
      for (const column of together) all.add(column);
  return [...all];
}

/** Each whole of a table with its parts, also of one that is made of rows that have them. */
function wholesIn(
  source: Tables,
  name: string,
  above: readonly string[] = [],
): readonly (readonly string[])[] {
  const { made, parted = {} } = source[name] ?? {};
  if (above.includes(name)) return [];
  if (made === undefined)
    return Object.entries(parted).map(([whole, how]) => [whole, ...partNames(how)]);
  const of = (table: string) => wholesIn(source, table, [...above, name]);
  const partners = "joined" in made ? Object.entries(made.with) : [];
  return [
    ...of(madeFrom(made)),
    ...partners.flatMap(([as, { table }]) =>
      of(table).map((together) => together.map((column) => `${as}.${column}`)),
    ),
  ];
}
