import { literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import type { OnTheWay } from "../around/on-the-way.ts";
import { referenceJoins } from "../condition.ts";
import { standingJoins } from "../references/above.ts";
import { decisionsTable, stagedTable } from "../rows.ts";
import type { JsonColumns } from "../target/json-columns.ts";
import type { Drawn } from "../target/new-keys.ts";
import type { ColumnTypes } from "../there/value.ts";
import { leftOut } from "./left-out.ts";
import { nextRows, type WaveOrder } from "./rows.ts";
import { insertsOf, pickedRows } from "./wave.ts";

/** Why a row is held that the platform refuses; by what stands beside it. */
export const refusedByPlatform = "refused_by_platform";

/** A row that the platform refuses, and the name of what does: a constraint, a column, a function. */
export interface RefusedRow {
  readonly id: number;
  readonly by: string;
}

/**
 * Holds the rows of a wave that the platform refuses (D38), tried in the order in which they would be written, by the
 * name of what refuses them; nothing of what is tried stays written. Answers how many, as `(by, rows)`: the database
 * keeps the list to itself, as it may be longer than an answer. See `schema/007-refused-rows.sql`.
 */
export const holdRefused = (
  migration: Migration,
  order: WaveOrder,
  drawn: Drawn,
  types: ColumnTypes = {},
  json: JsonColumns = {},
  onTheWay: OnTheWay = {},
): Sql => {
  const rows = tryRows(migration, drawn, types, json, onTheWay);
  // New rows and changes together, as one may exclude the other. A batch of changes ends with their guard, which speaks
  // behind what is refused of new rows: those are written first.
  const refused = sql`wavegate.refused_rows(${rows}, ${uuid(order.run)}, (select coalesce(jsonb_agg(id), '[]') from next))`;
  return sql`
  with ${nextRows(migration, order)},
  refused as materialized (select r.id, r.by from jsonb_to_recordset(${refused}) r(id bigint, by text)),
  held as (
    update ${raw(decisionsTable(migration))} d
       set import_state = 'held', state_reason = ${raw(literal(refusedByPlatform))}, state_detail = r.by
      from refused r where d.run_id = ${uuid(order.run)} and d.staged_id = r.id
    returning r.by)
  select by, count(*) as rows from held group by 1 order by 1`;
};

/** The inserts of a wave for the rows of a run, $1, with these ids, $2. */
function tryRows(
  migration: Migration,
  drawn: Drawn,
  types: ColumnTypes,
  json: JsonColumns,
  onTheWay: OnTheWay,
): string {
  const { begins, joins, looked, ends } = pickedRows(migration, drawn, types);
  return `
  with ${begins}
      from unnest($2::bigint[]) with ordinality as next(id, place)
      join ${stagedTable(migration)} s on s.run_id = $1 and s.id = next.id
      ${referenceJoins(migration)}
      ${standingJoins(migration)}${joins}
     order by next.place${looked},
  ${ends}),
  ${insertsOf(migration, drawn, types, onTheWay, true)}
  select wavegate.say_left_out(${leftOut(migration, drawn, json, onTheWay)})`;
}
