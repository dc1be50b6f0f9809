import { ownFunctions, takesNoParameter, withoutColons } from "../compile/target/catalogue-text.ts";
import { triggersFilling } from "../compile/target/filled-by-trigger.ts";
import { takesType } from "../compile/target/inserted-types.ts";
import { typeBelow } from "../compile/target/type-below.ts";

/** Asks a database, read only: a text of SQL without parameters, and its rows. */
export type Ask = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** A column of a platform table, by the catalogue. */
export interface TargetColumn {
  readonly name: string;
  /** As PostgreSQL writes it, e.g. `character varying(20)`. */
  readonly type: string;
  /** The type without its length, of a domain that below it. */
  readonly basic: string;
  /** Whether that is an enumeration. */
  readonly enumerated: boolean;
  /** Its oid, and whether who asks may look into its schema: else nothing can be tried on it. */
  readonly typeId: number;
  readonly typeSeen: boolean;
  readonly notNull: boolean;
  /** Whether a row that does not name it gets a value: a default, a sequence, a generated column. */
  readonly filled: boolean;
  /** The triggers that may give it one, by name: only an insert shows. */
  readonly triggers: readonly string[];
  /** Whether the platform makes it of the row's other columns: nobody writes it. */
  readonly made: boolean;
  /** Whether a whole number is drawn for it from a sequence of its own, an identity or a serial. */
  readonly drawn: boolean;
  /** Characters that fit; null where as many as one likes. */
  readonly longest: number | null;
  /** The words a check constraint of this column alone lists; null where none does. */
  readonly words: readonly string[] | null;
  /** Check constraints of this column alone that look at nothing but the value: each by name, as PostgreSQL writes it. */
  readonly checks: readonly ColumnCheck[];
  /** Whether it takes phones with their plus alone; undefined where nobody tried. */
  readonly plus?: boolean;
}

interface ColumnCheck {
  readonly by: string;
  readonly holds: string;
}

/** A check of several columns that looks at nothing but their values. */
export interface TableCheck extends ColumnCheck {
  readonly columns: readonly string[];
}

