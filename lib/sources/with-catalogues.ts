import type { SourceTable } from "../define/definition.ts";
import { keyColumns, keyText } from "../define/keys.ts";
import type { KeyRange, LegacyRow, Source, TableFacts } from "./source.ts";
import { withInherited } from "./with-inherited.ts";
import { withNames } from "./with-names.ts";
import { withParts } from "./with-parts.ts";

/** A source as a definition declares it: with its columns under the names of the definition, and beside which the catalogues that a definition has written down are tables as others are. */
export function withCatalogues(
  source: Source,
  tables: Readonly<Record<string, SourceTable>>,
): Source {
  return besideCatalogues(
    withParts(withInherited(withNames(source, tables), tables), tables),
    tables,
  );
}

function besideCatalogues(source: Source, tables: Readonly<Record<string, SourceTable>>): Source {
  const catalogues = new Map(
    Object.entries(tables).flatMap(([name, table]) =>
      table.rows === undefined ? [] : [[name, { ...table, rows: table.rows }] as const],
    ),
  );
  if (catalogues.size === 0) return source;
  return {
    description: source.description,
    identify: () => source.identify(),
    close: () => source.close(),
    async inspect(wanted) {
      const others = Object.entries(wanted).filter(([name]) => !catalogues.has(name));
      const found = await source.inspect(Object.fromEntries(others));
      const facts = (table: string): TableFacts | undefined => {
        const rows = catalogues.get(table)?.rows.length;
        return rows === undefined
          ? found.find((each) => each.table === table)
          : { table, exists: true, rows, missingColumns: [] };
      };
      return Object.keys(wanted).flatMap((table) => facts(table) ?? []);
    },
    async ranges(table, key, rowsPerRange) {
      const own = catalogues.get(table);
      if (own === undefined) return source.ranges(table, key, rowsPerRange);
      return own.rows.length === 0 ? [] : [{ table, after: null, upTo: null }];
    },
    read(table, key, columns, range, pageRows) {
      const own = catalogues.get(table);
      if (own === undefined) return source.read(table, key, columns, range, pageRows);
      return pages(own, columns, range, pageRows);
    },
  };
}

/** The rows of a catalogue in the order of their keys, as every source gives them. */
async function* pages(
  {
    key,
    columns: declared,
    rows,
  }: SourceTable & { readonly rows: NonNullable<SourceTable["rows"]> },
  columns: readonly string[],
  { after, upTo }: KeyRange,
  pageRows: number,
): AsyncGenerator<LegacyRow[]> {
  const at = (column: string) => declared.indexOf(column);
  const keyed = rows
    .map((row) => ({ key: keyText(keyColumns(key).map((column) => row[at(column)] ?? null)), row }))
    .filter((each) => inRange(each.key, after, upTo))
    .sort((one, other) => Buffer.compare(Buffer.from(one.key ?? ""), Buffer.from(other.key ?? "")));
  for (let from = 0; from < keyed.length; from += pageRows) {
    yield keyed
      .slice(from, from + pageRows)
      .map(({ row }) => columns.map((column) => row[at(column)] ?? null));
  }
}

const inRange = (key: string | null, after: string | null, upTo: string | null): boolean =>
  (after === null || (key !== null && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)) &&
  (upTo === null || key === null || Buffer.compare(Buffer.from(key), Buffer.from(upTo)) <= 0);
