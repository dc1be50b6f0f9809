import { identifier, json, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { decisionsTable, stagedTable } from "../rows.ts";
import { nextRows, stagedNext, type WaveOrder } from "./rows.ts";

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

/** What became of a copy that was to be made. */
export interface Became {
  readonly id: number;
  readonly state: "copied" | "changed" | "occupied";
  readonly version: string | null;
  readonly own: boolean;
}

/** Whether waves copy files for rows of a kind of things. */
export const copiesFiles = (migration: Migration): boolean => withCopy(migration).length > 0;

/** Rows whose ids, and rows whose names an answer of the Data API holds, however long they are. */
export const uncopiedPage = { ids: 10_000, rows: 500 };

const withCopy = ({ entity }: Migration) =>
  Object.entries(entity.actions).flatMap(([name, { copies }]) =>
    copies === undefined ? [] : [{ name, copies }],
  );

/** The next rows of a wave whose files are not copied yet, in their order; those behind a row. One without a file has nothing to copy. */
export const uncopied = (migration: Migration, order: WaveOrder, after: number): Sql => sql`
  with ${nextRows(migration, order)}
  select s.id from ${stagedNext(migration, order.run)}
    left join wavegate.file_copies c on c.run_id = ${uuid(order.run)} and c.staged_id = s.id
   where s.planned = 'commit' and (${raw(
     withCopy(migration)
       .map(
         ({ name, copies }) =>
           `s.planned_action = ${literal(name)} and s.${identifier(`${copies}_key`)} is not null`,
       )
       .join(" or "),
   )})
     and c.state is distinct from 'copied' and s.id > ${after}::bigint
   order by s.id limit ${uncopiedPage.ids}::int`;

/** What is to be copied of some of those. */
export function toCopy(migration: Migration, run: string, ids: readonly number[]): Sql {
  const of = (end: string) =>
    raw(
      `case s.planned_action ${withCopy(migration)
        .map(({ name, copies }) => `when ${literal(name)} then s.${identifier(`${copies}${end}`)}`)
        .join(" ")} end`,
    );
  return sql`
  select s.id, ${of("")} as name, ${of("_key")} as key, ${of("_type")} as type,
         ${of("_size")}::bigint as size, ${of("_sha256")} as sha256, c.state
    from ${raw(stagedTable(migration))} s
    left join wavegate.file_copies c on c.run_id = ${uuid(run)} and c.staged_id = s.id
   where s.run_id = ${uuid(run)} and s.id in (${raw(ids.join(", "))}) order by s.id`;
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

/** Notes which copies are to be made, or made again; nothing of those that are being taken away, or are made. */
export const intendCopies = (run: string, rows: readonly RowToCopy[]): Sql => sql`
  insert into wavegate.file_copies (run_id, staged_id, object_key, sha256, state)
  select ${uuid(run)}, (r ->> 'id')::bigint, r ->> 'key', r ->> 'sha256', 'intended'
    from jsonb_array_elements(${json(rows.map(({ id, key, sha256 }) => ({ id, key, sha256 })))}) r order by 2
  on conflict (run_id, staged_id) do update
    set state = 'intended', sha256 = excluded.sha256, version = null, own = false, at = clock_timestamp()
  where file_copies.state in ('intended', 'removed')`;

/**
 * Some copies, for as long as a transaction lasts: nobody else makes them, or takes them away, meanwhile. Answers how
 * many: a run's may be more than an answer holds.
 */
export const lockCopies = (run: string, which: Sql): Sql => sql`
  with locked as materialized (
    select 1 from wavegate.file_copies c
     where c.run_id = ${uuid(run)} and ${which} order by c.staged_id for update)
  select count(*) as rows from locked`;

export const oneOf = (ids: readonly number[]): Sql => sql`c.staged_id in (${raw(ids.join(", "))})`;

/** How far copies are, and whether somebody takes away what lies at their key. */
export const copiesNow = (run: string, ids: readonly number[]): Sql => sql`
  select c.staged_id as id, c.state,
         exists (select from wavegate.file_copies o
                  where o.object_key = c.object_key and o.state = 'removing') as removing
    from wavegate.file_copies c where c.run_id = ${uuid(run)} and ${oneOf(ids)}`;

/** The runs that take away what lies at the keys of some copies. */
export const removersOf = (run: string, ids: readonly number[]): Sql => sql`
  select distinct r.reference, r.control from wavegate.file_copies c
    join wavegate.file_copies o on o.object_key = c.object_key and o.state = 'removing'
    join wavegate.legacy_import_runs r on r.id = o.run_id
   where c.run_id = ${uuid(run)} and ${oneOf(ids)} order by 1`;

/** How many copies of a run `r` are still to be taken away, by whoever has begun that. */
export const copiesLeft = raw(
  "(select count(*) from wavegate.file_copies c where c.run_id = r.id and c.state = 'removing')",
);

/** What became of copies that were to be made. */
export const noteCopies = (run: string, became: readonly Became[]): Sql => sql`
  update wavegate.file_copies c
     set state = b.state, version = b.version, own = b.own, at = clock_timestamp()
    from jsonb_to_recordset(${json(became)}) b (id bigint, state text, version text, own boolean)
   where c.run_id = ${uuid(run)} and c.staged_id = b.id and c.state = 'intended'`;

/** Forgets what became of copies whose rows are held for it: who releases such a row lets it be tried anew. */
export const forgetCopies = (run: string, ids: readonly number[]): Sql => sql`
  update wavegate.file_copies c set state = 'removed', sha256 = null, version = null, own = false, at = clock_timestamp()
   where c.run_id = ${uuid(run)} and ${oneOf(ids)}`;

/** Copies of a run for which no row stands. */
const loose = raw(`c.state in ('intended', 'copied', 'removing')
     and not exists (
       select from wavegate.legacy_import_commit_logs l
        where l.run_id = c.run_id and l.staged_id = c.staged_id and l.rolled_back_at is null)`);

export const looseCopies = (run: string): Sql => sql`
  select exists (select from wavegate.file_copies c where c.run_id = ${uuid(run)} and ${loose}) as yes`;

/** Those, for as long as the transaction lasts, whoever is just making one. */
export const lockLoose = (run: string): Sql => lockCopies(run, loose);

/** From now on they are taken away. */
export const beginRemoving = (run: string): Sql => sql`
  update wavegate.file_copies c set state = 'removing', at = clock_timestamp()
   where c.run_id = ${uuid(run)} and ${loose}`;

/** The next behind a row that are being taken away, for as long as the transaction lasts. */
export const lockRemoving = (run: string, after: number, most: number): Sql => sql`
  select c.staged_id as id from wavegate.file_copies c
   where c.run_id = ${uuid(run)} and c.staged_id > ${after}::bigint and c.state = 'removing' order by c.staged_id limit ${most}::int for update`;

export const anyRemoving = (run: string): Sql => sql`
  select exists (select from wavegate.file_copies where run_id = ${uuid(run)} and state = 'removing') as yes`;

/**
 * Where copies lie, which version the run put there, as far as that is noted, whether another row rests on one or is
 * about to, and whose a copy there may be, with the bytes of each.
 */
export const toRemove = (run: string, ids: readonly number[]): Sql => sql`
  select c.staged_id as id, c.object_key as key, case when c.own and c.version <> 'null' then c.version end as version,
         coalesce(bool_or(o.state in ('intended', 'copied')), false) as shared,
         jsonb_agg(jsonb_build_object('owner', o.run_id || '/' || o.staged_id, 'sha256', o.sha256)) as owners
    from wavegate.file_copies c join wavegate.file_copies o on o.object_key = c.object_key
   where c.run_id = ${uuid(run)} and ${oneOf(ids)}
   group by c.staged_id, c.object_key, c.own, c.version order by c.staged_id`;

export const noteRemoved = (run: string, ids: readonly number[]): Sql => sql`
  update wavegate.file_copies c set state = 'removed', sha256 = null, version = null, own = false, at = clock_timestamp()
   where c.run_id = ${uuid(run)} and ${oneOf(ids)} and c.state = 'removing'`;
