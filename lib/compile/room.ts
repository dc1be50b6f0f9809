import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { InsertAction, Migration } from "../define/definition.ts";
import { updatesOf } from "../define/identity.ts";
import type { Room } from "../define/room.ts";
import { standsIn } from "./above.ts";
import { valueColumn } from "./columns.ts";
import { holdPlanned } from "./plan.ts";
import { stagedTable } from "./rows.ts";
import { isKey, keyIn } from "./there.ts";

/**
 * Rows of a run, out of those of `among`, that would be written and find no place left on the platform as it is now: who
 * is first has the places. Undefined where there is room for everybody.
 *
 * @param among a table of ids, or of a run everything that is not written yet
 */
export function withoutRoom(migration: Migration, run: string, among?: string): Sql | undefined {
  const { room } = migration.entity;
  if (room === undefined) return undefined;
  const action = standsIn(migration);
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
           and (s.planned = 'commit' or (s.planned = 'update' and ${comesBack(room, action, migration, run)}))) w
      join ${raw(identifier(room.of))} o on o.${raw(identifier(room.key))}::text = w.room::text
     where w.nth > o.${raw(identifier(room.most))} - (
       select count(*) from ${raw(identifier(action.into))} p
        where p.${raw(identifier(room.named))} = o.${raw(identifier(room.key))} and ${raw(takes(room, "p"))})`;
}

/** Holds rows that find no place; undefined where there is room for everybody. */
export function holdWithoutRoom(migration: Migration, run: string): Sql | undefined {
  const full = withoutRoom(migration, run);
  const { room } = migration.entity;
  if (full === undefined || room === undefined) return undefined;
  const refused = sql`refused as materialized (select id as staged from (${full}) full_up)`;
  return holdPlanned(migration, run, refused, { reason: room.hold, detail: null });
}

/** Whether a row `s` would be one that takes a place, and is there as one that takes none. */
function comesBack(room: Room, action: InsertAction, migration: Migration, run: string): Sql {
  const written = Object.keys(room.takes).filter((column) =>
    Object.hasOwn(updatesOf(migration.entity), column),
  );
  if (written.length === 0) return raw("false");
  const changes = written.map((column) => `t.after ? ${literal(column)}`).join(" or ");
  return sql`exists (
               select from wavegate.rows_there t
                 join ${raw(identifier(action.into))} p on ${raw(isKey(action, "p", keyIn(action, "t")))}
                where t.run_id = ${uuid(run)} and t.staged_id = s.id and (${raw(changes)}) and not (${raw(takes(room, "p"))}))`;
}

const takes = ({ takes: holds }: Room, row: string): string =>
  Object.entries(holds)
    .map(([column, value]) =>
      value === null
        ? `${row}.${identifier(column)} is null`
        : `${row}.${identifier(column)}::text = ${literal(value)}`,
    )
    .join(" and ");
