import { identifier, literal, raw, type Sql } from "../data/sql.ts";
import type { Pin } from "./pin.ts";

/** Something the platform's schema does, or has, around the tables that a migration writes. */
export interface Surrounding {
  readonly kind:
    | "trigger"
    | "rule"
    | "reference"
    | "cascade"
    | "row_security"
    | "partitions"
    | "inheritance"
    | "generated";
  /** The table that has it. */
  readonly table: string;
  /** A trigger's or rule's name, the columns of a key, or the columns that are made. */
  readonly name: string;
  /** What it does or when it acts, in PostgreSQL's own words; for a key the table and columns it points at. */
  readonly acts: string;
  /** Whether the definition's `effects` or `refersTo` name it; those that need no naming are. */
  readonly named: boolean;
}

/**
 * What of the platform's schema acts when rows of the target tables are written or taken back: on the
 * targets, and on what goes with them when a key deletes or clears by itself, to whatever depth.
 */
export function findSurroundings(pin: Pin): Sql {
  const targets = pin.targets.map(
    ({ table }) => `select to_regclass(${literal(identifier(table))})::oid`,
  );
  const effects = literal(JSON.stringify(Object.keys(pin.effects)));
  const references = literal(
    JSON.stringify(
      [...pin.refersTo, ...(pin.refersAbove ?? [])].map(
        ({ table, columns, target, targetColumns }) => ({
          table,
          columns,
          target,
          targetColumns,
        }),
      ),
    ),
  );
  return raw(`
  with recursive written (oid) as (
    select oid from (${targets.join(" union all ")}) t (oid) where oid is not null
    union select i.inhrelid from written w join pg_inherits i on i.inhparent = w.oid),
  reached (oid) as (
    select oid from written
    union select c.conrelid from reached r join pg_constraint c
      on c.confrelid = r.oid and c.contype = 'f' and c.confdeltype in ('c', 'n', 'd')),
  keys as (
    select c.*, c.conrelid::regclass::text as from_table, c.confrelid::regclass::text as to_table,
           (select jsonb_agg(a.attname order by k.n) from unnest(c.conkey) with ordinality k(num, n)
              join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num) as columns,
           (select jsonb_agg(a.attname order by k.n) from unnest(c.confkey) with ordinality k(num, n)
              join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num) as target_columns
      from pg_constraint c where c.contype = 'f' and c.conparentid = 0 and c.confrelid in (select oid from reached)),
  found as (
    select 'trigger' as kind, t.tgrelid::regclass::text as "table", t.tgname::text as name,
           regexp_replace(pg_get_triggerdef(t.oid), '^CREATE.* TRIGGER [^ ]+ ', '') as acts,
           ${effects}::jsonb ? (t.tgrelid::regclass::text || '.' || t.tgname) as named
      from pg_trigger t where not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgrelid in (select oid from reached)
       -- Those that hold a commit role's deletions against the ledger are wavegate's own.
       and t.tgfoid not in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('wavegate'))
    union all
    select 'rule', w.ev_class::regclass::text, w.rulename::text,
           'ON ' || case w.ev_type when '1' then 'SELECT' when '2' then 'UPDATE' when '3' then 'INSERT' else 'DELETE' end
             || case when w.is_instead then ', instead' else '' end,
           ${effects}::jsonb ? (w.ev_class::regclass::text || '.' || w.rulename)
      from pg_rewrite w where w.rulename <> '_RETURN' and w.ev_enabled in ('O', 'A') and w.ev_class in (select oid from reached)
    union all
    select case when confdeltype in ('c', 'n', 'd') then 'cascade' else 'reference' end, from_table,
           (select string_agg(c, ', ') from jsonb_array_elements_text(columns) c),
           to_table || '(' || (select string_agg(c, ', ') from jsonb_array_elements_text(target_columns) c) || ')'
             || case confdeltype when 'c' then ', deletes' when 'n' then ', clears' when 'd' then ', sets the default' else '' end,
           confrelid not in (select oid from written) or exists (
             select from jsonb_array_elements(${references}::jsonb) r
              where r ->> 'table' in (case when pg_table_is_visible(t.oid) then t.relname end, n.nspname || '.' || t.relname)
                and r -> 'columns' = columns
                and to_regclass(quote_ident(r ->> 'target')) = confrelid and r -> 'targetColumns' = target_columns)
      from keys join pg_class t on t.oid = conrelid join pg_namespace n on n.oid = t.relnamespace
    union all
    select 'row_security', c.oid::regclass::text, '', case when c.relforcerowsecurity then 'for the owner too' else '' end, true
      from pg_class c where c.relrowsecurity and (c.oid in (select oid from reached) or c.oid in (select conrelid from keys))
    union all
    select 'partitions', c.oid::regclass::text, '', pg_get_partkeydef(c.oid), true
      from pg_class c where c.relkind = 'p' and c.oid in (select oid from reached)
    union all
    select 'inheritance', i.inhrelid::regclass::text, '', 'inherits ' || i.inhparent::regclass::text, true
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where not c.relispartition and c.relkind = 'r' and (i.inhrelid in (select oid from reached) or i.inhparent in (select oid from reached))
    union all
    select 'generated', a.attrelid::regclass::text, string_agg(a.attname, ', ' order by a.attnum), '', true
      from pg_attribute a where a.attgenerated <> '' and not a.attisdropped and a.attrelid in (select oid from written)
     group by a.attrelid)
  select kind, "table", name, acts, named from found order by named, kind, "table", name`);
}

/** What it would mean for a wave or a rollback, in a sentence. */
export function saysSurrounding({ kind, table, name, acts, named }: Surrounding): string {
  const open = named ? "" : " The definition does not name it.";
  switch (kind) {
    case "trigger":
      return `${table} has the trigger ${name} (${acts}): what it does besides the row is neither planned nor undone.${open}`;
    case "rule":
      return `${table} has the rule ${name} (${acts}): PostgreSQL does something else, or more, than a wave says.${open}`;
    case "reference":
      return `${table}(${name}) refers to ${acts}: a created row that it names is spared by a rollback.${open}`;
    case "cascade":
      return `${table}(${name}) refers to ${acts} when the row goes: a rollback spares rows that it names, and locks out others while it looks.${open}`;
    case "row_security":
      return `${table} has row-level security${acts === "" ? "" : ` (${acts})`}: wavegate's roles need a policy that shows them every row.`;
    case "partitions":
      return `${table} is partitioned (${acts}): a row that fits no partition is refused by the platform.`;
    case "inheritance":
      return `${table} ${acts}: what is asked of the one concerns rows of the other as well.`;
    case "generated":
      return `${table} makes ${name} by itself: a wave gives it no value, and it follows what is written.`;
  }
}
