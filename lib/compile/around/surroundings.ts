import { identifier, json, literal, raw, type Sql, sql } from "../../data/sql.ts";
import type { Pin } from "../pin/pin.ts";
import { toldAs } from "./told-as.ts";

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
    | "publication"
    | "generated";
  /** The table that has it. */
  readonly table: string;
  /** A trigger's or rule's name, the columns of a key, or the columns that are made; publications. */
  readonly name: string;
  /** What it does or when it acts, in PostgreSQL's own words; for a key the table and columns it points at. */
  readonly acts: string;
  /**
   * Whether the definition's `effects` or `refersTo` name it; those that need no naming are, such as what acts on changes
   * of a table in which nothing is changed.
   */
  readonly named: boolean;
}

/** What a definition's `effects` name, as a table of one value: there may be hundreds, and a statement has 65,536 characters. */
export const saidNames = (effects: Pin["effects"]): Sql =>
  sql`(select ${json(Object.keys(effects))} as names offset 0)`;

/** Whether {@link saidNames}, called `said` there, name a trigger or rule of a table, each as SQL: the table by its number. */
export const isNamed = (table: string, name: string): string =>
  `jsonb_exists_any(said.names, (select array[case when pg_table_is_visible(c.oid) then c.relname || '.' || ${name} end,
             n.nspname || '.' || c.relname || '.' || ${name}, c.oid::regclass || '.' || ${name}]
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = ${table}))`;

/**
 * What of the platform's schema acts when rows of the target tables are written or taken back: on the
 * targets, and on what goes with them when a key deletes or clears by itself, to whatever depth.
 */
export function findSurroundings(pin: Pin): Sql {
  const targets = pin.targets.map(
    ({ table }) => `select to_regclass(${literal(identifier(table))})::oid`,
  );
  // A table that the definition knows to be written by others is changed by those.
  const created = pin.targets.map(({ table, updated, kept }) =>
    updated === undefined && kept === undefined && !Object.hasOwn(pin.effects, table)
      ? `select to_regclass(${literal(identifier(table))})::oid`
      : "select null::oid",
  );
  const references = [
    ...pin.refersTo.map((each) => ({ ...each, whole: true })),
    // Columns of a row above that are written: a key may be made of some of them.
    ...(pin.refersAbove ?? []).map((each) => ({ ...each, whole: false })),
  ].map(({ table, columns, target, targetColumns, whole }) => ({
    table,
    target,
    pairs: columns.map((column, at) => [column, targetColumns[at]]),
    whole,
  }));
  // A value and no part of the statement, which is no longer than 65,536 characters however many columns refer.
  return sql`
  with recursive said as materialized (select e.value as r from jsonb_array_elements(${json(references)}) e),
  effects as materialized (select names from ${saidNames(pin.effects)} e),
  ${raw(`written (oid) as (
    select oid from (${targets.join(" union all ")}) t (oid) where oid is not null
    union select i.inhrelid from written w join pg_inherits i on i.inhparent = w.oid),
  reached (oid) as (
    select oid from written
    union select c.conrelid from reached r join pg_constraint c
      on c.confrelid = r.oid and c.contype = 'f' and c.confdeltype in ('c', 'n', 'd')),
  keys as (
    select c.*, ${toldAs("c.conrelid")} as from_table, ${toldAs("c.confrelid")} as to_table,
           (select jsonb_agg(jsonb_build_array(a.attname, b.attname) order by k.n)
              from unnest(c.conkey, c.confkey) with ordinality k(num, other, n)
              join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num
              join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.other) as pairs
      from pg_constraint c where c.contype = 'f' and c.conparentid = 0 and c.confrelid in (select oid from reached)),
  -- Of rows that nothing changes, as they are made and taken back alone: what acts on changes does not act on them.
  unchanged as (
    select coalesce(p.relid, t.oid) as oid
      from (${created.join(" union all ")}) t (oid) left join pg_partition_tree(t.oid) p on true
     where t.oid is not null and not exists (
       select from pg_constraint c where c.contype = 'f' and (c.confdeltype in ('n', 'd') or c.confupdtype in ('c', 'n', 'd'))
          and c.conrelid in (t.oid, p.relid) and c.confrelid in (select oid from reached))),
  found as (
    select 'trigger' as kind, ${toldAs("t.tgrelid")} as "table", t.tgname::text as name,
           split_part(pg_get_triggerdef(t.oid), ' TRIGGER ' || quote_ident(t.tgname) || ' ', 2) as acts,
           ${isNamed("t.tgrelid", "t.tgname")} or t.tgtype & 60 = 16 and t.tgrelid in (select oid from unchanged) as named
      from effects said, pg_trigger t where not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgrelid in (select oid from reached)
       -- One of a table is there again on each of its partitions: it is told of, and named, once.
       and not exists (select from pg_trigger p where p.oid = t.tgparentid and p.tgenabled in ('O', 'A')
                        and p.tgrelid in (select oid from reached))
       -- Those that hold a commit role's deletions against the ledger are wavegate's own.
       and t.tgfoid not in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('wavegate'))
    union all
    select 'rule', ${toldAs("w.ev_class")}, w.rulename::text,
           'ON ' || case w.ev_type when '1' then 'SELECT' when '2' then 'UPDATE' when '3' then 'INSERT' else 'DELETE' end
             || case when w.is_instead then ', instead' else '' end,
           -- No statement that writes and answers, as a wave's does, is taken past a rule.
           ${isNamed("w.ev_class", "w.rulename")} and w.ev_class not in (select oid from written)
             or w.ev_type = '2' and w.ev_class in (select oid from unchanged)
      from effects said, pg_rewrite w where w.rulename <> '_RETURN' and w.ev_enabled in ('O', 'A') and w.ev_class in (select oid from reached)
    union all
    select case when confdeltype in ('c', 'n', 'd') then 'cascade' else 'reference' end, from_table,
           (select string_agg(c ->> 0, ', ') from jsonb_array_elements(pairs) c),
           to_table || '(' || (select string_agg(c ->> 1, ', ') from jsonb_array_elements(pairs) c) || ')'
             || case confdeltype when 'c' then ', deletes' when 'n' then ', clears' when 'd' then ', sets the default' else '' end,
           confrelid not in (select oid from written) or exists (
             select from said
              where r ->> 'table' in (case when pg_table_is_visible(t.oid) then t.relname end, n.nspname || '.' || t.relname)
                and to_regclass(quote_ident(r ->> 'target')) = confrelid
                and case when (r -> 'whole')::boolean then r -> 'pairs' = pairs else r -> 'pairs' @> pairs end)
      from keys join pg_class t on t.oid = conrelid join pg_namespace n on n.oid = t.relnamespace
    union all
    select 'row_security', ${toldAs("c.oid")}, '', case when c.relforcerowsecurity then 'for the owner too' else '' end, true
      from pg_class c where c.relrowsecurity and (c.oid in (select oid from reached) or c.oid in (select conrelid from keys))
    union all
    select 'partitions', ${toldAs("c.oid")}, '', pg_get_partkeydef(c.oid), true
      from pg_class c where c.relkind = 'p' and c.oid in (select oid from reached)
    union all
    select 'inheritance', ${toldAs("i.inhrelid")}, '', 'inherits ' || ${toldAs("i.inhparent")}, true
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where not c.relispartition and c.relkind = 'r' and (i.inhrelid in (select oid from reached) or i.inhparent in (select oid from reached))
    union all
    -- PostgreSQL lets nobody change or delete a row of a table that is published and that has nothing to tell its rows by.
    select 'publication', ${toldAs("c.oid")}, (
             select string_agg(distinct p.pubname, ', ') from pg_publication p
              where (p.pubdelete or p.pubupdate) and (p.puballtables or exists (
                select from (select c.oid as relid union select a.relid from pg_partition_ancestors(c.oid) a) o join pg_class n on n.oid = o.relid
                 where exists (select from pg_publication_rel r where r.prpubid = p.oid and r.prrelid = o.relid)
                    or exists (select from pg_publication_namespace s where s.pnpubid = p.oid and s.pnnspid = n.relnamespace)))), '', false
      from pg_class c
     where c.oid in (select oid from written) and c.relkind = 'r' and c.relpersistence = 'p' and c.relreplident <> 'f' and not exists (
       select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indimmediate
          and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident end)
    union all
    select 'generated', ${toldAs("a.attrelid")}, string_agg(a.attname, ', ' order by a.attnum), '', true
      from pg_attribute a where a.attgenerated <> '' and not a.attisdropped and a.attrelid in (select oid from written)
     group by a.attrelid)
  select kind, "table", name, acts, named from found where name is not null order by named, kind, "table", name`)}`;
}