/** A platform table, by the catalogue. */
export interface TargetTable {
  readonly name: string;
  /** What it is where it is no table: looked at, and never written into. */
  readonly isView: boolean;
  readonly columns: readonly TargetColumn[];
  readonly key: readonly string[];
  /** Lists of columns of which no two rows have the same, the key among them. */
  readonly unique: readonly (readonly string[])[];
  readonly checks: readonly TableCheck[];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The schemas in which a table is found by its name alone, whoever asks: a role may not see into all of them. */
const path = `array(select coalesce(replace(m[1], '""', '"'), m[2])
    from regexp_matches(current_setting('search_path'), '"((?:[^"]|"")+)"|([^", ]+)', 'g') m)`;

/** Whether a column `a` of a table `c` is the first one that it has. */
const isFirst = `a.attnum = (select min(f.attnum) from pg_catalog.pg_attribute f
                             where f.attrelid = c.oid and f.attnum > 0 and not f.attisdropped)`;

/** The tables of the platform by these names, as far as they are there; of all of them without names. */
export async function targetTables(ask: Ask, wanted?: readonly string[]): Promise<TargetTable[]> {
  const which =
    wanted === undefined
      ? "n.nspname = any (current_schemas(false))"
      : wanted.length === 0
        ? "false"
        : `c.oid in (${wanted.map((name) => `${found(name)}`).join(", ")})`;
  const rows = await ask(`
    with own_functions as (${ownFunctions})
    select c.relname as table, c.relkind not in ('r', 'p') as is_view, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, format_type(d.base, null) as basic,
           exists (select from pg_catalog.pg_type e where e.oid = d.base and e.typtype = 'e') as enumerated, a.atttypid::bigint as type_id,
           has_schema_privilege(t.typnamespace, 'usage') as type_seen,
           a.attnotnull or d.required as not_null,
           a.atthasdef or a.attidentity <> '' or a.attgenerated <> '' or t.typdefault is not null as filled,
           a.attgenerated <> '' as made,
           to_jsonb(${triggersFilling("c.oid", "a.attname")}) as triggers,
           exists (select from pg_catalog.pg_depend d join pg_catalog.pg_class q on q.oid = d.objid and q.relkind = 'S'
                    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
                      and d.refobjid = c.oid and d.refobjsubid = a.attnum and d.deptype in ('a', 'i')) as drawn,
           case when d.base in ('varchar'::regtype, 'bpchar'::regtype) and d.mod > 0
                then d.mod - 4 end as longest,
           coalesce(a.attnum = any (k.conkey), false) as in_key,
           (select coalesce(jsonb_agg(pg_get_constraintdef(l.oid)), '[]') from pg_catalog.pg_constraint l
             where l.conrelid = c.oid and l.contype = 'c' and l.conkey = array[a.attnum]) as checks,
           (select coalesce(jsonb_agg(jsonb_build_object('by', l.conname, 'holds', e.text) order by l.conname), '[]')
              from pg_catalog.pg_constraint l cross join lateral (select ${withoutColons("pg_get_expr(l.conbin, l.conrelid)")} as text) e
             where l.conrelid = c.oid and l.contype = 'c' and l.conkey = array[a.attnum] and ${takesNoParameter("e.text")}
               and not exists (select from own_functions f where f.classid = 'pg_constraint'::regclass and f.objid = l.oid)) as value_checks,
           -- What is the table's is said beside its first column: beside each it would be as many times as long.
           case when ${isFirst} then (select coalesce(jsonb_agg(jsonb_build_object('by', l.conname, 'holds', e.text, 'columns', (
                      select jsonb_agg(m.attname order by m.attnum) from pg_catalog.pg_attribute m
                       where m.attrelid = c.oid and m.attnum = any (l.conkey))) order by l.conname), '[]')
              from pg_catalog.pg_constraint l cross join lateral (select ${withoutColons("pg_get_expr(l.conbin, l.conrelid)")} as text) e
             where l.conrelid = c.oid and l.contype = 'c' and cardinality(l.conkey) > 1 and ${takesNoParameter("e.text")}
               and not exists (select from own_functions f where f.classid = 'pg_constraint'::regclass and f.objid = l.oid)) end as table_checks,
           case when ${isFirst} then (select coalesce(jsonb_agg((select jsonb_agg(m.attname order by m.attname) from pg_catalog.pg_attribute m
                                        where m.attrelid = c.oid and m.attnum = any (i.indkey::int2[]))), '[]')
              from pg_catalog.pg_index i
             where i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null) end as unique
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid
      cross join lateral (${typeBelow}) d
      left join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
     where ${which} ${wanted === undefined ? "and c.relkind in ('r', 'p')" : ""}
     order by c.relname, a.attnum`);
  const tables = new Map<
    string,
    {
      isView: boolean;
      columns: TargetColumn[];
      key: string[];
      unique: readonly (readonly string[])[];
      checks: readonly TableCheck[];
    }
  >();
  for (const row of rows) {
    const table = tables.get(String(row.table)) ?? {
      isView: row.is_view === true,
      ...{ columns: [], key: [], unique: parsed<readonly (readonly string[])[]>(row.unique) },
      checks: parsed<readonly TableCheck[]>(row.table_checks),
    };
    tables.set(String(row.table), table);
    const name = String(row.name);
    table.columns.push({
      name,
      type: String(row.type),
      basic: String(row.basic),
      enumerated: row.enumerated === true,
      typeId: Number(row.type_id),
      typeSeen: row.type_seen === true,
      notNull: row.not_null === true,
      filled: row.filled === true,
      triggers: parsed<readonly string[]>(row.triggers),
      made: row.made === true,
      drawn: row.drawn === true,
      longest: row.longest === null ? null : Number(row.longest),
      words: wordsOfChecks(row.checks),
      checks: parsed<readonly ColumnCheck[]>(row.value_checks),
    });
    if (row.in_key === true) table.key.push(name);
  }
  return [...tables].map(([name, table]) => ({ name, ...table }));
}

/** The oid of a table that its name alone finds; the catalog tells it also to a role that may not look into its schema. */
const found = (name: string): string => `(select c.oid from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.relname = ${quoted(name)} and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname = any (${path})
       order by array_position(${path}, n.nspname::text) limit 1)`;

/** Schemas with any of these tables into which who asks may not look, each with the first of its tables, and who asks. */
export async function unseenTables(
  ask: Ask,
  names: readonly string[],
): Promise<{ readonly schema: string; readonly table: string; readonly role: string }[]> {
  if (names.length === 0) return [];
  const rows = await ask(`
    select n.nspname as schema, min(c.relname) as "table", current_user::text as role
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.oid in (${names.map((name) => found(name)).join(", ")}) and not has_schema_privilege(n.oid, 'usage')
     group by 1 order by 1`);
  return rows.map(({ schema, table, role }) => ({
    schema: String(schema),
    table: String(table),
    role: String(role),
  }));
}

/** Schemas that have a table of this name, or any at all, and that no name alone finds. */
export async function elsewhere(ask: Ask, name?: string): Promise<string[]> {
  const rows = await ask(`
    select distinct n.nspname as schema from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'wavegate')
       and n.nspname !~ '^pg_t(oast|emp)' and not n.nspname = any (${path})
       ${name === undefined ? "" : `and ${quoted(name)} in (c.relname, n.nspname || '.' || c.relname)`}
     order by 1`);
  return rows.map(({ schema }) => String(schema));
}

/** A key of the platform's, as a definition names it: `invoices(client_id)` refers to `clients(id)` of `clients`. */
export interface Referring {
  readonly to: string;
  readonly from: string;
  readonly named: string;
}

/** The keys between tables that their names alone find. */
export async function referring(ask: Ask): Promise<Referring[]> {
  const columns = (of: string, numbers: string) =>
    `(select string_agg(a.attname, ', ' order by k.n) from unnest(${numbers}) with ordinality k(num, n)
        join pg_catalog.pg_attribute a on a.attrelid = ${of} and a.attnum = k.num)`;
  const rows = await ask(`
    select t.relname as to, f.relname || '(' || ${columns("f.oid", "c.conkey")} || ')' as from,
           t.relname || '(' || ${columns("t.oid", "c.confkey")} || ')' as named
      from pg_catalog.pg_constraint c
      join pg_catalog.pg_class f on f.oid = c.conrelid join pg_catalog.pg_class t on t.oid = c.confrelid
     where c.contype = 'f' and c.conparentid = 0 and pg_table_is_visible(f.oid) and pg_table_is_visible(t.oid)
     order by 1, 2, 3`);
  return rows.map(({ to, from, named }) => ({
    to: String(to),
    from: String(from),
    named: String(named),
  }));
}

/** What makes tables of another schema found. */
export const onThePath = (schema: string): string =>
  `Tables are called by their names alone: let the database find them, \`alter database … set search_path = "${schema.replaceAll('"', '""')}", public\`.`;

const parsed = <Value>(json: unknown): Value =>
  typeof json === "string" ? JSON.parse(json) : (json as Value);

/**
 * What a column may be by its checks, as far as they are lists of words: PostgreSQL writes each as
 * `CHECK ((plan = ANY (ARRAY['gold'::text, 'concession'::text])))`. Other checks are not looked into.
 */
function wordsOfChecks(checks: unknown): string[] | null {
  const text = parsed<readonly string[]>(checks);
  const lists = text.flatMap((check) => {
    const list =
      /^CHECK \(\(\(?"?[\w ]+"?\)?(?:::[\w ]+)? = ANY \(\(?ARRAY\[((?:'(?:[^']|'')*'::[\w ]+(?:, )?)+)\]\)?[\w:[\]]*\)\)\)$/u;
    const found = list.exec(check)?.[1];
    return found === undefined
      ? []
      : [
          [...found.matchAll(/'((?:[^']|'')*)'/gu)].map(([, word = ""]) =>
            word.replaceAll("''", "'"),
          ),
        ];
  });
  const [first, ...others] = lists;
  return first?.filter((word) => others.every((list) => list.includes(word))) ?? null;
}

/** Whether a value of one type is written into a column of another without a word, as an insert does it. */
export async function fits(
  ask: Ask,
  pairs: readonly { readonly from: string; readonly to: number }[],
): Promise<boolean[]> {
  if (pairs.length === 0) return [];
  const each = pairs.map(
    ({ from, to }) => `(select ${takesType("f", "t")}
      -- What a domain is of.
      from (select ${quoted(from)}::regtype::oid as f, d.base as t
              from (select ${to}::oid as atttypid, -1 as atttypmod) a cross join lateral (${typeBelow}) d) types)`,
  );
  const [row] = await ask(`select to_jsonb(array[${each.join(",\n")}]) as fits`);
  return row?.fits as boolean[];
}

/** Which of these texts a column cannot hold. */
export async function unfit(
  ask: Ask,
  { type, typeSeen }: TargetColumn,
  texts: readonly string[],
): Promise<string[]> {
  if (texts.length === 0 || !typeSeen) return [];
  const list = texts.map((text) => `(${quoted(text)})`).join(", ");
  const rows = await ask(
    `select v.text from (values ${list}) v(text) where not pg_input_is_valid(v.text, ${quoted(type)})`,
  );
  return rows.map(({ text }) => String(text));
}
