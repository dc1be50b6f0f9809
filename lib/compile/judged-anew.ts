import { identifier, raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { decisionColumns } from "../define/looked-at.ts";
import { aboveColumns } from "./above-columns.ts";
import { type AliasOf, referenceJoins } from "./condition.ts";
import { knownColumns, sharedContacts } from "./decide.ts";
import { decided, decisionJoins, justDecided } from "./decisions.ts";
import { decisionsTable, type RowRange, sourceTable, within } from "./rows.ts";
import { planLine, planned, unlessThere, verdict } from "./verdict.ts";

/** Rows of a range that are judged alike, before and now. */
export interface JudgedAnew {
  /** Each decision that differs, by its column: what it was and what it is. */
  readonly decisions: Readonly<Record<string, readonly [was: string | null, is: string | null]>>;
  /** `commit create_customer`, `hold name_missing`, and the like. */
  readonly was: string;
  readonly is: string;
  /** The line of the plan that decides now, from 1. */
  readonly line: number | null;
  /** Whether these stand on the platform already: no plan changes that. */
  readonly standing: boolean;
  readonly rows: number;
  /** The first of them: the staged id, and `table:id` of the source. */
  readonly first: readonly (readonly [id: number, row: string])[];
}

const firstRows = 5;

/**
 * How the rows of a range would be judged by a changed definition, beside how they were: reads and writes
 * nothing. What was read from the source, and what matching found, is taken as it is staged.
 *
 * @param migration the changed definition, with the staging tables of the run
 * @param kept the decisions that the run's own definition keeps
 */
export function judgedAnew(migration: Migration, kept: readonly string[], range: RowRange): Sql {
  const columns = decisionColumns(migration);
  const now = decided(migration);
  const plan = unlessThere(migration, planned(migration, "p.line"), "s.there_is");
  const changes = columns.map((column, at) => {
    const was = kept.includes(column) ? `s.${identifier(`own was ${column}`)}` : "null::text";
    return `case when ${was} is distinct from ${now[at]}
                 then jsonb_build_object('${column.replaceAll("'", "''")}', jsonb_build_array(${was}, ${now[at]})) else '{}' end`;
  });
  const was = kept.map(
    (column) => `, d.${identifier(column)} as ${identifier(`own was ${column}`)}`,
  );
  const above = aboveColumns(migration)
    .map(([name]) => `, d.${identifier(name)}`)
    .join("");
  const outcome = (planned: string, action: string, reason: string) =>
    `concat_ws(' ', ${planned}, ${action}, ${reason})`;
  return sql`
  with judged as (
    select s.id, s.source_table || ':' || s.legacy_id as row,
           ${raw(["'{}'::jsonb", ...changes].join(" || "))} as decisions,
           ${raw(outcome(`s."own was_planned"`, `s."own was_action"`, `s."own was_reason"`))} as was,
           ${raw(outcome(plan.planned, plan.planned_action, plan.planned_reason))} as "now", p.line,
           s.import_state in ('committed', 'linked') as standing
      from (select ${raw(knownColumns(migration))}, d.import_state,
                   d.planned as "own was_planned", d.planned_action as "own was_action",
                   -- What a person holds is planned as it was.
                   coalesce(d.planned_reason, '') as "own was_reason"${raw(was.join(""))},
                   coalesce(d.high_hits, 'none') as high_hits, d.link_table, d.link_id,
                   coalesce(d.duplicate_confidence, 'none') as duplicate_confidence,
                   coalesce(d.source_duplicate_confidence, 'none') as source_duplicate_confidence,
                   coalesce(d.another_person, false) as another_person,
                   coalesce(d.later_of_person, false) as later_of_person,
                   coalesce(d.moved_before, false) as moved_before${raw(above)}
              from ${raw(sourceTable(migration))} s
              join ${raw(decisionsTable(migration))} d on d.staged_id = s.id and ${within(range, "d", "staged_id")}
                   ${sharedContacts(migration)}
             where ${within(range, "s", "id")} offset 0) s
      ${raw(referenceJoins(migration))}
      cross join lateral (
        select ${raw(verdict(migration, "s.high_hits <> 'none' or s.later_of_person"))} as validation_status offset 0) v
      ${raw(decisionJoins(migration))}
      cross join lateral (select ${raw(planLine(migration, judged(migration)))} as line offset 0) p)
  select decisions, btrim(was) as was, btrim("now") as "is", line, standing, count(*) as rows,
         to_jsonb(trim_array(array_agg(jsonb_build_array(id, row) order by id), greatest(count(*)::int - ${firstRows}::int, 0))) as first
    from judged where decisions <> '{}' or btrim(was) <> btrim("now") group by 1, 2, 3, 4, 5`;
}

const judged = (migration: Migration): AliasOf => {
  const just = justDecided(migration);
  return (column) => (column === "validation_status" ? "v" : just(column));
};
