import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import type { Room } from "../../define/room.ts";
import { valueColumn } from "../columns.ts";
import { standsIn } from "../references/above.ts";
import { stagedTable } from "../rows.ts";
import { isKey, keyIn } from "../there/there.ts";
import { holdPlanned } from "./plan.ts";

/**
 * Rows of a run, out of those of `among`, that would be written and find no place left on the platform as it is now: who
 * is first has the places. Undefined where there is room for everybody.
 *
 * @param among a table of ids, or of a run everything that is not written yet
 */
export function withoutRoom(migration: Migration, run: string, among?: string): Sql | undefined {
  const { room } = migration.entity;
  if (room === undefined) return undefined;
  const place = (field: string) => `s.${identifier(valueColumn(migration, field))}`;
  const which =
    among === undefined
      ? sql`s.import_state in ('pending', 'rolled_back')`
      : raw(`s.id in (select id from ${among})`);
  return sql`
    select w.id from (
        select s.id, ${raw(place(room.by))} as room,
               row_number() over (partition by ${raw(place(room.by))} order by ${raw(place(room.first))} nulls last, s.id) as nth
          from ${raw(stagedTable(migration))} s
         where s.run_id = ${uuid(run)} and ${which}
           and ${raw(takesPlace(migration, room, "s.planned"))}) w
      ${raw(beyondPlaces(migration, room))}`;
}

/** Of rows `w`, each the nth that wants one of the places of its `room`, those beyond what is left on the platform. */
export function beyondPlaces(migration: Migration, room: Room): string {
  const { into } = standsIn(migration);
  const key = `o.${identifier(room.key)}`;
  return `join ${identifier(room.of)} o on ${key}::text = w.room::text
     where w.nth > o.${identifier(room.most)} - (
       select count(*) from ${identifier(into)} p
        where p.${identifier(room.named)} = ${key} and ${takes(room, "p")})`;
}

/** Whether a row `s` that is planned so would take a place: one that is not there, or that comes back to it. */
export const takesPlace = (migration: Migration, room: Room, planned: string): string =>
  `(${planned} = 'commit' or (${planned} = 'update' and ${comesBack(room, migration)}))`;

/** Holds rows that find no place; undefined where there is room for everybody. */
export function holdWithoutRoom(migration: Migration, run: string): Sql | undefined {
  const full = withoutRoom(migration, run);
  const { room } = migration.entity;
  if (full === undefined || room === undefined) return undefined;
  const refused = sql`refused as materialized (select id as staged, null::text as by from (${full}) full_up)`;
  return holdPlanned(migration, run, refused, { reason: room.hold });
}

/** Whether a row `s` would be one that takes a place, and is there as one that takes none. */
function comesBack(room: Room, migration: Migration): string {
  const written = Object.keys(room.takes).filter((column) =>
    Object.hasOwn(updatesOf(migration.entity), column),
  );
  if (written.length === 0) return "false";
  const action = standsIn(migration);
  const changes = written.map((column) => `jsonb_exists(t.after, ${literal(column)})`).join(" or ");
  return `exists (
               select from wavegate.rows_there t
                 join ${identifier(action.into)} p on ${isKey(action, "p", keyIn(action, "t"))}
                where t.run_id = s.run_id and t.staged_id = s.id and (${changes}) and not (${takes(room, "p")}))`;
}

const takes = ({ takes: holds }: Room, row: string): string =>
  Object.entries(holds)
    .map(([column, value]) =>
      value === null
        ? `${row}.${identifier(column)} is null`
        : `${row}.${identifier(column)}::text = ${literal(value)}`,
    )
    .join(" and ");
