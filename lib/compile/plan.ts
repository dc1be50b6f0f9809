import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { InsertAction, Migration } from "../define/definition.ts";
import { valueColumn } from "./columns.ts";
import { type AliasOf, referenceJoins } from "./condition.ts";
import { countedMarks } from "./report.ts";
import { decisionsTable, type RowRange, sourceTable, stagedRows, within } from "./rows.ts";
import { gatherStatistics } from "./statistics.ts";
import { planLine, planned } from "./verdict.ts";

/**
 * The statements that find, once for a dry run, the rows that an earlier run moved already: told by
 * the ledger, and by the platform itself.
 */
export function findMovedBefore(migration: Migration, run: string): readonly Sql[] {
  const source = raw(sourceTable(migration));
  const onPlatform = Object.values(migration.entity.actions).flatMap((action) =>
    action.identity
      ? [
          movedTo(
            migration,
            action,
            run,
            sql`(select * from ${source} where run_id = ${uuid(run)})`,
          ),
        ]
      : [],
  );
  const inLedger = sql`
    select s.id from wavegate.legacy_import_commit_logs l
      join ${source} o on o.run_id = l.run_id and o.id = l.staged_id
      join ${source} s on s.run_id = ${uuid(run)} and s.source_table = o.source_table and s.legacy_id = o.legacy_id
     where l.run_id <> ${uuid(run)} and l.rolled_back_at is null`;
  const all = [inLedger, ...onPlatform].reduce((found, each) => sql`${found} union ${each}`);
  return [
    sql`delete from wavegate.moved_before where run_id = ${uuid(run)}`,
    sql`insert into wavegate.moved_before (run_id, staged_id) select ${uuid(run)}, id from (${all}) moved`,
    gatherStatistics("moved_before"),
  ];
}

/**
 * Ids of those rows, given in parentheses, whose legacy row a record in a target table names as its
 * own that this run did not make.
 */
export function movedTo(
  migration: Migration,
  { into, identity = {}, values }: InsertAction,
  run: string,
  rows: Sql,
): Sql {
  const same = Object.entries(identity).flatMap(([column, value]) =>
    "staged" in value
      ? [`p.${identifier(column)} = s.${identifier(valueColumn(migration, value.staged))}`]
      : [],
  );
  const maker = Object.entries(values).find(([, value]) => "run" in value)?.[0];
  const foreign = maker
    ? sql`and p.${raw(identifier(maker))} is distinct from ${uuid(run)}`
    : raw("");
  return sql`
    select s.id from ${rows} s join ${raw(identifier(into))} p on ${raw(same.join(" and "))} ${foreign}`;
}

/**
 * What a wave would do with each row of a range: the first line of the definition's plan that
 * applies (D28), knowing which rows an earlier run moved. Rows that need no wave get their state at
 * once: held, skipped or failed. Rows for which nothing changes are not written.
 *
 * Answers with the counts of a dry run (R6, M13) over the range: one row for each combination of the
 * columns that are counted, a few hundred at any number of rows.
 */
export function planRows(migration: Migration, range: RowRange): Sql {
  const plan = planned(migration, "p.line");
  const counted = migration.report.distributions.map(({ column }) =>
    identifier(valueColumn(migration, column)),
  );
  const groups = ["planned", "planned_action", "planned_reason", "marks"];
  const each = [...new Set([...counted, ...groups])].join(", ");
  // What a wave wrote keeps the plan it was written by.
  const open = "s.import_state in ('pending', 'held', 'skipped', 'failed', 'rolled_back')";
  const settled = (now: string, before: string) =>
    raw(`case when ${open} then ${now} else s.${before} end as ${before}`);
  const reason = "case when p.kept then 'held_by_person' else p.planned_reason end";
  return sql`
  with decided as materialized (
    select s.id, ${raw(counted.map((column) => `s.${column} as ${column}, `).join(""))}${raw(countedMarks(migration, decided))} as marks,
           ${raw(open)} as open, s.import_state as was, m.moved_before as moved,
           ${settled(plan.planned, "planned")}, ${settled(plan.planned_action, "planned_action")},
           ${settled(plan.planned_reason, "planned_reason")}, ${raw(plan.import_state)} as state,
           h.staged_id is not null and ${raw(plan.import_state)} = 'pending' as kept,
           (s.moved_before, s.planned, s.planned_action, s.planned_reason, s.state_reason) as before
      from ${stagedRows(migration, range)} s
      left join wavegate.moved_before b on b.staged_id = s.id and ${within(range, "b", "staged_id")}
      -- What a person holds stays held, whatever it is planned for.
      left join wavegate.held_rows h on h.staged_id = s.id and ${within(range, "h", "staged_id")}
      ${raw(referenceJoins(migration))}
      cross join lateral (select b.staged_id is not null as moved_before) m
      cross join lateral (select ${raw(planLine(migration, decided))} as line offset 0) p),
  changed as (
    update ${raw(decisionsTable(migration))} d
       set moved_before = p.moved, planned = p.planned, planned_action = p.planned_action,
           planned_reason = p.planned_reason, state_reason = ${raw(reason)}, state_detail = null,
           import_state = case when p.kept then 'held' when p.state = 'pending' and p.was = 'rolled_back' then p.was else p.state end
      from decided p
     where p.open and d.staged_id = p.id and ${within(range, "d", "staged_id")}
       and p.before is distinct from (p.moved, p.planned, p.planned_action, p.planned_reason, ${raw(reason)}))
  select ${raw(each)}, count(*) as rows from decided group by ${raw(each)}`;
}

/** Holds what a person held while rows were planned: the plan of those rows was made without knowing. */
export const holdAgain = (migration: Migration, run: string): Sql => sql`
  update ${raw(decisionsTable(migration))} d
     set import_state = 'held', state_reason = 'held_by_person', state_detail = null
    from wavegate.held_rows h
   where h.run_id = ${uuid(run)} and d.run_id = h.run_id and d.staged_id = h.staged_id
     and d.planned in ('commit', 'link') and d.import_state in ('pending', 'rolled_back')`;

/** Where each column that the plan looks at stands. */
const decided: AliasOf = (column) => (column === "moved_before" ? "m" : "s");
