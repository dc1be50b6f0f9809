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
  stagingTable(migration.entity.staging.table);

/** What the source holds of each staged row, cleaned and normalised: written once, by the import. */
export const sourceTable = (migration: Migration): string =>
  stagingTable(stagedFrom(migration).source);

/** What was decided about each staged row, from validation on, and what waves did with it. */
export const decisionsTable = (migration: Migration): string =>
  stagingTable(stagedFrom(migration).decisions);

/** The tables and columns that staged rows are read from, as a run's pin keeps them. */
export interface StagedFrom {
  /** Tables in the schema `wavegate`. */
  readonly source: string;
  readonly decisions: string;
  /** Each column's name and its expression over `s`, the source, and `d`, the decisions. */
  readonly columns: readonly (readonly [name: string, from: string])[];
}

/** The quoted name of a table in the schema `wavegate`. */
export const stagingTable = (name: string): string => `wavegate.${identifier(name)}`;

/** Where the staged rows of a migration are read from. */
export const stagedFrom = (migration: Migration): StagedFrom => ({
  source: `${migration.entity.staging.table}_source`,
  decisions: `${migration.entity.staging.table}_decisions`,
  columns: stagedColumns(migration),
});

/** Ids, named by their column, within a range. */
export const within = ({ run, after, upTo }: RowRange, alias: string, id: string): Sql =>
  sql`${raw(alias)}.run_id = ${uuid(run)} and ${raw(alias)}.${raw(id)} > ${after} and ${raw(alias)}.${raw(id)} <= ${upTo}`;

/**
 * The staged rows of a range, in parentheses, with the columns of {@link stagedTable}; those that
 * nobody asks for cost nothing. The range is said of both tables, so that neither is read whole.
 */
export const stagedRows = (migration: Migration, range: RowRange): Sql =>
  pinnedRows(stagedFrom(migration), range);

/** {@link stagedRows} of a pin. */
export function pinnedRows({ source, decisions, columns }: StagedFrom, range: RowRange): Sql {
  const selected = columns.map(([name, from]) => `${from} as ${identifier(name)}`);
  return sql`(select ${raw(selected.join(", "))}
      from ${raw(stagingTable(source))} s
      left join ${raw(stagingTable(decisions))} d on d.staged_id = s.id and ${within(range, "d", "staged_id")}
     where ${within(range, "s", "id")})`;
}

/**
 * The last staged id of each range of at most `rows` rows: the ids from the run's first to its last,
 * cut evenly, which takes two looks at an index. Where ids are missing a range has fewer rows.
 */
export const rangeBounds = (migration: Migration, run: string, rows: number): Sql =>
  pinnedBounds(stagedFrom(migration), run, rows);

/** A few columns of the decisions about all rows of a run, whichever kind of things they are. */
export function decisionsOf(
  entities: readonly { readonly staging: Pick<StagedFrom, "decisions"> }[],
  ...columns: readonly string[]
): string {
  const tables = entities.map(({ staging }) => stagingTable(staging.decisions));
  if (tables.length === 1) return tables[0] as string;
  return `(${tables.map((table) => `select ${columns.join(", ")} from ${table}`).join(" union all ")})`;
}

/** {@link decisionsOf} for a migration's parts. */
export const allDecisions = (parts: readonly Migration[], ...columns: readonly string[]): string =>
  decisionsOf(
    parts.map((part) => ({ staging: { decisions: `${part.entity.staging.table}_decisions` } })),
    "run_id",
    ...columns,
  );

/** {@link rangeBounds} of a pin. */
export const pinnedBounds = ({ source }: StagedFrom, run: string, rows: number): Sql => sql`
  select least(start + ${rows} - 1, last_id) as up_to
    from (select min(id) as first_id, max(id) as last_id
            from ${raw(stagingTable(source))} where run_id = ${uuid(run)}) ids,
         generate_series(first_id, last_id, ${rows}) start
   order by 1`;
