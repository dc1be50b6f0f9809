import { type Sql, sql, uuid } from "../../data/sql.ts";

/** Where a decision about a mapping was made that stands in another run. */
export interface Carried {
  /** The run's reference. */
  readonly run: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * What a run's log tells of decisions that were carried into one table of its mappings: `id` as text, `by`, `at` and `run`.
 * Where somebody decided anew since, what stands was decided at another moment.
 */
export const carriedInto = (run: string, table: string): Sql => sql`
  select c.value ->> 'id' as id, c.value ->> 'by' as by, c.value ->> 'run' as run,
         c.value ->> 'at' as said, (c.value ->> 'at')::timestamptz as at
    from wavegate.audit_log l cross join lateral jsonb_array_elements(l.details -> 'decisions') c
   where l.run_id = ${uuid(run)} and l.action = 'mappings-carried' and l.details ->> 'table' = ${table}`;
