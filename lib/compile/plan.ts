import { identifier, raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { type AliasOf, referenceJoins } from "./condition.ts";
import { detailsTable, type RowRange, stagedTable, within } from "./rows.ts";
import { planLine, planned } from "./verdict.ts";

/** Whether an earlier run moved the legacy row `s` already: told by the ledger, and by the platform itself. */
function movedBefore(migration: Migration): string {
  const onPlatform = Object.values(migration.entity.actions).flatMap((action) => {
    if (!action.identity) return [];
    const same = Object.entries(action.identity).flatMap(([column, value]) =>
      "staged" in value ? [`p.${identifier(column)} = s.${identifier(value.staged)}`] : [],
    );
    const maker = Object.entries(action.values).find(([, value]) => "run" in value)?.[0];
    const foreign = maker ? [`p.${identifier(maker)} is distinct from s.run_id`] : [];
    return [
      `exists (select from ${identifier(action.into)} p where ${[...same, ...foreign].join(" and ")})`,
    ];
  });
  return [
    `exists (select from ${stagedTable(migration)} o
               join wavegate.legacy_import_commit_logs l on l.run_id = o.run_id and l.staged_id = o.id
              where o.source_table = s.source_table and o.legacy_id = s.legacy_id
                and o.run_id <> s.run_id and l.rolled_back_at is null)`,
    ...onPlatform,
  ].join("\n        or ");
}

/**
 * What a wave would do with each row of a range: the first line of the definition's plan that
 * applies (D28), knowing which rows an earlier run moved. Rows that need no wave get their state at
 * once: held, skipped or failed. Rows for which nothing changes are not written.
 */
export function planRows(migration: Migration, range: RowRange): Sql {
  const plan = planned(migration, "p.line");
  return sql`
  with decided as materialized (
    select s.id, s.import_state as was, s.moved, ${raw(plan.planned)} as planned, ${raw(plan.planned_action)} as action,
           ${raw(plan.planned_reason)} as reason, ${raw(plan.import_state)} as state,
           (s.moved_before, s.planned, s.planned_action, s.planned_reason, s.state_reason) as before
      from (select s.*, (${raw(movedBefore(migration))}) as moved
              from ${raw(stagedTable(migration))} s
             where ${within(range)} and s.import_state in ('pending', 'held', 'skipped', 'failed', 'rolled_back')
            offset 0) s
      left join ${raw(detailsTable(migration))} d
        on d.student_import_id = s.id and d.student_import_id > ${range.after} and d.student_import_id <= ${range.upTo}
      ${raw(referenceJoins(migration))}
      cross join lateral (select s.moved as moved_before) m
      cross join lateral (select ${raw(planLine(migration, decided))} as line offset 0) p)
  update ${raw(stagedTable(migration))} t
     set moved_before = d.moved, planned = d.planned, planned_action = d.action, planned_reason = d.reason,
         state_reason = d.reason,
         import_state = case when d.state = 'pending' and d.was = 'rolled_back' then d.was else d.state end
    from decided d
   where t.id = d.id and t.id > ${range.after} and t.id <= ${range.upTo}
     and d.before is distinct from (d.moved, d.planned, d.action, d.reason, d.reason)`;
}

/** Where each column that the plan looks at stands. */
const decided: AliasOf = (column) =>
  ({ moved_before: "m", session_type: "d", import_action: "d" })[column] ?? "s";
