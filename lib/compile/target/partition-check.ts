import { takesNoParameter, withoutColons } from "./catalogue-text.ts";

/** So many characters of conditions leave room for what else a statement asks; of more partitions only the wave tells. */
const longest = 8_000;

/**
 * That a partition takes a row, as a condition like any other of the table `named` (oid) in a list of one; an empty list
 * where it is not partitioned, where its partitions are told by an expression or by somebody's own operator, or are too many.
 * Its name is that by which a wave holds such a row.
 */
export const partitionCheck = `coalesce((
    select jsonb_build_array(jsonb_build_object(
             'name', 'no partition of ' || c.relname || ' takes it (23514)', 'expression', x.text, 'columns', k.columns))
      from named join pg_class c on c.oid = named.oid and c.relkind = 'p'
      cross join lateral (
        select coalesce(string_agg('(' || ${withoutColons("coalesce(pg_get_partition_constraintdef(p.relid), 'true')")} || ')', ' or '), 'false') as text
          from pg_partition_tree(c.oid) p where p.isleaf) x
      cross join lateral (
        select jsonb_agg(distinct a.attname) as columns, bool_or(e.num = 0) as by_expression,
               bool_or(exists (select from pg_opclass o where o.oid = any (t.partclass::oid[]) and o.oid >= 16384)) as by_own
          from pg_partition_tree(c.oid) p join pg_partitioned_table t on t.partrelid = p.relid
          cross join lateral unnest(t.partattrs::int2[]) e(num)
          left join pg_attribute a on a.attrelid = t.partrelid and a.attnum = e.num and e.num <> 0) k
     where not k.by_expression and not k.by_own and length(x.text) <= ${longest} and ${takesNoParameter("x.text")}), '[]')`;
