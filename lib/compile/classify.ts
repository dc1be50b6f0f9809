import { raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { type AliasOf, referenceJoins, sessionType } from "./condition.ts";
import { decisionsTable, type RowRange, stagedRows, within } from "./rows.ts";
import { classification, importAction } from "./verdict.ts";

/**
 * Says of the rows of a range what each appears to be (M3), and of its training what kind of session
 * it had and which action is advised (M4, D27). Rows for which nothing changes are not written.
 */
export function classifyRows(migration: Migration, range: RowRange): Sql {
  return sql`
  with judged as materialized (
    select s.id, (s.classification, s.session_type, s.import_action) as was,
           c.classification, t.session_type, a.import_action
      from ${stagedRows(migration, range)} s
      ${raw(referenceJoins(migration))}
      cross join lateral (select ${raw(classification(migration))} as classification offset 0) c
      cross join lateral (select ${raw(sessionType(migration))} as session_type offset 0) t
      cross join lateral (select ${raw(importAction(migration, judged))} as import_action offset 0) a)
  update ${raw(decisionsTable(migration))} d
     set classification = judged.classification, session_type = judged.session_type,
         import_action = judged.import_action
    from judged
   where d.staged_id = judged.id and ${within(range, "d", "staged_id")}
     and judged.was is distinct from (judged.classification, judged.session_type, judged.import_action)`;
}

/** Where each column that is being judged stands. */
const judged: AliasOf = (column) => ({ classification: "c", session_type: "t" })[column] ?? "s";
