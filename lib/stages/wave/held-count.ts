import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { literals, raw, sql, uuid } from "../../data/sql.ts";
import { pinOf } from "../../evidence/pinned.ts";
import type { StagedFilter } from "./page-ids.ts";

/**
 * How many rows are held, of one reason or kind of things where the filter names one, as it is kept
 * (`schema/020-kept-counts.sql`); undefined of a filter by anything else.
 */
export async function heldCount(
  db: Database,
  run: Run,
  { import_state: state, reason, part, ...others }: StagedFilter,
): Promise<number | undefined> {
  const more = Object.values(others).some((each) => each !== undefined);
  if (state !== "held" || more) return undefined;
  const tables = pinOf(run).entities.filter(({ name }) => part === undefined || name === part);
  if (tables.length === 0) return 0;
  const named = raw(literals(tables.map(({ staging }) => staging.decisions)));
  const why = reason === undefined ? raw("") : sql` and reason = ${reason}`;
  const { rows } = await db.one<{ rows: number }>(sql`
    select coalesce(sum(rows), 0)::bigint as rows from wavegate.row_tallies
     where run_id = ${uuid(run.id)} and staging in (${named}) and import_state = 'held'${why}`);
  return rows;
}
