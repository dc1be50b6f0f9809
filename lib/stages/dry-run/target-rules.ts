import { comparisonsOf, holdCompared } from "../../compile/judge/compared.ts";
import type { PlannedBy } from "../../compile/judge/plan.ts";
import { rowJustFound } from "../../compile/references/above.ts";
import type { Targets } from "../../compile/target/ahead.ts";
import { aheadJoins } from "../../compile/target/ahead.ts";
import {
  isDemanded,
  ownFunctions,
  takesNoParameter,
  withoutColons,
} from "../../compile/target/catalogue-text.ts";
import { triggersFilling } from "../../compile/target/filled-by-trigger.ts";
import { mostOfParts, partitionCheck, placesOf } from "../../compile/target/partition-check.ts";
import { type TargetRule, targetRules } from "../../compile/target/rules.ts";
import type { TargetTable } from "../../compile/target/table.ts";
import { typeBelow } from "../../compile/target/type-below.ts";
import type { Database } from "../../data/database.ts";
import { oneRecord } from "../../data/records.ts";
import { identifier, raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { isRefusal } from "../run/refusals.ts";

/** What the targets of a migration refuse, by action; and what of their keys is compared with other rows. */
interface TargetRules {
  /**
   * What rows are planned by, each for where the one before it fails ({@link firstOf}): all rules, those that never end
   * in an error themselves, those that look at no rows above, which need no joins, the sure ones of these, and none.
   */
  readonly tries: readonly PlannedBy[];
  readonly targets: Targets;
}

/**
 * Reads from the catalogue what the targets refuse (B6), as far as it can be said of a row beforehand. Left to the
 * wave, which holds what is refused by name, is what triggers do, what calls functions of somebody's own,
 * looks at values that the platform makes, or rests on tables that are not seen whole.
 *
 * @param known targets that were read already
 */
export async function readTargetRules(
  db: Database,
  migration: Migration,
  known: Map<string, TargetTable> = new Map(),
): Promise<TargetRules> {
  const { actions } = migration.entity;
  const kinds = [...(migration.above ?? []), migration];
  const names = kinds.flatMap(({ entity }) =>
    Object.values(entity.actions).map(({ into }) => into),
  );
  for (const into of new Set(names))
    if (!known.has(into)) known.set(into, { name: into, ...(await describe(db, into)) });
  const targets = new Map(known);
  const rules = new Map(
    Object.entries(actions).map(([name, action]) => [
      name,
      targetRules(migration, action, targets),
    ]),
  );
  const only = (which: (rule: TargetRule) => boolean) =>
    new Map([...rules].map(([name, list]) => [name, list.filter(which)] as const));
  const sure = ({ mayFail }: TargetRule) => !mayFail;
  const own = ({ looksAbove }: TargetRule) => !looksAbove;
  const joins = aheadJoins(migration, targets, { rowOf: rowJustFound, oneByOne: true });
  const tries = [
    { rules, joins },
    { rules: only(sure), joins },
    ...(joins === ""
      ? []
      : [{ rules: only(own) }, { rules: only((rule) => sure(rule) && own(rule)) }]),
    { rules: new Map() },
  ];
  return { tries, targets };
}

/**
 * Plans with the platform's own expressions, and without them where one of them fails on a row (a text that is no
 * number, a division by zero), or where they are too many for a statement: which row that is, the wave finds.
 */
export const unlessItFails = <Result>(
  work: () => Promise<Result>,
  otherwise: () => Promise<Result>,
): Promise<Result> =>
  work().catch((error: unknown) => {
    if (isRefusal(error) || isTooLong(error)) return otherwise();
    throw error;
  });

/** What the first of several tries answers that neither fails on a row nor is too long. */
export const firstOf = <By, Result>(
  [by, ...others]: readonly By[],
  work: (by: By) => Promise<Result>,
): Promise<Result> =>
  others.length === 0
    ? work(by as By)
    : unlessItFails(
        () => work(by as By),
        () => firstOf(others, work),
      );

/** A platform may refuse more than fits into one statement. */
const isTooLong = (error: unknown): boolean =>
  error instanceof Error && error.name === "StatementTooLong";

/** What holds rows beside others, target by target: all at once, and rule by rule where one of them fails by itself. */
export const comparedRows = (
  migration: Migration,
  run: string,
  { targets }: TargetRules,
): readonly { readonly all: Sql; readonly each: readonly Sql[] }[] =>
  comparisonsOf(migration, targets).flatMap(({ table, compared }) => {
    const hold = (some: typeof compared) =>
      holdCompared(migration, run, targets, { table, compared: some });
    return compared.length === 0
      ? []
      : [{ all: hold(compared), each: compared.map((one) => hold([one])) }];
  });

/** What an operator `o` of an exclusion asks of parts of a type `y`. */
const kindOfOperator = `case
               when exists (
                 select from pg_amop m join pg_opclass d on d.opcfamily = m.amopfamily and d.opcdefault join pg_am t on t.oid = d.opcmethod
                  where t.amname = 'btree' and m.amopstrategy = 3 and m.amopopr = o.oid and m.amoplefttype = m.amoprighttype) then 'equal'
               when o.oprname = '&&' and o.oprleft = 'anyrange'::regtype and o.oprright = 'anyrange'::regtype
                and coalesce(nullif(y.typbasetype, 0), y.oid) in (
                  'int4range'::regtype, 'int8range'::regtype, 'numrange'::regtype, 'daterange'::regtype, 'tsrange'::regtype, 'tstzrange'::regtype) then 'overlap'
               else 'other' end`;

/** What single partitions demand by themselves of the rows that go there: conditions, and columns that are not null. */
const checksOfParts = `coalesce((select jsonb_agg(jsonb_build_object(
             'name', o.name, 'expression', 'not (' || o.inside || ') or (' || o.text || ')',
             'columns', (select jsonb_agg(distinct k) from unnest(o.columns || o.names) k)) order by o.name)
             from (
               select c.conname as name, p.inside, p.columns, ${withoutColons("pg_get_expr(c.conbin, c.conrelid)")} as text,
                      array(select a.attname from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) as names
                 from places p join pg_constraint c on c.conrelid = p.relid
                where p.inside is not null and c.contype = 'c' and c.conkey <> '{}' and c.conislocal and c.coninhcount = 0 and ${isDemanded("c")}
                  and not exists (select from own_functions f where f.classid = 'pg_constraint'::regclass and f.objid = c.oid)
               union all
               select p.relid::regclass || '.' || a.attname || ' must not be null', p.inside, p.columns, quote_ident(a.attname) || ' is not null', array[a.attname]
                 from places p join pg_attribute a on a.attrelid = p.relid and a.attnum > 0 and a.attnotnull and not a.attisdropped
                 join columns n on n.attname = a.attname and not n.required
                where p.inside is not null
               limit ${mostOfParts}) o
            where ${takesNoParameter("o.text")}), '[]')`;

const describe = (db: Database, table: string): Promise<Omit<TargetTable, "name">> =>
  oneRecord<Omit<TargetTable, "name">>(
    db,
    sql`
  with named as (select ${identifier(table)}::text::regclass::oid as oid),
  own_functions as (${raw(ownFunctions)}),
  places as materialized (${raw(placesOf)}),
  columns as (
    select a.attnum, a.attname, a.attnotnull or d.required as required,
           a.atthasdef or a.attidentity <> '' or a.attgenerated <> '' or t.typdefault is not null as filled,
           ${raw(triggersFilling("a.attrelid", "a.attname"))} <> '{}' as triggered,
           format_type(a.atttypid, a.atttypmod) as type, d.base, d.mod,
           -- One value for all rows: no function is called for it, and it is not of the domain.
           (select x.text from pg_attrdef f cross join lateral (select pg_get_expr(f.adbin, f.adrelid) as text) x
             where f.adrelid = a.attrelid and f.adnum = a.attnum and a.attidentity = '' and a.attgenerated = ''
               and x.text ~ '^(''([^'']|'''')*''(::[a-z_ ]+([(][0-9, ]+[)])?([[][]])*)?|-?[0-9.]+|true|false)$'
               and ${raw(takesNoParameter("x.text"))}) as constant,
           (select format('%I.%I', n.nspname, l.collname) from pg_collation l join pg_namespace n on n.oid = l.collnamespace
             where l.oid = a.attcollation and not l.collisdeterministic) as collated
      from pg_attribute a join pg_type t on t.oid = a.atttypid join named on named.oid = a.attrelid
      cross join lateral (${raw(typeBelow)}) d
     where a.attnum > 0 and not a.attisdropped),
  names as (select attnum, attname from columns),
  constraints as (
    select c.* from pg_constraint c join named on named.oid = c.conrelid
     where c.conkey <> '{}' and ${raw(isDemanded("c"))} and not exists (
       select from own_functions f where f.classid = 'pg_constraint'::regclass and f.objid = c.oid))
  select (select oid::text from named) as oid, coalesce((select jsonb_agg(jsonb_build_object(
             'name', attname, 'constant', constant, 'collation', collated, 'type', type, 'base', format_type(base, mod), 'required', required, 'filled', filled, 'triggered', triggered,
             'longest', case when base in ('varchar'::regtype, 'bpchar'::regtype) and mod > 4 then mod - 4 end,
             'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = base))
             order by attnum) from columns), '[]') as columns,
         coalesce((select jsonb_agg(jsonb_build_object(
             'name', c.conname, 'expression', x.text,
             'columns', (select jsonb_agg(n.attname) from names n where n.attnum = any (c.conkey))) order by c.conname)
             from constraints c cross join lateral (select ${raw(withoutColons("pg_get_expr(c.conbin, c.conrelid)"))} as text) x
            where c.contype = 'c' and ${raw(takesNoParameter("x.text"))}), '[]') || ${raw(partitionCheck)} || ${raw(checksOfParts)} as checks,
         coalesce((select jsonb_agg(jsonb_build_object(
             'name', c.conname, 'table', c.confrelid::regclass::text, 'to', c.confrelid::oid::text, 'where', c.inside, 'within', to_jsonb(c.within),
             'columns', (select jsonb_agg(n.attname order by k.place) from unnest(c.conkey) with ordinality k(attnum, place)
                         join pg_attribute n on n.attrelid = c.conrelid and n.attnum = k.attnum),
             'others', (select jsonb_agg(o.attname order by k.place) from unnest(c.confkey) with ordinality k(attnum, place)
                         join pg_attribute o on o.attrelid = c.confrelid and o.attnum = k.attnum)) order by c.conname)
             from (
               select c.*, p.inside, p.columns as within from pg_constraint c join places p on p.relid = c.conrelid and p.inside is null
               union all
               -- Those that a partition has by itself, and not of the table that it is a part of.
               (select c.*, p.inside, p.columns from pg_constraint c join places p on p.relid = c.conrelid and p.inside is not null
                 where c.contype = 'f' and c.conparentid = 0 order by c.oid limit ${raw(String(mostOfParts))})) c join pg_class o on o.oid = c.confrelid
            where c.contype = 'f' and c.confmatchtype = 's' and not row_security_active(c.confrelid)
              and ${raw(isDemanded("c"))}
              and not exists (select from own_functions f where f.classid = 'pg_constraint'::regclass and f.objid = c.oid)
              and has_table_privilege(c.confrelid, 'select')
              and has_schema_privilege(o.relnamespace, 'usage')), '[]') as "references",
         coalesce((select jsonb_agg(jsonb_build_object(
             'name', r.relname, 'nullsDistinct', not i.indnullsnotdistinct,
             'where', nullif(concat_ws(' and ', '(' || i.inside || ')', '(' || w.text || ')'), ''),
             'parts', (select jsonb_agg(pg_get_indexdef(i.indexrelid, n, false) order by n) from generate_series(1, i.indnkeyatts) n),
             'columns', (select jsonb_agg(n.attname) from pg_attribute n where n.attrelid = i.indrelid and n.attnum > 0 and (
                n.attname = any (i.columns) or n.attnum = any (i.indkey) or exists (
                select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                   and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid = n.attnum))))
             order by r.relname)
             from (
               select i.*, p.inside, p.columns from pg_index i join places p on p.relid = i.indrelid and p.inside is null
               union all
               -- Those that a partition has by itself, and not of the table that it is a part of.
               (select i.*, p.inside, p.columns from pg_index i join places p on p.relid = i.indrelid and p.inside is not null
                 where i.indisunique and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
                 order by i.indexrelid limit ${raw(String(mostOfParts))})) i
             join pg_class r on r.oid = i.indexrelid
             cross join lateral (select pg_get_expr(i.indpred, i.indrelid) as text) w
            where i.indisunique and i.indisvalid
              and not exists (select from own_functions f where f.classid = 'pg_class'::regclass and f.objid = i.indexrelid)
              and not row_security_active(i.indrelid)
              and ${raw(takesNoParameter("coalesce(w.text, '') || coalesce(pg_get_expr(i.indexprs, i.indrelid), '')"))}), '[]') as keys,
         coalesce((select jsonb_agg(jsonb_build_object(
             'name', c.conname, 'where', nullif(concat_ws(' and ', '(' || c.inside || ')', '(' || w.text || ')'), ''),
             'parts', (select jsonb_agg(pg_get_indexdef(i.indexrelid, n, false) order by n) from generate_series(1, i.indnkeyatts) n),
             'operators', (select jsonb_agg(format('operator(%I.%s)', s.nspname, o.oprname) order by k.place)
                from unnest(c.conexclop) with ordinality k(oid, place) join pg_operator o using (oid) join pg_namespace s on s.oid = o.oprnamespace),
             'kinds', (select jsonb_agg(${raw(kindOfOperator)} order by k.place)
                from unnest(c.conexclop) with ordinality k(oid, place) join pg_operator o using (oid)
                join pg_attribute a on a.attrelid = i.indexrelid and a.attnum = k.place join pg_type y on y.oid = a.atttypid),
             'columns', (select jsonb_agg(n.attname) from pg_attribute n where n.attrelid = c.conrelid and n.attnum > 0 and (
                n.attname = any (c.within) or n.attnum = any (i.indkey) or exists (
                select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                   and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid = n.attnum))))
             order by c.conname)
             from (
               select c.*, p.inside, p.columns as within from pg_constraint c join places p on p.relid = c.conrelid and p.inside is null
               union all
               (select c.*, p.inside, p.columns from pg_constraint c join places p on p.relid = c.conrelid and p.inside is not null
                 where c.contype = 'x' and c.conparentid = 0 order by c.oid limit ${raw(String(mostOfParts))})) c join pg_index i on i.indexrelid = c.conindid
             cross join lateral (select pg_get_expr(i.indpred, i.indrelid) as text) w
            where c.contype = 'x' and not row_security_active(c.conrelid)
              and not exists (select from own_functions f where f.classid in ('pg_class'::regclass, 'pg_constraint'::regclass) and f.objid in (i.indexrelid, c.oid))
              and ${raw(takesNoParameter("coalesce(w.text, '') || coalesce(pg_get_expr(i.indexprs, i.indrelid), '')"))}), '[]') as exclusions`,
  );
