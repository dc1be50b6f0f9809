import { identifier, literal, literals, raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { decisionColumns } from "../../define/looked-at.ts";
import { waitsFor } from "../../define/reasons.ts";
import type { Room } from "../../define/room.ts";
import { aboveColumns, selvesOf } from "../above-columns.ts";
import { valueColumn } from "../columns.ts";
import { type AliasOf, referenceJoins } from "../condition.ts";
import { decisionsTable, type RowRange, sourceTable, within } from "../rows.ts";
import { sourceKeyShown } from "../shown/key.ts";
import { refusedByPlatform } from "../wave/refused.ts";
import { knownColumns, sharedContacts } from "./decide.ts";
import { decided, decisionJoins, justDecided } from "./decisions.ts";
import { excludesAnother } from "./excluding.ts";
import { keyGivenTwice } from "./given-twice.ts";
import { actionsUsing } from "./levels.ts";
import { keyOfAnother, movedAndGone } from "./plan.ts";
import { beyondPlaces, takesPlace } from "./room.ts";
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
 * nothing. What was read from the source, and what matching found, is taken as it is staged; what the platform
 * refused, also beside another row of the run, stays refused as long as it would be written.
 *
 * @param migration the changed definition, with the staging tables of the run
 * @param before the kind of things as the run staged it
 * @param whole whether the range is all of them: then places are counted for whom there is room
 */
export function judgedAnew(
  migration: Migration,
  before: Migration,
  range: RowRange,
  whole: boolean,
): Sql {
  const kept = decisionColumns(before);
  const columns = decisionColumns(migration);
  const now = decided(migration);
  const plan = unlessThere(migration, planned(migration, "p.line"), "s.there_is");
  const written = `${plan.planned_action} is not null`;
  const { room } = migration.entity;
  // Where places cannot be counted, who found none finds none.
  const stays = [
    ...[refusedByPlatform, keyGivenTwice, excludesAnother],
    ...(room && !whole && before.entity.room ? [before.entity.room.hold] : []),
  ];
  const ofAnother = `s."own was_reason" in (${literals([keyOfAnother, movedAndGone])}) and (${written} or ${plan.planned_reason} = 'moved_before')`;
  // Below a row of its own kind that was held once it was planned.
  const below = selvesOf(migration).flatMap((name) => {
    const using = actionsUsing(migration, name);
    return using.length === 0
      ? []
      : [
          `s."own was_reason" = ${literal(waitsFor(name))} and ${plan.planned_action} in (${literals(using)})`,
        ];
  });
  const asHeld = [
    `s."own was_reason" in (${literals(stays)}) and ${written}`,
    ofAnother,
    ...below,
  ].join(" or ");
  const held = `s."own was_planned" = 'hold' and (${asHeld})`;
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
    select s.id, s.source_table || ':' || ${raw(sourceKeyShown("s"))} as row,
           ${raw(["'{}'::jsonb", ...changes].join(" || "))} as decisions,
           ${raw(outcome(`s."own was_planned"`, `s."own was_action"`, `s."own was_reason"`))} as was,
           case when ${raw(held)} then concat_ws(' ', s."own was_planned", s."own was_reason")
                else ${raw(outcome(plan.planned, plan.planned_action, plan.planned_reason))} end as "now", p.line,
           s.import_state in ('committed', 'linked') as standing${raw(
             room && whole
               ? wantsPlace(migration, room, `not (${held}) and ${written}`, plan.planned)
               : "",
           )}
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
      cross join lateral (select ${raw(planLine(migration, judged(migration)))} as line offset 0) p)${
        room && whole ? placed(migration, room) : raw("")
      }
  select decisions, btrim(was) as was, btrim("now") as "is", line, standing, count(*) as rows,
         to_jsonb(trim_array(array_agg(jsonb_build_array(id, row) order by id), greatest(count(*)::int - ${firstRows}::int, 0))) as first
    from ${raw(room && whole ? "placed" : "judged")} where decisions <> '{}' or btrim(was) <> btrim("now") group by 1, 2, 3, 4, 5`;
}

/** Whether a row `s` would take a place, of which room, and by what it is first. */
function wantsPlace(migration: Migration, room: Room, written: string, planned: string): string {
  const value = (field: string) => `s.${identifier(valueColumn(migration, field))}`;
  return `, ${value(room.by)} as room, ${value(room.first)} as nth_by,
           s.import_state not in ('committed', 'linked') and ${written} and ${takesPlace(migration, room, planned)}
             and not exists (select from wavegate.held_rows h where h.run_id = s.run_id and h.staged_id = s.id) as wants`;
}

/** Judged rows, of which those that find no place are held. */
const placed = (migration: Migration, room: Room): Sql => sql`,
  beyond as (
    select w.id from (
        select id, room, row_number() over (partition by room order by nth_by nulls last, id) as nth from judged where wants) w
      ${raw(beyondPlaces(migration, room))}),
  placed as (
    select id, row, decisions, was, standing, case when b.id is null then line end as line,
           case when b.id is null then "now" else ${`hold ${room.hold}`} end as "now"
      from judged left join beyond b using (id))`;

const judged = (migration: Migration): AliasOf => {
  const just = justDecided(migration);
  return (column) => (column === "validation_status" ? "v" : just(column));
};
