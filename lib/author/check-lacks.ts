import { usedColumns } from "../compile/pin/used-columns.ts";
import { wholeOf } from "../define/parted.ts";
import type { WholeMigration } from "../define/several.ts";
import type { TableFacts } from "../sources/source.ts";
import { error, names, type Problem, warning } from "./problem.ts";

/** What a table of the source is not, beside what a definition declares of it. */
export function lacks(migration: WholeMigration, facts: TableFacts): Problem[] {
  const { table, exists, missingColumns, unfitKey, elsewhere = [], alike = [] } = facts;
  if (!exists) {
    return [
      error(
        "source_table_missing",
        table,
        `The source has no table “${table}”.`,
        elsewhere.length > 0
          ? `It has ${names(elsewhere)}: call it so under source.`
          : "Correct its name under source, or the connection’s settings.",
      ),
    ];
  }
  const used = usedColumns(migration, table);
  // A part is missing with what it is cut of.
  const isWhole = (column: string) => wholeOf(migration.source[table], column) === undefined;
  return [
    ...missingColumns
      .filter(isWhole)
      .map((column) =>
        used.has(column)
          ? error(
              "source_column_missing",
              column,
              `The source’s table “${table}” has no column “${column}”, and something is made of it.`,
              "Correct its name in the definition.",
            )
          : warning(
              "source_column_unused",
              column,
              `The source’s table “${table}” has no column “${column}”; nothing is made of it.`,
              "Leave it out of the table’s columns.",
            ),
      ),
    ...alike.map(([read, other]) =>
      warning(
        "source_column_alike",
        read,
        `In some rows of the source’s table “${table}” stands “${other}”, which reads like “${read}” and is not read.`,
        `Read it as well, and say which counts: a field of numbers, days and their like takes { absent: [${JSON.stringify(other)}] }, a text template("{${read}}", "{${other}}").`,
      ),
    ),
    ...(unfitKey === undefined
      ? []
      : [
          error(
            "source_key",
            table,
            unfitKey,
            "Declare it without integerKey(…), as a key of texts, which any value may be; name another key; or correct it in a copy of the source.",
          ),
        ]),
  ];
}
