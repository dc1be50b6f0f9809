import type { Inherited, SourceTable } from "../define/definition.ts";
import { keyColumns, type SourceKey } from "../define/keys.ts";
import type { LegacyRow, Source } from "./source.ts";

type Tables = Readonly<Record<string, SourceTable>>;
/** What another row has in a column, by what names that row; undefined for nobody, or for two that differ. */
type Lookup = ReadonlyMap<string, string>;

/** Rows that are held at once, at most, where a file is not in the order of its keys. */
const rowsOfRange = 50_000;
const rowsOfPage = 1_000;

/**
 * A source in which an empty column of some rows holds what the row has that another of their columns names. A table
 * for which that is told is read once more for it, and what it lends is held in memory.
 */
export function withInherited(source: Source, tables: Tables): Source {
  if (Object.values(tables).every(({ inherited }) => inherited === undefined)) return source;
  const lookups = new Map<string, Promise<Lookup>>();
  const lookupOf = (table: string, column: string, how: Inherited): Promise<Lookup> => {
    const id = JSON.stringify([table, column]);
    const known =
      lookups.get(id) ?? lent(source, table, tables[table]?.key as SourceKey, column, how);
    lookups.set(id, known);
    known.catch(() => lookups.delete(id));
    return known;
  };
  return {
    description: source.description,
    identify: () => source.identify(),
    inspect: (wanted) => source.inspect(wanted),
    ranges: (table, key, rows) => source.ranges(table, key, rows),
    header: async (table) => source.header?.(table),
    close: () => source.close(),
    async *read(table, key, columns, range, pageRows) {
      const told = Object.entries(tables[table]?.inherited ?? {}).filter(([column]) =>
        columns.includes(column),
      );
      if (told.length === 0) {
        yield* source.read(table, key, columns, range, pageRows);
        return;
      }
      const asked = [...new Set([...columns, ...told.map(([, { named }]) => named)])];
      const fills: { at: number; by: number; lookup: Lookup }[] = [];
      for (const [column, how] of told)
        fills.push({
          at: asked.indexOf(column),
          by: asked.indexOf(how.named),
          lookup: await lookupOf(table, column, how),
        });
      for await (const page of source.read(table, key, asked, range, pageRows))
        yield page.map((row) => filled(row, fills).slice(0, columns.length));
    },
  };
}

function filled(
  row: LegacyRow,
  fills: readonly { at: number; by: number; lookup: Lookup }[],
): LegacyRow {
  const now = [...row];
  for (const { at, by, lookup } of fills) {
    const name = folded(row[by] ?? null);
    if (folded(row[at] ?? null) === "" && name !== "")
      now[at] = lookup.get(name) ?? row[at] ?? null;
  }
  return now;
}

async function lent(
  source: Source,
  table: string,
  key: SourceKey,
  column: string,
  { by }: Inherited,
): Promise<Lookup> {
  const columns = [column, ...by];
  const found = new Map<string, string | null>();
  for (const range of await source.ranges(table, key, rowsOfRange))
    for await (const page of source.read(table, key, withKey(key, columns), range, rowsOfPage))
      for (const row of page) {
        const value = row[0] ?? "";
        if (folded(value) === "") continue;
        for (const name of new Set(by.map((_, at) => folded(row[at + 1] ?? null)))) {
          if (name === "") continue;
          // Of two that differ nobody can tell whose is meant.
          found.set(name, found.has(name) && found.get(name) !== value ? null : value);
        }
      }
  return new Map([...found].flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

const withKey = (key: SourceKey, columns: readonly string[]): string[] => [
  ...new Set([...columns, ...keyColumns(key)]),
];

/** Names and e-mails as people write them: without case and surrounding space. */
const folded = (text: string | null): string => (text ?? "").trim().toLowerCase();
