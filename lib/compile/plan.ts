import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration, PlanRule } from "../define/definition.ts";
import { compileCondition, stagedFrom } from "./condition.ts";
import { type RowRange, stagedTable, within } from "./rows.ts";

/** Which legacy rows an earlier run moved already: told by the ledger, and by the platform itself. */
export function noteMovedBefore(migration: Migration, range: RowRange): Sql {
  const rows = raw(stagedTable(migration));
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
  return sql`
  with found as (
    select s.id, (exists (
             select from ${rows} o
               join wavegate.legacy_import_commit_logs l on l.run_id = o.run_id and l.staged_id = o.id
              where o.source_table = s.source_table and o.legacy_id = s.legacy_id
                and o.run_id <> s.run_id and l.rolled_back_at is null)
           ${raw(onPlatform.map((each) => `or ${each}`).join(" "))}) as moved
      from ${rows} s where ${within(range)})
  update ${rows} t set moved_before = found.moved from found
   where t.id = found.id and t.moved_before is distinct from found.moved`;
}

const outcome = (
  rule: PlanRule,
): [planned: string, action: string | null, reason: string | null] => {
  if ("hold" in rule) return ["hold", null, rule.hold];
  if ("fail" in rule) return ["fail", null, rule.fail];
  if ("skip" in rule) return ["skip", null, rule.skip];
  if ("link" in rule) return ["link", null, null];
  return ["commit", rule.commit, null];
};

/**
 * What a wave would do with each row of a range: the first line of the definition's plan that
 * applies (D28). Rows that need no wave get their state at once: held, skipped or failed.
 */
export function planRows(migration: Migration, range: RowRange): Sql {
  const lines = (pick: 0 | 1 | 2) =>
    raw(
      migration.entity.plan
        .map((rule) => {
          const value = outcome(rule)[pick];
          const then = value === null ? "null" : literal(value);
          return `when ${compileCondition(rule.when, migration)} then ${then}`;
        })
        .join("\n      "),
    );
  return sql`
  with planned as (
    select s.id, case ${lines(0)} end as planned, case ${lines(1)} end as action, case ${lines(2)} end as reason
      from ${raw(stagedFrom(migration))}
     where ${within(range)} and s.import_state in ('pending', 'held', 'skipped', 'failed', 'rolled_back'))
  update ${raw(stagedTable(migration))} t
     set planned = p.planned, planned_action = p.action, planned_reason = p.reason,
         import_state = case p.planned when 'hold' then 'held' when 'skip' then 'skipped' when 'fail' then 'failed'
                        else case t.import_state when 'rolled_back' then 'rolled_back' else 'pending' end end,
         state_reason = p.reason
    from planned p
   where t.id = p.id
     and (t.planned, t.planned_action, t.planned_reason, t.state_reason)
         is distinct from (p.planned, p.action, p.reason, p.reason)`;
}

/** Rows of a run that are staged but were never planned: a dry run must leave none. */
export const countUnplanned = (migration: Migration, run: string): Sql => sql`
  select count(*) as rows from ${raw(stagedTable(migration))}
   where run_id = ${uuid(run)} and planned is null`;
