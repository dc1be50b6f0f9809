import { raw, type Sql, tablesNamed } from "../../data/sql.ts";
import { takesNoParameter, withoutColons } from "./catalogue-text.ts";

/** So many characters of conditions leave room for what else a statement asks; of more partitions only the wave tells. */
const longest = 8_000;

/** What a leaf of a partitioned table takes, as a text. */
const takes = (leaf: string): string =>
  withoutColons(`coalesce(pg_get_partition_constraintdef(${leaf}), 'true')`);

/** By which columns the table `c` and its partitions are parted, and by what that no condition tells. */
const parted = `
        select jsonb_agg(distinct a.attname) as columns, array_agg(distinct a.attname) as names, bool_or(e.num = 0) as by_expression,
               bool_or(exists (select from pg_opclass o where o.oid = any (t.partclass::oid[]) and o.oid >= 16384)) as by_own
          from pg_partition_tree(c.oid) p join pg_partitioned_table t on t.partrelid = p.relid
          cross join lateral unnest(t.partattrs::int2[]) e(num)
          left join pg_attribute a on a.attrelid = t.partrelid and a.attnum = e.num and e.num <> 0`;

const isTold = `not k.by_expression and not k.by_own and length(x.text) <= ${longest} and ${takesNoParameter("x.text")}`;

/**
 * That a partition takes a row, and one that lies on this server, as conditions like any other of the table `named` (oid) in a
 * list; an empty list where it is not partitioned, where its partitions are told by an expression or by somebody's own
 * operator, or are too many. The name of the first is that by which a wave holds such a row; a row that goes to another
 * server no wave could write, as nothing that is written there is taken back with the rest.
 */
export const partitionCheck = `coalesce((
    select jsonb_build_array(jsonb_build_object(
             'name', 'no partition of ' || c.relname || ' takes it (23514)', 'expression', x.text, 'columns', k.columns)) || x.far
      from named join pg_class c on c.oid = named.oid and c.relkind = 'p'
      cross join lateral (${parted}) k
      cross join lateral (
        select coalesce(string_agg('(' || ${takes("p.relid")} || ')', ' or '), 'false') as text,
               coalesce(jsonb_agg(jsonb_build_object('name', l.relname || ' lies on another server', 'columns', k.columns,
                          'expression', 'not (' || ${takes("p.relid")} || ')') order by l.relname) filter (where l.relkind = 'f'), '[]') as far
          from pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid where p.isleaf) x
     where ${isTold}), '[]')`;

/**
 * The table `named` (oid) itself and, where all of that is told by conditions, its partitions on this server, as (relid,
 * inside, columns): what a row has to be to go there, and the columns that it rests on; nothing of the table itself.
 */
export const placesOf = `
    select named.oid as relid, null::text as inside, array[]::name[] as columns from named
    union all
    select p.relid, ${takes("p.relid")}, k.names
      from named join pg_class c on c.oid = named.oid and c.relkind = 'p'
      cross join lateral (${parted}) k
      cross join lateral (
        select coalesce(string_agg(${takes("p.relid")}, ''), '') as text from pg_partition_tree(c.oid) p where p.isleaf) x
      cross join lateral pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid and l.relkind in ('r', 'p')
     where p.relid <> c.oid and ${isTold}`;

/** Of so many rules that single partitions have of their own the dry run asks: each looks at every row. */
export const mostOfParts = 30;

/** The partitions of some tables that lie on another server, as one text that is null for none: `visits_2019 of visits`. */
export const findFarParts = (tables: readonly string[]): Sql =>
  raw(`
  select string_agg(t.name || ' of ' || t.whole, ', ' order by t.name) as parts from (
    select p.relid::regclass::text as name, n.name as whole
      from (${tablesNamed(tables)}) n cross join lateral pg_partition_tree(n.oid) p join pg_class c on c.oid = p.relid and c.relkind = 'f'
     order by 1 limit 20) t`);
