import { identifier, literal, literals, raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { compileCondition, referenceColumn, sessionType, stagedFrom } from "./condition.ts";
import { detailsTable, type RowRange, stagedTable, within } from "./rows.ts";

/** What each row appears to be: status → classification, in the definition's order (M3, D1, D2). */
export function classifyRows(migration: Migration, range: RowRange): Sql {
  const { classify } = migration.entity;
  const key = `s.${identifier("status_key")}`;
  const lines = classify.as.map(({ classification, statuses, when }) => {
    const condition = when ? ` and ${compileCondition(when, migration)}` : "";
    return `when ${key} in (${literals(statuses)})${condition} then ${literal(classification)}`;
  });
  return sql`
  with judged as (
    select s.id, case ${raw(lines.join("\n      "))} else ${raw(literal(classify.otherwise))} end as classification
      from ${raw(stagedFrom(migration))}
     where ${within(range)})
  update ${raw(stagedTable(migration))} t set classification = judged.classification
    from judged
   where t.id = judged.id and t.classification is distinct from judged.classification`;
}

/** The training of each row: what kind of session, and the advisory action (M4, D27). */
export function describeTrainings(migration: Migration, range: RowRange): Sql {
  const lines = migration.entity.importAction.map(
    ({ when, action }) => `when ${compileCondition(when, migration)} then ${literal(action)}`,
  );
  const formation = identifier(referenceColumn(migration, "course"));
  const session = identifier(referenceColumn(migration, "session"));
  return sql`
  insert into ${raw(detailsTable(migration))} as t
    (run_id, student_import_id, legacy_formation_id, legacy_session_id, session_type, import_action)
  select s.run_id, s.id, s.${raw(formation)}, s.${raw(session)}, ${raw(sessionType(migration))},
         case ${raw(lines.join("\n      "))} else 'needs_review' end
    from ${raw(stagedFrom(migration))}
   where ${within(range)}
  on conflict (student_import_id) do update
    set session_type = excluded.session_type, import_action = excluded.import_action
  where (t.session_type, t.import_action) is distinct from (excluded.session_type, excluded.import_action)`;
}
