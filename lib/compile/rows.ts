import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { stagedColumns } from "./columns.ts";

/** A run, and a half-open range of its staged ids (after, upTo], small enough for one statement. */
export interface RowRange {
  readonly run: string;
  readonly after: number;
  readonly upTo: number;
}

/**
 * The staged rows of a migration with everything that is known of them: a view (D30), for looking up
 * rows and for people. What goes over all rows reads {@link stagedRows}, range by range.
 */
export const stagedTable = (migration: Migration): string =>
  `wavegate.${identifier(migration.entity.staging.table)}`;

/** What the source holds of each staged row, cleaned and normalised: written once, by the import. */
export const sourceTable = (migration: Migration): string =>
  `wavegate.${identifier(`${migration.entity.staging.table}_source`)}`;

/** What was decided about each staged row, from validation on, and what waves did with it. */
export const decisionsTable = (migration: Migration): string =>
  `wavegate.${identifier(`${migration.entity.staging.table}_decisions`)}`;

/** Ids, named by their column, within a range. */
export const within = ({ run, after, upTo }: RowRange, alias: string, id: string): Sql =>
  sql`${raw(alias)}.run_id = ${uuid(run)} and ${raw(alias)}.${raw(id)} > ${after} and ${raw(alias)}.${raw(id)} <= ${upTo}`;

/**
 * The staged rows of a range, in parentheses, with the columns of {@link stagedTable}; those that
 * nobody asks for cost nothing. The range is said of both tables, so that neither is read whole.
 */
export function stagedRows(migration: Migration, range: RowRange): Sql {
  const columns = stagedColumns(migration).map(([name, from]) => `${from} as ${identifier(name)}`);
  return sql`(select ${raw(columns.join(", "))}
      from ${raw(sourceTable(migration))} s
      left join ${raw(decisionsTable(migration))} d on d.staged_id = s.id and ${within(range, "d", "staged_id")}
     where ${within(range, "s", "id")})`;
}

/**
 * The last staged id of each range of at most `rows` rows: the ids from the run's first to its last,
 * cut evenly, which takes two looks at an index. Where ids are missing a range has fewer rows.
 */
export const rangeBounds = (migration: Migration, run: string, rows: number): Sql => sql`
  select least(start + ${rows} - 1, last_id) as up_to
    from (select min(id) as first_id, max(id) as last_id
            from ${raw(sourceTable(migration))} where run_id = ${uuid(run)}) ids,
         generate_series(first_id, last_id, ${rows}) start
   order by 1`;
