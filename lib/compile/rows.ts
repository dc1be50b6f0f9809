import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";

/** A run, and a half-open range of its staged ids (after, upTo], small enough for one statement. */
export interface RowRange {
  readonly run: string;
  readonly after: number;
  readonly upTo: number;
}

/** The staged rows of a migration. */
export const stagedTable = (migration: Migration): string =>
  `wavegate.${identifier(migration.entity.staging.table)}`;

/** The details of the staged rows: session type and advisory action. */
export const detailsTable = (migration: Migration): string =>
  `wavegate.${identifier(migration.entity.staging.details)}`;

/** `s` within a range. */
export const within = (range: RowRange): Sql =>
  sql`s.run_id = ${uuid(range.run)} and s.id > ${range.after} and s.id <= ${range.upTo}`;

/**
 * The last staged id of each range of at most `rows` rows: the ids from the run's first to its last,
 * cut evenly, which takes two looks at an index. Where ids are missing a range has fewer rows.
 */
export const rangeBounds = (migration: Migration, run: string, rows: number): Sql => sql`
  select least(start + ${rows} - 1, last_id) as up_to
    from (select min(id) as first_id, max(id) as last_id
            from ${raw(stagedTable(migration))} where run_id = ${uuid(run)}) ids,
         generate_series(first_id, last_id, ${rows}) start
   order by 1`;

/** The name of the migration's one field of a kind, e.g. `phone`. */
export function fieldOf(migration: Migration, kind: string): string {
  for (const [name, field] of Object.entries(migration.entity.fields)) {
    if (field.kind === kind) return name;
  }
  throw new Error(`“${migration.name}” declares no field of kind “${kind}”.`);
}
