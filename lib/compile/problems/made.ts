import type { SourceTable } from "../../define/definition.ts";
import { type Made, madeFrom, madeInOrder, madeOf } from "../../define/made.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";

/** What is wrong with tables whose rows are made of others. */
export function madeProblems(migration: WholeMigration): string[] {
  const { source } = migration;
  const staged = new Set(partsOf(migration).flatMap(({ entity }) => entity.from));
  const inOrder = madeInOrder(source);
  return Object.entries(source).flatMap(([name, { made }]) => {
    if (made === undefined) return [];
    const says = (problem: string) => `“${name}” ${problem}`;
    const unknown = madeOf(made).filter((table) => !Object.hasOwn(source, table));
    if (unknown.length > 0)
      return unknown.map((table) =>
        says(`is made of “${table}”, which is no table of the source.`),
      );
    const behind = inOrder.slice(inOrder.indexOf(name));
    return [
      ...madeOf(made)
        .filter((table) => !staged.has(table))
        .map((table) => says(`is made of rows of “${table}”, which no entity is read from.`)),
      ...madeOf(made)
        .filter((table) => behind.includes(table))
        .map((table) => says(`is made of “${table}”, which is made of it.`)),
      ...columnsNamed(made).flatMap(([table, columns]) =>
        columns
          .filter((column) => !(source[table] as SourceTable).columns.includes(column))
          .map((column) => says(`asks for “${column}”, which is no column of “${table}”.`)),
      ),
      ...("grouped" in made && made.by.length === 0 ? [says("is grouped by nothing.")] : []),
      ...("joined" in made
        ? Object.entries(made.with)
            .filter(([as, { on }]) => Object.keys(on).length === 0 || as.includes("."))
            .map(([as]) => says(`finds “${as}” by nothing, or calls it by a name with a dot.`))
        : []),
    ];
  });
}

/** The columns that a made table names, by the table that has to have them. */
function columnsNamed(
  made: Made,
): readonly (readonly [table: string, columns: readonly string[]])[] {
  const from = madeFrom(made);
  if ("each" in made) return [[from, [made.list]]];
  if ("grouped" in made) return [[from, [...made.by, ...made.order]]];
  return Object.values(made.with).flatMap(({ table, on }) => [
    [table, Object.keys(on)] as const,
    [from, Object.values(on)] as const,
  ]);
}
