import { ownFunctions, takesNoParameter } from "../compile/catalogue-text.ts";
import { holdRepeated } from "../compile/plan.ts";
import { rowOf, type TargetRule, type TargetTable, targetRules } from "../compile/target-rules.ts";
import { typeBelow } from "../compile/type-below.ts";
import type { Database } from "../data/database.ts";
import { identifier, raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { isRefusal } from "./refusals.ts";

/** What the targets of a migration refuse, by action; and what of their keys is compared with other rows. */
export interface TargetRules {
  readonly rules: ReadonlyMap<string, readonly TargetRule[]>;
  /** Those of them that never end in an error themselves. */
  readonly sureRules: ReadonlyMap<string, readonly TargetRule[]>;
  readonly tables: ReadonlyMap<string, TargetTable>;
}

/**
 * Reads from the catalogue what the targets refuse (B6), as far as it can be said of a row beforehand. Left to the
 * wave, which holds what is refused by name, is what triggers do, what calls functions of somebody's own,
 * looks at values that the platform makes, excludes by operators, or rests on tables that are not seen whole.
 */
export async function readTargetRules(db: Database, migration: Migration): Promise<TargetRules> {
  const { actions } = migration.entity;
  const tables = new Map<string, TargetTable>();
  for (const { into } of Object.values(actions)) {
    if (tables.has(into)) continue;
    tables.set(into, { name: into, ...(await describe(db, into)) });
  }
  const rules = new Map(
    Object.entries(actions).map(([name, action]) => [
      name,
      targetRules(migration, action, tables.get(action.into) as TargetTable),
    ]),
  );
  const sureRules = new Map(
    [...rules].map(([name, list]) => [name, list.filter(({ mayFail }) => !mayFail)]),
  );
  return { rules, sureRules, tables };
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

/** A platform may refuse more than fits into one statement. */
const isTooLong = (error: unknown): boolean =>
  error instanceof Error && error.name === "StatementTooLong";

/**
 * What holds rows that are equal in a key to another one, key by key. That one legacy row is one record needs no
 * comparing: staging keeps each once, and what is on the platform already is skipped (M11).
 */
export const comparedKeys = (
  migration: Migration,
  run: string,
  { tables }: TargetRules,
): readonly Sql[] =>
  Object.entries(migration.entity.actions).flatMap(([name, action]) => {
    const table = tables.get(action.into) as TargetTable;
    const identity = Object.keys(action.identity ?? {}).sort();
    return table.keys.flatMap((key) => {
      if (key.where === null && key.columns.toSorted().join() === identity.join()) return [];
      const row = rowOf(migration, action, table, key.columns);
      return row === undefined ? [] : [holdRepeated(migration, run, name, { table, key, row })];
    });
  });

const describe = (db: Database, table: string): Promise<Omit<TargetTable, "name">> =>
  db.one<Omit<TargetTable, "name">>(sql`
  with named as (select ${identifier(table)}::text::regclass::oid as oid),
  own_functions as (${raw(ownFunctions)}),
  columns as (
    select a.attnum, a.attname, a.attnotnull or d.required as required,
           a.atthasdef or a.attidentity <> '' or a.attgenerated <> '' or t.typdefault is not null as filled,
           format_type(a.atttypid, a.atttypmod) as type, d.base, d.mod
      from pg_attribute a join pg_type t on t.oid = a.atttypid join named on named.oid = a.attrelid
      cross join lateral (${raw(typeBelow)}) d
     where a.attnum > 0 and not a.attisdropped),
  names as (select attnum, attname from columns),
  constraints as (
    select c.* from pg_constraint c join named on named.oid = c.conrelid
     where c.conkey <> '{}' and not exists (
       select from own_functions f where f.classid = 'pg_constraint'::regclass and f.objid = c.oid))
  select coalesce((select jsonb_agg(jsonb_build_object(
             'name', attname, 'type', type, 'required', required, 'filled', filled,
             'longest', case when base in ('varchar'::regtype, 'bpchar'::regtype) and mod > 4 then mod - 4 end,
             'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = base))
             order by attnum) from columns), '[]') as columns,
         coalesce((select jsonb_agg(jsonb_build_object(
             'name', c.conname, 'expression', x.text,
             'columns', (select jsonb_agg(n.attname) from names n where n.attnum = any (c.conkey))) order by c.conname)
             from constraints c cross join lateral (select pg_get_expr(c.conbin, c.conrelid) as text) x
            where c.contype = 'c' and ${raw(takesNoParameter("x.text"))}), '[]') as checks,
         coalesce((select jsonb_agg(jsonb_build_object(
             'name', c.conname, 'table', c.confrelid::regclass::text,
             'columns', (select jsonb_agg(n.attname order by k.place) from unnest(c.conkey) with ordinality k(attnum, place) join names n using (attnum)),
             'others', (select jsonb_agg(o.attname order by k.place) from unnest(c.confkey) with ordinality k(attnum, place)
                         join pg_attribute o on o.attrelid = c.confrelid and o.attnum = k.attnum)) order by c.conname)
             from constraints c join pg_class o on o.oid = c.confrelid
            where c.contype = 'f' and c.confmatchtype = 's' and not row_security_active(c.confrelid)
              and has_table_privilege(c.confrelid, 'select')
              and has_schema_privilege(o.relnamespace, 'usage')), '[]') as "references",
         coalesce((select jsonb_agg(jsonb_build_object(
             'name', r.relname, 'nullsDistinct', not i.indnullsnotdistinct, 'where', w.text,
             'parts', (select jsonb_agg(pg_get_indexdef(i.indexrelid, n, false) order by n) from generate_series(1, i.indnkeyatts) n),
             'columns', (select jsonb_agg(n.attname) from names n where n.attnum = any (i.indkey) or exists (
                select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                   and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid = n.attnum)))
             order by r.relname)
             from pg_index i join named on named.oid = i.indrelid join pg_class r on r.oid = i.indexrelid
             cross join lateral (select pg_get_expr(i.indpred, i.indrelid) as text) w
            where i.indisunique and i.indisvalid
              and not exists (select from own_functions f where f.classid = 'pg_class'::regclass and f.objid = i.indexrelid)
              and not row_security_active(i.indrelid)
              and ${raw(takesNoParameter("coalesce(w.text, '') || coalesce(pg_get_expr(i.indexprs, i.indrelid), '')"))}), '[]') as keys`);
