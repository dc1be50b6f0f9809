import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { decisionsTable, stagedTable } from "./rows.ts";
import { nextRows, type WaveOrder } from "./wave.ts";

/** A row of a wave whose file is copied before it is written, and how far that is. */
export interface RowToCopy {
  readonly id: number;
  /** The file's name in the place of files. */
  readonly name: string;
  readonly key: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
  readonly state: string | null;
}

/** Whether waves copy files for rows of a kind of things. */
export const copiesFiles = ({ entity }: Migration): boolean =>
  Object.values(entity.actions).some(({ copies }) => copies !== undefined);

/** The next rows of a wave whose files are not copied yet, in their order. */
export function uncopied(migration: Migration, order: WaveOrder): Sql {
  const each = Object.entries(migration.entity.actions).flatMap(([name, { copies }]) => {
    if (copies === undefined) return [];
    const column = (end: string) => `s.${identifier(`${copies}${end}`)}`;
    return [
      `select s.id, ${column("")} as name, ${column("_key")} as key, ${column("_type")} as type,
              ${column("_size")}::bigint as size, ${column("_sha256")} as sha256
         from next join ${stagedTable(migration)} s on s.run_id = $run and s.id = next.id
        where s.planned = 'commit' and s.planned_action = ${literal(name)}`,
    ];
  });
  return sql`
  with ${nextRows(migration, order)}
  select f.*, c.state
    from (${raw(each.join("\n    union all ").replaceAll("$run", literal(order.run)))}) f
    left join wavegate.file_copies c on c.run_id = ${uuid(order.run)} and c.staged_id = f.id
   where c.state is distinct from 'copied'
   order by f.id limit 500`;
}

/** Holds rows whose files are not copied for a reason. */
export const holdUncopied = (
  migration: Migration,
  run: string,
  ids: readonly number[],
  reason: string,
): Sql => sql`
  update ${raw(decisionsTable(migration))} d
     set import_state = 'held', state_reason = ${raw(literal(reason))}
   where d.run_id = ${uuid(run)} and d.staged_id in (${raw(ids.join(", "))})`;

/** Notes that a copy is to be made, or made again; nothing where one is being taken away. */
export const intendCopy = (run: string, { id, key }: RowToCopy): Sql => sql`
  insert into wavegate.file_copies (run_id, staged_id, object_key, state)
  values (${uuid(run)}, ${id}, ${key}, 'intended')
  on conflict (run_id, staged_id) do update
    set state = 'intended', version = null, own = false, at = clock_timestamp()
  where file_copies.state in ('intended', 'removed')`;

/** What became of a copy that was to be made; nothing where it is taken away meanwhile. */
export const noteCopy = (
  run: string,
  id: number,
  { state, version, own }: { state: string; version: string | null; own: boolean },
): Sql => sql`
  update wavegate.file_copies
     set state = ${state}, version = nullif(${version ?? ""}, ''), own = ${own}, at = clock_timestamp()
   where run_id = ${uuid(run)} and staged_id = ${id} and state = 'intended'`;

export const copyState = (run: string, id: number): Sql => sql`
  select state from wavegate.file_copies where run_id = ${uuid(run)} and staged_id = ${id}`;

/** Copies of a run for which no row stands: from now on they are taken away. */
export const beginRemoving = (run: string): Sql => sql`
  update wavegate.file_copies c
     set state = 'removing', at = clock_timestamp()
   where c.run_id = ${uuid(run)} and c.state in ('intended', 'copied', 'removing')
     and not exists (
       select from wavegate.legacy_import_commit_logs l
        where l.run_id = c.run_id and l.staged_id = c.staged_id and l.rolled_back_at is null)`;

/** The next that is being taken away, with whether another row rests on it, or is about to: read anew for each. */
export const removing = (run: string): Sql => sql`
  select c.staged_id as id, c.object_key as key, c.version, c.own,
         exists (select from wavegate.file_copies o
                  where o.object_key = c.object_key and (o.run_id, o.staged_id) <> (c.run_id, c.staged_id)
                    and o.state in ('intended', 'copied')) as shared
    from wavegate.file_copies c where c.run_id = ${uuid(run)} and c.state = 'removing'
   order by c.staged_id limit 1`;

/** Whether somebody takes away what lies at a key: asked behind {@link intendCopy}, so that one of two sees the other. */
export const isBeingRemoved = (key: string): Sql => sql`
  select exists (select from wavegate.file_copies where object_key = ${key} and state = 'removing') as yes`;

export const noteRemoved = (run: string, id: number): Sql => sql`
  update wavegate.file_copies set state = 'removed', version = null, own = false, at = clock_timestamp()
   where run_id = ${uuid(run)} and staged_id = ${id} and state = 'removing'`;
