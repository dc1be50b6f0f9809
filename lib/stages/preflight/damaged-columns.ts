import { keyColumns } from "../../define/keys.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { damageOf, damageOfName } from "../../normalize/damage.ts";
import { settingsPrefix } from "../../sources/settings.ts";
import type { KeyRange, LegacyRow, Source, TableFacts } from "../../sources/source.ts";
import { partedBy, withoutParts } from "../import/clean-row.ts";

/** A column with text that a wrong character set damaged, or signs of HTML, and in how many of the rows that were looked at. */
export interface DamagedColumn {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
  readonly looked: number;
}

/** Rows at each end of a table that are looked at: all of a small one. */
const rowsOfAnEnd = 25_000;
const rowsPerPage = 2_000;

/**
 * Looks for damaged text before anything is staged: at a table's oldest and newest rows, as a change of
 * the legacy application shows in one of them. The import notes it on every row.
 */
export async function damagedColumns(
  migration: WholeMigration,
  source: Source,
  facts: readonly TableFacts[],
): Promise<readonly DamagedColumn[]> {
  const found: DamagedColumn[] = [];
  for (const [table, { key, columns: declared }] of Object.entries(migration.source)) {
    const fact = facts.find((each) => each.table === table);
    if (
      !fact?.exists ||
      fact.unfitKey !== undefined ||
      keyColumns(key).some((column) => fact.missingColumns.includes(column))
    )
      continue;
    const columns = declared.filter((column) => !fact.missingColumns.includes(column));
    const names = namesOf(migration, table);
    const parts = partsOf(migration).filter(({ entity }) => entity.from.includes(table));
    const parted = columns.map((column) => [
      ...parts.flatMap((part) => partedBy(part, table)(column)),
      ...madeBy(migration, table, column),
    ]);
    const counts = columns.map(() => 0);
    let looked = 0;
    const ranges = await source.ranges(table, key, rowsOfAnEnd);
    for (const range of ends(ranges)) {
      for await (const page of source.read(table, key, columns, range, rowsPerPage)) {
        looked += page.length;
        for (const row of page) tally(row, columns, { names, parted }, counts);
      }
    }
    for (const [at, rows] of counts.entries()) {
      if (rows > 0) found.push({ table, column: columns[at] as string, rows, looked });
    }
  }
  return found;
}

/** What parts a column of whose texts rows are made. */
const madeBy = ({ source }: WholeMigration, table: string, column: string): readonly string[] =>
  Object.values(source).flatMap(({ made }) =>
    made !== undefined && "each" in made && made.each === table && made.list === column
      ? (made.by ?? [])
      : [],
  );

const ends = (ranges: readonly KeyRange[]): readonly KeyRange[] =>
  ranges.length <= 2 ? ranges : [ranges[0] as KeyRange, ranges.at(-1) as KeyRange];

function tally(
  row: LegacyRow,
  columns: readonly string[],
  { names, parted }: { names: ReadonlySet<string>; parted: readonly (readonly string[])[] },
  counts: number[],
): void {
  for (let at = 0; at < columns.length; at++) {
    const text = row[at];
    if (text === null || text === undefined) continue;
    const damage = names.has(columns[at] as string)
      ? damageOfName(text)
      : damageOf(withoutParts(text, parted[at] ?? []));
    if (damage !== null) counts[at] = (counts[at] ?? 0) + 1;
  }
}

/** The columns that people's names are made from: a `?` in them is a letter that a server could not write. */
const namesOf = (migration: WholeMigration, table: string): ReadonlySet<string> =>
  new Set(
    partsOf(migration)
      .filter(({ entity }) => entity.from.includes(table))
      .flatMap(({ entity }) => Object.values(entity.fields))
      .flatMap((field) => (field.kind === "name" ? field.parts : [])),
  );

/** As what preflight says of damaged text begins. */
export const textIsDamaged = "Text is damaged";

/**
 * What preflight says about them.
 *
 * @param own the connection of tables that name none
 * @param inSets the connections whose columns have character sets of their own: a setting says how theirs are read
 */
export function damageSays(
  found: readonly DamagedColumn[],
  tables: WholeMigration["source"],
  own: string,
  inSets: readonly string[],
): string {
  if (found.length === 0) return "No text looks damaged.";
  const each = found.map(
    ({ table, column, rows, looked }) => `${table}.${column} (${rows} of ${looked} rows)`,
  );
  const read = new Set(found.map(({ table }) => tables[table]?.connection ?? own));
  const settings = [...read]
    .filter((connection) => inSets.includes(connection))
    .map((connection) => `${settingsPrefix(connection)}_DB_CHARSET`);
  const ways = [
    ...(settings.length === 0
      ? []
      : [`name the connection's character set in ${settings.join(" or ")}`]),
    ...(settings.length < read.size ? ["correct it in a copy of the source"] : []),
    "let the definition repair names",
  ];
  return (
    `${textIsDamaged}, by a wrong character set or by signs of HTML such as &amp;, in ${each.join(", ")}. Names among it are held with a proposal; ` +
    `where a whole column is like that, ${ways.join(", or ")}.`
  );
}
