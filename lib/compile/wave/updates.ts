import { identifier, literal } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { isUpdated, updatesOf } from "../../define/identity.ts";
import { changedThere, type OnTheWay, type Watched, wholeRow } from "../around/on-the-way.ts";
import { standingValue, standsIn } from "../references/above.ts";
import { isWhole } from "../target/type-fit.ts";
import { keyColumnsOf } from "../target-key.ts";
import { columnsOf, imageOf, isKey } from "../there/there.ts";
import { type ColumnThere, type ColumnTypes, typeOf } from "../there/value.ts";

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
    const is = standingValue(migration, value);
    return [
      {
        name: literal(column),
        is,
        asked: `rt.after -> ${literal(column)} = 'false'`,
        text: readAbove(is, typeOf(types, column)),
      },
    ];
  });
  // What turns out to have nothing empties no column.
  const left = above.map(
    ({ name, is, asked }) => ` - case when ${asked} and ${is} is null then ${name} else '' end`,
  );
  const known = above.map(
    ({ name, is, asked, text }) =>
      ` || case when ${asked} and ${is} is not null then jsonb_build_object(${name}, ${text}) else '{}' end`,
  );
  return [
    `rt.target_key as "own there_key"`,
    `rt.before as "own there_before"`,
    `(rt.after${left.join("")})${known.join("")} as "own there_after"`,
  ];
}

/** What a row above has, as the text that a column reads: never cut off, which a cast would do where a write refuses. */
function readAbove(is: string, { type, base, longest }: ColumnThere): string {
  const text = `(${is})::text`;
  if (longest !== undefined) return text;
  return isWhole(base)
    ? `case when ${text} ~ '^-?[0-9]+[.][0-9]+$' then round((${text})::numeric)::text else ${text} end::${type}::text`
    : `${text}::${type}::text`;
}

/** The columns of a row that waves may change, and those of its key, as texts. */
const watchedOf = (migration: Migration, row: string): string =>
  imageOf(
    [
      ...keyColumnsOf(standsIn(migration).id),
      ...columnsToUpdate(migration).map(([column]) => column),
    ],
    row,
  );

/**
 * The rows of the platform that a wave changes from its rows, `picked`, as a common table: the columns that were
 * reviewed and no other, and only where they still are as they were reviewed.
 *
 * @param tried with what else waves watch of them, for {@link changedBeside}
 */
export function updateOf(
  migration: Migration,
  types: ColumnTypes,
  onTheWay: OnTheWay,
  tried = false,
): readonly string[] {
  if (!isUpdated(migration.entity)) return [];
  const action = standsIn(migration);
  const columns = columnsToUpdate(migration).map(([column]) => column);
  const written = columns.map((column) => {
    const name = identifier(column);
    const { type, longest } = typeOf(types, column);
    const text = `(p."own there_after" ->> ${literal(column)})`;
    const written = longest === undefined ? `${text}::${type}` : text;
    return `${name} = case when jsonb_exists(p."own there_after", ${literal(column)}) then ${written} else t.${name} end`;
  });
  const image = columnsOf(imageOf(columns, "t"), `p."own there_before"`);
  const watched = onTheWay[action.into];
  const whole = watched?.update ? `, ${wholeRow(watched)} as whole` : "";
  return [
    `changed_there as (
    update ${identifier(action.into)} t set ${written.join(",\n           ")}
      from picked p
     where p.planned = 'update' and ${isKey(action, "t", `p."own there_key"`)}
       and ${image} = p."own there_before"
    returning p.id as staged_id, ${image} as image${tried ? `, ${watchedOf(migration, "t")} as watched` : ""}${whole})`,
  ];
}

/**
 * The names of columns that a trial's statement changed beside those that it was to change, as one text that is null for
 * none: of what waves watch, which the database holds against the ledger. What `t` was, the statement itself still sees.
 */
export function changedBeside(migration: Migration): string {
  const action = standsIn(migration);
  return `(
      select string_agg(distinct ${literal(`${action.into}.`)} || w.key, ', ')
        from changed_there c join picked p on p.id = c.staged_id
        join ${identifier(action.into)} t on ${isKey(action, "t", `p."own there_key"`)}
       cross join lateral (select ${watchedOf(migration, "t")} as was offset 0) o
       cross join lateral jsonb_each(c.watched) w
       where not jsonb_exists(p."own there_before", w.key) and w.value is distinct from o.was -> w.key)`;
}

/** What a trigger that came since made of them, see {@link changedThere}. */
export function changedByOthers(migration: Migration, watched: Watched): string {
  const action = standsIn(migration);
  const updated = columnsToUpdate(migration).map(([column]) => column);
  const [after, key] = ["after", "key"].map((each) => `p."own there_${each}"`) as [string, string];
  const from = `changed_there h join picked p on p.id = h.staged_id join ${identifier(action.into)} t on ${isKey(action, "t", key)}`;
  return changedThere(action.into, watched, from, ({ name, type }) =>
    updated.includes(name)
      ? `case when jsonb_exists(${after}, ${literal(name)}) then (${after} ->> ${literal(name)})::${type} else t.${identifier(name)} end`
      : undefined,
  );
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
