import { identifier, literal, literals } from "../data/sql.ts";
import type { Besides, EntityReference, Migration } from "../define/definition.ts";
import { aliasOf, rowColumn, stateAbove, stateColumn } from "./above-columns.ts";
import { valueColumn } from "./columns.ts";
import { decisionsTable, sourceTable } from "./rows.ts";

/** How much there is of a row: nothing of it comes, it waits, it is there. */
const level = (state: string): string =>
  `case ${state} when 'there' then 2 when 'waits' then 1 else 0 end`;

/**
 * The join of a reference that may mean several rows, of which it is the one beside which others are there: all of
 * them, and rather one beside which a time is not after that of the row `s`. What only a guess could decide is
 * `several`.
 *
 * @param isSame whether a row `a` holds what the row `s` names
 */
export function amongJoin(
  migration: Migration,
  name: string,
  { by, to, beside = [] }: EntityReference,
  isSame: string,
): string {
  const parent = entityAbove(migration, to);
  const named = Object.values(by).map((field) => own(migration, field));
  const besides = beside.map((each, n) => besideJoin(migration, parent, each, `b${n}`));
  const levels = [level("w.state"), ...beside.map((_, n) => `coalesce(b${n}.level, -1)`)];
  const weights = beside.map((_, n) => `coalesce(b${n}.weight, 0)`);
  return `cross join lateral (
        select case when n.level = 2 and n.rows = 1 then n.id end as ${identifier(rowColumn(name))},
               case when num_nulls(${named.join(", ")}) > 0 then 'none' when n.level is null then 'absent'
                    when n.level = 1 then 'waits' when n.level = 0 then 'out'
                    when n.rows > 1 then 'several' else 'there' end as ${identifier(stateColumn(name))}
          from (select count(*) as rows, min(c.id) as id, min(c.level) as level
                  from (select w.id, least(${levels.join(", ")}) as level,
                               rank() over (order by least(${levels.join(", ")}) desc, ${weights.join(" + ") || "0"} desc) as nth
                          from (select a.*, ${stateAbove(parent)} as state
                                  from ${sourceTable(parent)} a
                                  left join ${decisionsTable(parent)} d on d.run_id = a.run_id and d.staged_id = a.id
                                 where a.run_id = s.run_id and a.source_table in (${literals([...parent.entity.from])})
                                   and ${isSame}) w
                          ${besides.join("\n                          ")}) c
                 where c.nth = 1 and c.level >= 0) n offset 0) ${aliasOf(name)}`;
}

/** Of rows of another entity beside a candidate `w`, how much there is of them, and whether one is not too late. */
function besideJoin(
  migration: Migration,
  parent: Migration,
  { entity, same, is = {}, rather }: Besides,
  as: string,
): string {
  const other = entityAbove(migration, entity);
  const theirs = (field: string) => `o.${identifier(valueColumn(other, field))}`;
  const equal = Object.entries(same).map(([field, value]) =>
    typeof value === "string"
      ? `${theirs(field)}::text = ${own(migration, value)}::text`
      : `${theirs(field)}::text = w.${identifier(valueColumn(parent, value.theirs))}::text`,
  );
  const words = Object.entries(is).map(([field, word]) =>
    other.entity.fields[field]?.kind === "boolean"
      ? `${theirs(field)} = ${word === "yes"}`
      : `${theirs(field)} = ${literal(word)}`,
  );
  const weight =
    rather === undefined
      ? "0"
      : `case when ${theirs(rather[0])} <= ${own(migration, rather[1])} then 1 else 0 end`;
  return `left join lateral (
                            select max(${level("x.state")}) as level, max(case x.state when 'there' then x.weight else 0 end) as weight
                              from (select ${stateAbove(other, "e")} as state, ${weight} as weight
                                      from ${sourceTable(other)} o
                                      left join ${decisionsTable(other)} e on e.run_id = o.run_id and e.staged_id = o.id
                                     where o.run_id = s.run_id and o.source_table in (${literals([...other.entity.from])})
                                       and ${[...equal, ...words].join(" and ")}) x) ${as} on true`;
}

const own = (migration: Migration, field: string): string =>
  `s.${identifier(valueColumn(migration, field))}`;

function entityAbove(migration: Migration, name: string): Migration {
  const found = migration.above?.find(({ part }) => part === name);
  if (found !== undefined) return found;
  throw new Error(`“${migration.part}” refers to “${name}”, which is nothing above it.`);
}
