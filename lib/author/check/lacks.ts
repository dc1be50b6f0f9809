import { usedColumns } from "../../compile/pin/used-columns.ts";
import type { Field, Migration } from "../../define/definition.ts";
import type { BoundField } from "../../define/fields.ts";
import { wholeOf } from "../../define/parted.ts";
import type { WholeMigration } from "../../define/several.ts";
import type { TableFacts } from "../../sources/source.ts";
import { error, names, type Problem, warning } from "../problem.ts";

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

/**
 * Times that a server gives in UTC and that a field reads by the clock of another place: each would be hours beside itself,
 * and of what is late in the evening there the day before.
 */
export function instantProblems({ entity }: Migration, tables: readonly TableFacts[]): Problem[] {
  return Object.entries(entity.fields).flatMap(([name, field]) =>
    timesOf(field).flatMap((of) => {
      const { from, kind } = of;
      const given = tables.find(
        ({ table, instants }) => entity.from.includes(table) && instants?.includes(from),
      );
      if (given === undefined) return [];
      const is = `“${from}” of “${given.table}” is a TIMESTAMP, which the server gives in UTC`;
      if (kind !== "timestamp")
        return [
          warning(
            "source_instants",
            name,
            `${is}, and “${name}” takes the day of it: what was midnight east of there is the day before.`,
            'Read a view that has the day, or a timestamp(…) with { zone: "UTC" }.',
          ),
        ];
      const { zone } = of;
      if (zone === undefined || /^(Etc\/)?(UTC|GMT)$/u.test(zone)) return [];
      return [
        warning(
          "source_instants",
          name,
          `${is}, and “${name}” reads it by the clock of ${zone}.`,
          'Say { zone: "UTC" }, whatever an application shows of it.',
        ),
      ];
    }),
  );
}

/** What of a field is a day or a time by itself. */
function timesOf(
  field: Field,
): { readonly from: string; readonly kind: string; readonly zone?: string | undefined }[] {
  const each: readonly (Field | BoundField)[] =
    field.kind === "range"
      ? [field.starts, ...(field.ends.kind === "lasting" ? [] : [field.ends])]
      : [field];
  return each.flatMap((of) =>
    of.kind === "date" ||
    of.kind === "birth_date" ||
    (of.kind === "timestamp" && of.at === undefined)
      ? [{ from: of.from, kind: of.kind, zone: of.zone }]
      : [],
  );
}
