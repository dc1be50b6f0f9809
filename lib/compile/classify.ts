import { raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { type AliasOf, referenceJoins } from "./condition.ts";
import { detailsTable, type RowRange, stagedTable, within } from "./rows.ts";
import { classification, details, importAction } from "./verdict.ts";

/**
 * Says of the rows of a range what each appears to be (M3), and of its training what kind of session
 * it had and which action is advised (M4, D27). Rows for which nothing changes are not written.
 */
export function classifyRows(migration: Migration, range: RowRange): Sql {
  return sql`
  with judged as materialized (
    select s.id, s.run_id, s.classification as was, c.classification, d.*
      from ${raw(stagedTable(migration))} s
      ${raw(referenceJoins(migration))}
      cross join lateral (select ${raw(classification(migration))} as classification offset 0) c
      cross join lateral (select ${raw(details(migration))} offset 0) t
      cross join lateral (select t.*, ${raw(importAction(migration, judged))} as import_action offset 0) d
     where ${within(range)}),
  described as (
    insert into ${raw(detailsTable(migration))} as t
      (run_id, student_import_id, legacy_formation_id, legacy_session_id, session_type, import_action)
    select run_id, id, legacy_formation_id, legacy_session_id, session_type, import_action from judged
    on conflict (student_import_id) do update
      set session_type = excluded.session_type, import_action = excluded.import_action
    where (t.session_type, t.import_action) is distinct from (excluded.session_type, excluded.import_action)),
  changed as (select id, classification from judged where classification is distinct from was)
  update ${raw(stagedTable(migration))} t set classification = changed.classification
    from changed
   where t.id = changed.id and t.id > ${range.after} and t.id <= ${range.upTo}`;
}

/** Where each column that is being judged stands. */
const judged: AliasOf = (column) => ({ classification: "c", session_type: "t" })[column] ?? "s";
