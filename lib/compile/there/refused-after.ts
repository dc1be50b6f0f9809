import { identifier, literal } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { standsIn } from "../references/above.ts";
import type { Targets } from "../target/ahead.ts";
import { isWritten } from "../target/rules.ts";
import { type ColumnTypes, typeOf } from "./value.ts";

/**
 * By which condition or reference of its table a row that is there, `p`, would be refused as it would be, by the
 * columns that `o.after` has; null for none. What waves alone can look up is looked at by nothing.
 */
export function refusedAfter(
  migration: Migration,
  types: ColumnTypes,
  targets: Targets,
): string | undefined {
  const { into } = standsIn(migration);
  const table = targets.get(into);
  const updates = Object.keys(updatesOf(migration.entity));
  const isTouched = (columns: readonly string[]) => columns.some((name) => updates.includes(name));
  const will = (name: string) =>
    updates.includes(name)
      ? `case when jsonb_exists(o.after, ${literal(name)}) then (o.after ->> ${literal(name)})::${typeOf(types, name).type} else p.${identifier(name)} end`
      : `p.${identifier(name)}`;
  const when = (columns: readonly string[], refuses: string, by: string) => {
    const written = columns.filter((name) => updates.includes(name)).map((name) => literal(name));
    const known = written.map((name) => `o.after -> ${name} is distinct from 'false'`);
    return `when jsonb_exists_any(o.after, array[${written.join(", ")}]) and case when ${known.join(" and ")} then ${refuses} else false end then ${literal(by)}`;
  };
  const checks = (table?.checks ?? [])
    .filter(({ columns }) => isTouched(columns))
    .map(({ name, columns, expression }) => {
      const row = columns.map((each) => `${will(each)} as ${identifier(each)}`);
      return when(
        columns,
        `coalesce((select (${expression}) is false from (select ${row.join(", ")}) ${identifier(into)}), false)`,
        name,
      );
    });
  const references = (table?.references ?? [])
    .filter(
      (each) =>
        isTouched([...each.columns, ...each.within]) && !isWritten(migration, targets, each),
    )
    .map(({ name, columns, table: other, others, where, within }) => {
      const row = within.map((each) => `${will(each)} as ${identifier(each)}`).join(", ");
      const goes =
        where === null ? "" : `(select (${where}) from (select ${row}) ${identifier(into)}) and `;
      return when(
        [...columns, ...within],
        `${goes}num_nulls(${columns.map(will).join(", ")}) = 0 and not exists (select from ${other} x where ${others.map((each, at) => `x.${identifier(each)} = ${will(columns[at] as string)}`).join(" and ")})`,
        name,
      );
    });
  const each = [...checks, ...references];
  return each.length === 0 ? undefined : `case ${each.join("\n              ")} end`;
}
