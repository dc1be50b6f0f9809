import { identifier, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { EntityReference, Migration } from "../../define/definition.ts";
import { waitsFor } from "../../define/reasons.ts";
import { levelColumn, rowColumn, selvesOf, stateAbove, writes } from "../above-columns.ts";
import { isSame, usedAbove } from "../references/above.ts";
import { decisionsTable, sourceTable, stagedTable } from "../rows.ts";
import { holdPlanned } from "./plan.ts";

const level = identifier(levelColumn);

/** Of rows `s` the one row of their own kind that each names, as `above`, in parentheses; what names none is left out. */
function namedRows(migration: Migration, name: string, run: string, also = ""): string {
  const reference = migration.entity.refs?.[name] as EntityReference;
  return `(
    select s.id, n.above from ${stagedTable(migration)} s
      cross join lateral (
        select case when count(*) = 1 then min(a.id) end as above from ${sourceTable(migration)} a
         where a.run_id = s.run_id and a.source_table in (${literals([...migration.entity.from])})
           and ${isSame(migration, migration, reference)} offset 0) n
     where s.run_id = '${run}' and n.above is not null${also})`;
}

/** How many rows have no level yet. */
export const withoutLevel = (migration: Migration, run: string): Sql => sql`
  select count(*) as rows from ${raw(decisionsTable(migration))} where run_id = ${uuid(run)} and ${raw(level)} is null`;

/** The levels that rows have, the highest rows first. */
export const levelsOf = (migration: Migration, run: string): Sql => sql`
  select distinct ${raw(level)} as level from ${raw(decisionsTable(migration))}
   where run_id = ${uuid(run)} and ${raw(level)} is not null order by 1`;

/**
 * Gives each row its level from those that name none downwards, and from those that were found to come back to
 * themselves. What is left without one hangs below a circle that is not found yet.
 */
export function findLevels(migration: Migration, name: string, run: string): Sql {
  const decisions = raw(decisionsTable(migration));
  return sql`
  with recursive named (id, above) as materialized (${raw(namedRows(migration, name, run, ` and s.${level} is distinct from -1`))}),
  levels (id, level) as (
    select d.staged_id, coalesce(d.${raw(level)}, 0) from ${decisions} d
     where d.run_id = ${uuid(run)} and (d.${raw(level)} = -1 or not exists (select from named n where n.id = d.staged_id))
    union all
    select n.id, l.level + 1 from levels l join named n on n.above = l.id)
  update ${decisions} d set ${raw(level)} = l.level
    from levels l where d.run_id = ${uuid(run)} and d.staged_id = l.id and d.${raw(level)} is distinct from l.level`;
}

/** Notes of each row without a level the one that it names. */
export const noteNamed = (migration: Migration, name: string, run: string): Sql => sql`
  update ${raw(decisionsTable(migration))} d set ${raw(identifier(rowColumn(name)))} = n.above
    from ${raw(namedRows(migration, name, run, ` and s.${level} is null`))} n
   where d.run_id = ${uuid(run)} and d.staged_id = n.id`;

/**
 * Notes instead of the row that stands so many above a row the one that stands twice as many above. Once they are as
 * many as there are rows, what is noted is on a circle, and all that is on one is noted.
 */
export const twiceAsFar = (migration: Migration, name: string, run: string): Sql => {
  const [decisions, row] = [raw(decisionsTable(migration)), raw(identifier(rowColumn(name)))];
  return sql`
  update ${decisions} d set ${row} = up.${row} from ${decisions} up
   where d.run_id = ${uuid(run)} and d.${raw(level)} is null and up.run_id = d.run_id and up.staged_id = d.${row}`;
};

/** Marks the rows that come back to themselves. */
export const endCircles = (migration: Migration, name: string, run: string): Sql => {
  const [decisions, row] = [raw(decisionsTable(migration)), raw(identifier(rowColumn(name)))];
  return sql`
  update ${decisions} d set ${raw(level)} = -1
   where d.run_id = ${uuid(run)} and d.${raw(level)} is null and d.staged_id in (
     select o.${row} from ${decisions} o where o.run_id = ${uuid(run)} and o.${raw(level)} is null)`;
};

/** Of a row without a level, below a circle and on none, until every circle is found. */
const belowCircle = -2;

/** The rows that a row `of` of a kind with several references to its own names, as {@link noteNamed} noted them. */
const rowsNamed = (migration: Migration, of: string): string =>
  selvesOf(migration)
    .map((name) => `${of}.${identifier(rowColumn(name))}`)
    .join(", ");

/** Of a kind with several such references: sets the level of rows without one, as far as that holds; says of how many. */
const setLevel = (migration: Migration, run: string, to: number, where: string): Sql => sql`
  with changed as (
    update ${raw(decisionsTable(migration))} d set ${raw(level)} = ${to}
     where d.run_id = ${uuid(run)} and d.${raw(level)} is null and ${raw(where)} returning 1)
  select count(*) as rows from changed`;

/** Gives a level to each row without one all of whose rows above have theirs, once {@link noteNamed} noted them. */
export const nextLevel = (migration: Migration, run: string, to: number): Sql =>
  setLevel(
    migration,
    run,
    to,
    `not exists (
       select from ${decisionsTable(migration)} up
        where up.run_id = d.run_id and up.staged_id in (${rowsNamed(migration, "d")}) and up.${level} is null)`,
  );

/** Sets rows without a level aside that no other such row names: they hang below a circle and are on none. */
export const setAside = (migration: Migration, run: string): Sql =>
  setLevel(
    migration,
    run,
    belowCircle,
    `not exists (
       select from (
         select n.row from ${decisionsTable(migration)} o cross join lateral unnest(array[${rowsNamed(migration, "o")}]) n(row)
          where o.run_id = '${run}' and o.${level} is null offset 0) n where n.row = d.staged_id)`,
  );

/** Marks all that is left without a level as coming back to itself. */
export const markCircles = (migration: Migration, run: string): Sql =>
  setLevel(migration, run, -1, "true");

/** Takes the mark of those back that were set aside. */
export const takeBack = (migration: Migration, run: string): Sql => sql`
  update ${raw(decisionsTable(migration))} set ${raw(level)} = null
   where run_id = ${uuid(run)} and ${raw(level)} = ${belowCircle}`;

/** The actions that write what a row above is, as a reference names it. */
export const actionsUsing = (migration: Migration, name: string): readonly string[] =>
  Object.entries(migration.entity.actions)
    .filter(([, action]) => usedAbove(migration, action).includes(name))
    .map(([action]) => action);

/**
 * Holds rows that would be written with what a row of their own kind is, which is held since they were planned, one
 * level further with each time. Answers with what that changes of the counts of `planRows`.
 */
export function holdBelowHeld(migration: Migration, run: string, name: string): Sql | undefined {
  const using = actionsUsing(migration, name);
  if (using.length === 0) return undefined;
  const refused = sql`refused as (
    select d.staged_id as staged, null::text as by
      from ${raw(decisionsTable(migration))} d
      join ${raw(decisionsTable(migration))} up on up.run_id = d.run_id and up.staged_id = d.${raw(identifier(rowColumn(name)))}
     where d.run_id = ${uuid(run)} and d.planned in ${raw(writes(migration))} and d.import_state in ('pending', 'rolled_back')
       and d.planned_action in (${raw(literals(using))})
       and (${raw(stateAbove(migration, "up"))}) <> 'there')`;
  return holdPlanned(migration, run, refused, { reason: waitsFor(name) });
}
