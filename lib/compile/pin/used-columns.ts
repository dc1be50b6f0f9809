import type { Field, Migration, Reference, SourceTable } from "../../define/definition.ts";
import { columnsRead } from "../../define/fields.ts";
import { keyColumns } from "../../define/keys.ts";
import { firstPair, insideOf, type Made, madeFrom, madeOf, pairOf } from "../../define/made.ts";
import { wholeOf } from "../../define/parted.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";

/**
 * The columns of a legacy table that something of the definition is made from. The others are only kept
 * as they came, in the raw payload: a legacy system that lacks one of them lacks nothing.
 */
export function usedColumns(migration: WholeMigration, table: string): ReadonlySet<string> {
  const { source, references } = migration;
  const used = new Set<string>(keyColumns((source[table] as SourceTable).key));
  for (const column of usedByMade(migration, table)) used.add(column);
  for (const reference of Object.values(references)) {
    if (reference.from === table) for (const column of ofReference(reference)) used.add(column);
  }
  for (const { entity } of partsOf(migration)) {
    if (!entity.from.includes(table)) continue;
    for (const field of Object.values(entity.fields)) {
      for (const column of ofField(field)) used.add(column);
    }
  }
  // What a part is cut of has to be there, and not the part.
  for (const column of [...used]) {
    const whole = wholeOf(source[table], column);
    if (whole !== undefined && used.delete(column)) used.add(whole);
  }
  return used;
}

/** The columns that say where a made row stands. */
const placedBy = ({ numbered }: Made): readonly string[] => {
  if (numbered === undefined) return [];
  const { within, by, keep } = numbered;
  return [...within, ...by, ...(keep === undefined ? [] : [keep])];
};

/** The columns of a table that rows of others are made of, and that something uses of those. */
function usedByMade(migration: WholeMigration, table: string): string[] {
  return Object.entries(migration.source).flatMap(([name, { made }]) => {
    if (made === undefined || !madeOf(made).includes(table)) return [];
    const used = [...usedColumns(migration, name), ...insideOf(made, table), ...placedBy(made)];
    const own = madeFrom(made) === table ? used : [];
    if ("each" in made) return [...own, made.list];
    if ("grouped" in made) return [...own, ...made.by, ...made.order];
    const partners = Object.entries(made.with);
    return [
      ...(madeFrom(made) === table ? partners.flatMap(([, { on }]) => Object.values(on)) : []),
      ...own,
      ...partners
        .filter(([, partner]) => partner.table === table)
        .flatMap(([as, { on }]) => [
          ...Object.keys(on),
          ...used
            .filter((column) => column.startsWith(`${as}.`) && !countsPartners(column, as))
            .map((column) => column.slice(as.length + 1)),
        ]),
    ];
  });
}

const countsPartners = (column: string, as: string): boolean =>
  [pairOf(as), firstPair(as)].includes(column);

/** The columns that a reference is staged from: its id, its label or code, and what it belongs to. */
export const ofReference = (reference: Reference): string[] =>
  reference.kind === "by_name"
    ? [reference.id, reference.label]
    : [reference.id, reference.code, ...(reference.parent ? [reference.parent.column] : [])];

/** The columns that a field is made from. */
export const ofField = (field: Field): readonly string[] =>
  "parts" in field
    ? field.parts
    : [
        ...columnsRead(field),
        ...(field.kind === "phone" && field.country !== undefined ? [field.country] : []),
        ...(field.kind === "file"
          ? [field.says?.size, field.says?.sha256, field.says?.type].flatMap((each) => each ?? [])
          : []),
      ];

/** The definition as far as a source has its columns: without those that it lacks and nothing uses. */
export function withColumns(
  migration: Migration,
  columns: Readonly<Record<string, readonly string[]>>,
): Migration {
  const source = Object.fromEntries(
    Object.entries(migration.source).map(([name, table]) => [
      name,
      { ...table, columns: columns[name] ?? table.columns },
    ]),
  );
  return { ...migration, source };
}
