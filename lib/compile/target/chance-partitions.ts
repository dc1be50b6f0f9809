import { json, type Sql, sql } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { leftTo } from "./drawn-columns.ts";

/** A target of which a hash of what the platform draws says into which partition a row goes, and not every row has one. */
export interface ChancePartitions {
  /** The table that is partitioned so: the target, or a partition of it. */
  readonly table: string;
  /** By what, in PostgreSQL's own words, such as `HASH (id)`. */
  readonly by: string;
}

/**
 * The {@link ChancePartitions} of a migration's targets. No row is to blame for what is drawn for it: tried again, it is
 * taken, and another one is not.
 */
export const findChancePartitions = (migration: WholeMigration): Sql => sql`
  with targets as (
    select to_regclass(quote_ident(t.name))::oid as oid, t.but
      from jsonb_to_recordset(${json(leftTo(migration))}) t(name text, but jsonb)),
  drawn as (
    select t.oid, a.attname
      from targets t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and not jsonb_exists(t.but, a.attname::text)
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''
     -- What calls nothing is one value for all rows.
     where a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) ~ '[(]|CURRENT_')
  select h.partrelid::regclass::text as "table", pg_get_partkeydef(h.partrelid) as by
    from targets t cross join lateral pg_partition_tree(t.oid) p
    join pg_partitioned_table h on h.partrelid = p.relid and h.partstrat = 'h'
   where exists (
           select from drawn d
            where d.oid = t.oid and (
              exists (select from pg_attribute a where a.attrelid = h.partrelid and a.attnum = any (h.partattrs::int2[]) and a.attname = d.attname)
              or position(quote_ident(d.attname) in pg_get_expr(h.partexprs, h.partrelid)) > 0))
     -- Each partition of a hash takes one of so many parts of all rows.
     and coalesce((select sum(1.0 / substring(pg_get_expr(c.relpartbound, c.oid) from 'modulus ([0-9]+)')::int)
                     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = h.partrelid), 0) < 0.999999
   order by 1`;

/** The same in a sentence. */
export const saysChance = ({ table, by }: ChancePartitions): string =>
  `${table} is partitioned (${by}) by what the platform draws, and partitions of it are missing: which rows it takes is chance.`;
