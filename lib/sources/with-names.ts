import type { SourceTable } from "../define/definition.ts";
import { isIntegerKey, keyColumns, type SourceKey } from "../define/keys.ts";
import { SourceSchemaMismatch } from "./errors.ts";
import type { LegacyRow, Source } from "./source.ts";

/** What a source calls a declared column; null where it lacks one that may be missing. */
type NameOf = (column: string) => string | null;

/**
 * A source whose columns are found under whichever of their declared names it has them: a file of another language, or
 * a second table of the same people.
 */
export function withNames(source: Source, tables: Readonly<Record<string, SourceTable>>): Source {
  if (source.header === undefined || Object.values(tables).every((table) => !table.named))
    return source;
  const found = new Map<string, Promise<NameOf>>();
  const namesIn = (table: string): Promise<NameOf> => {
    const known = found.get(table) ?? namesOf(source, table, tables[table]);
    found.set(table, known);
    known.catch(() => found.delete(table));
    return known;
  };
  return {
    description: source.description,
    identify: () => source.identify(),
    close: () => source.close(),
    async inspect(wanted) {
      const facts = Object.entries(wanted).map(async ([table, { key, columns }]) => {
        const nameOf = await namesIn(table);
        const there = columns.filter((column) => nameOf(column) !== null);
        const asked = {
          key: keyAs(key, nameOf),
          columns: there.map((each) => nameOf(each) ?? each),
        };
        const [of] = await source.inspect({ [table]: asked });
        if (of === undefined) return [];
        const declared = (name: string) => there.find((each) => nameOf(each) === name) ?? name;
        const { instants } = of;
        return [
          {
            ...of,
            missingColumns: of.missingColumns.map(declared),
            ...(instants && { instants: instants.map(declared) }),
          },
        ];
      });
      return (await Promise.all(facts)).flat();
    },
    async ranges(table, key, rowsPerRange) {
      return source.ranges(table, keyAs(key, await namesIn(table)), rowsPerRange);
    },
    async *read(table, key, columns, range, pageRows) {
      const nameOf = await namesIn(table);
      const names = columns.map(nameOf);
      const there = names.filter((name) => name !== null);
      const at = names.map((name) => (name === null ? -1 : there.indexOf(name)));
      const wholeRow = (row: LegacyRow) => at.map((place) => row[place] ?? null);
      for await (const page of source.read(table, keyAs(key, nameOf), there, range, pageRows))
        yield there.length === columns.length ? page : page.map(wholeRow);
    },
  };
}

const keyAs = (key: SourceKey, nameOf: NameOf): SourceKey => {
  const [first = "", ...others] = keyColumns(key).map((column) => nameOf(column) ?? column);
  return isIntegerKey(key) ? first : [first, ...others];
};

/** Errors: `SourceSchemaMismatch` where a table has a column under two of its names. */
async function namesOf(
  source: Source,
  table: string,
  declared: SourceTable | undefined,
): Promise<NameOf> {
  const header = await source.header?.(table);
  // No table: called as it is declared.
  if (header === undefined) return (column) => column;
  const names = new Map<string, string | null>();
  for (const [column, others] of Object.entries(declared?.named ?? {})) {
    const [name, second] = new Set([column, ...others].flatMap((name) => header(name) ?? []));
    if (second !== undefined)
      throw new SourceSchemaMismatch(
        `"${table}" of ${source.description} has both "${name}" and "${second}", which mean the same; nothing was read. Which of them counts nobody can tell: remove one from a copy, or call the column by one name alone.`,
      );
    names.set(column, name ?? (others.length === 0 ? null : column));
  }
  return (column) => (names.has(column) ? (names.get(column) ?? null) : column);
}
