import { identifier, literal, raw, type Sql, tablesNamed } from "../../data/sql.ts";
import { type Pin, watched } from "../pin/pin.ts";
import { isSilenced } from "./silenced.ts";
import { toldAs } from "./told-as.ts";

/**
 * What this session did to one table, in rows, as numbers that only grow: those after a piece of work
 * less those before it are what that work did, and what the platform did because of it.
 */
export interface Touch {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /**
   * 1 where this transaction emptied (`truncate`) or altered the table: no row tells of that. {@link elsewhere} where it is
   * one of another server and this transaction wrote to it: nobody counts how many rows.
   */
  readonly reshaped: number;
}

/** What {@link Touch} has of a foreign table that was written. */
export const elsewhere = 2;

/** The ledger, of which it is counted as well what is done to it: a trigger of an administrator's may do anything. */
export const ledger = "wavegate.legacy_import_commit_logs";

/** What {@link touchesCounted} answers: one row at least, without a table where nothing was done. */
export interface CountedTouch extends Omit<Touch, "table"> {
  readonly table: string | null;
  /** Whether PostgreSQL keeps count of what a transaction does; somebody may have told it not to. */
  readonly kept: boolean;
  /** Whether the session is one in which neither the platform's triggers and foreign keys nor the guards act. */
  readonly silenced: boolean;
}

/**
 * What this session did to every table of the platform, whichever it is, and to the ledger, from the counts PostgreSQL
 * keeps as it goes: no table is read. Tables it did nothing to are left out, a partition counts as the
 * table it belongs to, and large objects count as a table.
 *
 * @param also further tables under the names they are to be told by
 */
export const touchesCounted = (pin: Pin, also: readonly string[] = []): Sql =>
  raw(`
  with named (name, oid) as (${tablesNamed(namedOf(pin, also))} union all select '${ledger}', '${ledger}'::regclass),
  locked as materialized (
    select l.relation, l.mode = 'AccessExclusiveLock' as whole from pg_locks l
     where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode in ('AccessExclusiveLock', 'RowExclusiveLock')
       and l.database = (select d.oid from pg_database d where d.datname = current_database())),
  counted as (
    select coalesce(pg_partition_root(c.oid), c.oid) as oid,
           pg_stat_get_xact_tuples_inserted(c.oid) as inserted,
           pg_stat_get_xact_tuples_updated(c.oid) as updated,
           pg_stat_get_xact_tuples_deleted(c.oid) as deleted,
           (c.oid in (select l.relation from locked l where l.whole))::int as reshaped
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm')
       and (n.nspname not in ('pg_catalog', 'information_schema', 'wavegate') and n.nspname !~ '^pg_t(oast|emp)'
            or n.nspname = 'pg_catalog' and c.relname like 'pg_largeobject%'
            or c.oid = '${ledger}'::regclass)
    union all
    -- Of another server nobody counts rows, but who writes there has locked the table here. Parts of targets are locked anyway.
    select coalesce(pg_partition_root(c.oid), c.oid), 0, 0, 0, ${elsewhere} from pg_class c
     where c.relkind = 'f' and c.oid in (select l.relation from locked l where not l.whole)
       and coalesce(pg_partition_root(c.oid) not in (select t.oid from (${tablesNamed(pin.targets.map(({ table }) => table))}) t where t.oid is not null), true)
    union all
    -- Dropped since: only its lock is left.
    select l.relation, 0, 0, 0, 1 from locked l where l.whole and not exists (select from pg_class c where c.oid = l.relation))
  select k.*, t.* from (select current_setting('track_counts')::boolean as kept,
                             ${isSilenced} as silenced) k left join (
    select coalesce(min(n.name), ${toldAs("c.oid")}, c.oid::text) as "table", sum(c.inserted)::bigint as inserted,
           sum(c.updated)::bigint as updated, sum(c.deleted)::bigint as deleted, max(c.reshaped) as reshaped
      from counted c left join named n on n.oid = c.oid
     group by c.oid
    having sum(c.inserted + c.updated + c.deleted) > 0 or max(c.reshaped) > 0) t on true
   order by 2`);

/** The tables that are watched, those that a piece of work looks at besides too. */
export const namedOf = (pin: Pin, also: readonly string[]): readonly string[] => [
  ...new Set([...watched(pin), ...also]),
];

/**
 * The same where no counts are kept, for the tables named: their rows, and those among them that this
 * transaction wrote. An update shows as one inserted and one deleted.
 */
export const touchesRead = (named: readonly string[]): Sql =>
  raw(
    named
      .map(
        (table) => `
  select ${literal(table)} as "table", written as inserted, 0::bigint as updated, written - rows as deleted, 0 as reshaped
    from (select count(*) as rows, count(*) filter (
                   where xmin = (pg_current_xact_id()::text::bigint & 4294967295)::text::xid) as written
            from ${identifier(table)}) t`,
      )
      .join("\n  union all "),
  );
