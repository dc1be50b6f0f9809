import { identifier, literal } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { isUpdated, updatesOf } from "../define/identity.ts";
import { standingValue, standsIn } from "./above.ts";
import { type ColumnTypes, columnsOf, imageOf, isKey, typeOf } from "./there.ts";

/** The join that gives a wave's staged rows `s` what was reviewed of the row that is there, as `rt`. */
export const joinThere = ({ entity }: Migration): string =>
  isUpdated(entity)
    ? `
      left join wavegate.rows_there rt on rt.run_id = s.run_id and rt.staged_id = s.id and s.planned = 'update'`
    : "";

const columnsToUpdate = (migration: Migration) =>
  Object.entries(updatesOf(migration.entity)).sort(([one], [other]) => (one < other ? -1 : 1));

/**
 * Further columns of a wave's rows: the key of the row that is there, its columns that are written as they were
 * reviewed, and what is written into them. What a row above became is known only now.
 */
export function updateColumns(migration: Migration, types: ColumnTypes): readonly string[] {
  if (!isUpdated(migration.entity)) return [];
  const above = columnsToUpdate(migration).flatMap(([column, value]) => {
    if (!("of" in value)) return [];
    const key = `${standingValue(migration, value)}::text::${typeOf(types, column).type}::text`;
    return ` || case when rt.after -> ${literal(column)} = 'false' then jsonb_build_object(${literal(column)}, ${key}) else '{}' end`;
  });
  return [
    `rt.target_key as "own there_key"`,
    `rt.before as "own there_before"`,
    `rt.after${above.join("")} as "own there_after"`,
  ];
}

/**
 * The rows of the platform that a wave changes from its rows, `picked`, as a common table: the columns that were
 * reviewed and no other, and only where they still are as they were reviewed.
 */
export function updateOf(migration: Migration, types: ColumnTypes): readonly string[] {
  if (!isUpdated(migration.entity)) return [];
  const action = standsIn(migration);
  const columns = columnsToUpdate(migration).map(([column]) => column);
  const written = columns.map((column) => {
    const name = identifier(column);
    return `${name} = case when p."own there_after" ? ${literal(column)} then (p."own there_after" ->> ${literal(column)})::${typeOf(types, column).type} else t.${name} end`;
  });
  const image = columnsOf(imageOf(columns, "t"), `p."own there_before"`);
  return [
    `changed_there as (
    update ${identifier(action.into)} t set ${written.join(",\n           ")}
      from picked p
     where p.planned = 'update' and ${isKey(action, "t", `p."own there_key"`)}
       and ${image} = p."own there_before"
    returning p.id as staged_id, ${image} as image)`,
  ];
}

/** What the ledger says of them, in the order of its columns. */
export function changedRows(migration: Migration, keyed: boolean): string {
  const { into, id } = standsIn(migration);
  const drawn = typeof id === "string";
  const key = keyed ? `, ${drawn ? "null::jsonb" : `p."own there_key"`}` : "";
  const number = drawn ? `(p."own there_key" ->> ${literal(id)})::bigint` : "null::bigint";
  return `select c.staged_id, 'update', ${literal(into)}, ${number}${key}, c.image, p."own there_before"
      from changed_there c join picked p on p.id = c.staged_id`;
}