/** What it would mean for a wave or a rollback, in a sentence. */
export function saysSurrounding({ kind, table, name, acts, named }: Surrounding): string {
  const open = named ? "" : " The definition does not name it.";
  switch (kind) {
    case "trigger":
      return `${table} has the trigger ${name} (${acts}): what it does besides the row is neither planned nor undone.${open}`;
    case "rule":
      return `${table} has the rule ${name} (${acts}): PostgreSQL does something else, or more, than a wave says.`;
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
    case "publication":
      return `${table} is published (${name}) and has no primary key by which others tell its rows: PostgreSQL lets nobody delete or change one, and so none be taken back.`;
    case "generated":
      return `${table} makes ${name} by itself: a wave gives it no value, and it follows what is written.`;
  }
}

/** How a definition names it, for whoever looked at it and found it right. */
export function namesSurrounding({ kind, table, name, acts }: Surrounding): string {
  const quoted = JSON.stringify;
  if (kind === "rule")
    return `Detach it (\`alter table ${table} disable rule ${name}\`): PostgreSQL takes no wave past a rule of a table that is written. One of another table may be named: effects: { ${quoted(`${table}.${name}`)}: harmless("why") }.`;
  if (kind === "publication")
    return `Give it a primary key, or \`alter table ${table} replica identity full\`; or publish no updates and deletions of it.`;
  return kind === "reference" || kind === "cascade"
    ? `Name it: refersTo: [refers(${quoted(`${table}(${name})`)}, ${quoted(acts.replace(/, (deletes|clears|sets the default)$/u, ""))})].`
    : `Mend or detach it, or name it, and each table that it writes: effects: { ${quoted(`${table}.${name}`)}: harmless("why") }; one that keeps columns of rows that waves write, such as a sum: keeps("TABLE(COLUMN)", "why").`;
}
