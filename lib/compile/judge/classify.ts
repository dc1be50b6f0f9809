import { identifier, raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { decisionColumns } from "../../define/looked-at.ts";
import { referenceJoins } from "../condition.ts";
import { decisionsTable, type RowRange, stagedRows, within } from "../rows.ts";
import { decided, decisionJoins } from "./decisions.ts";

/**
 * Decides of the rows of a range what the definition says, such as what each appears to be (M3) and
 * which action is advised (M4, D27). Rows for which nothing changes are not written.
 */
export function classifyRows(migration: Migration, range: RowRange): Sql {
  const columns = decisionColumns(migration).map(identifier);
  const was = columns.map((column) => `s.${column}`).join(", ");
  const now = decided(migration).join(", ");
  return sql`
  with judged as materialized (
    select * from (
      select s.id, (${raw(was)}) is distinct from (${raw(now)}) as "own differs", ${raw(now)}
        from ${stagedRows(migration, range)} s
        ${raw(referenceJoins(migration))}
        ${raw(decisionJoins(migration))} offset 0) rows
     where "own differs")
  update ${raw(decisionsTable(migration))} d
     set ${raw(columns.map((column) => `${column} = judged.${column}`).join(", "))}
    from judged
   where d.staged_id = judged.id and ${within(range, "d", "staged_id")}`;
}
