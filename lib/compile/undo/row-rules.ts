import { identifier, literal, literals, raw, type Sql } from "../../data/sql.ts";
import type { PinnedTarget } from "../pin/pin.ts";
import { isDemanded, ownFunctions, takesNoParameter } from "../target/catalogue-text.ts";
import { keyNames } from "../target-key.ts";
import type { ShapeColumn } from "../wave/written-rows.ts";

/** What the platform demands of each row of a table, as its catalogue says it. */
export interface RowRule {
  readonly table: string;
  readonly name: string;
  readonly kind: "not null" | "check" | "unique" | "foreign key";
  readonly columns: readonly string[];
  /** Of a check. */
  readonly condition: string | null;
  /** Of a foreign key: the table, quoted and with its schema, and its columns. */
  readonly at: string | null;
  readonly at_columns: readonly string[] | null;
}

/**
 * The rules that a look can hold a row against: columns that take no null, checks, keys of columns as they stand, and
 * foreign keys at tables that the role sees whole. What triggers, exclusions, policies and functions of somebody's own
 * refuse only a try would tell.
 */
export const findRowRules = (tables: readonly string[]): Sql =>
  raw(`
  with named (name, oid) as (
    select c.name, to_regclass(quote_ident(c.name))::oid from unnest(array[${literals(tables)}]::text[]) c (name)),
  own_functions as (${ownFunctions}),
  constraints as (
    select * from pg_constraint k where ${isDemanded("k")} and not exists (
      select from own_functions f where f.classid = 'pg_constraint'::regclass and f.objid = k.oid)),
  columns (oid, numbers, names) as (
    select k.oid, k.numbers, (select jsonb_agg(a.attname order by n.place) from unnest(k.numbers) with ordinality n (number, place)
                                 join pg_attribute a on a.attrelid = k.oid and a.attnum = n.number)
      from (select conrelid, conkey from pg_constraint where contype in ('c', 'f')
            union select confrelid, confkey from pg_constraint where contype = 'f'
            union select indrelid, string_to_array(indkey::text, ' ')::int2[] from pg_index where indisunique) k (oid, numbers)
     where k.oid in (select oid from named) or k.oid in (select c.confrelid from pg_constraint c join named t on t.oid = c.conrelid))
  select t.name as "table", r.name, r.kind, r.columns, r.condition, r.at, r.at_columns
    from named t cross join lateral (
      select c.relname || '.' || a.attname || ' must not be null' as name, 'not null' as kind, jsonb_build_array(a.attname) as columns,
             null::text as condition, null::text as at, null::jsonb as at_columns
        from pg_attribute a join pg_class c on c.oid = a.attrelid
       where a.attrelid = t.oid and a.attnum > 0 and a.attnotnull and not a.attisdropped
      union all
      select k.conname, 'check', n.names, pg_get_expr(k.conbin, k.conrelid), null, null
        from constraints k join columns n on n.oid = k.conrelid and n.numbers = k.conkey
       where k.conrelid = t.oid and k.contype = 'c' and ${takesNoParameter("pg_get_expr(k.conbin, k.conrelid)")}
      union all
      select c.relname, 'unique', n.names, null, null, null
        from pg_index i join pg_class c on c.oid = i.indexrelid
        join columns n on n.oid = i.indrelid and n.numbers = string_to_array(i.indkey::text, ' ')::int2[]
       where i.indrelid = t.oid and i.indisunique and i.indexprs is null and i.indpred is null and i.indnkeyatts = i.indnatts
         and not row_security_active(i.indrelid) and not exists (
           select from own_functions f where f.classid = 'pg_class'::regclass and f.objid = i.indexrelid)
      union all
      select k.conname, 'foreign key', n.names, null, quote_ident(s.nspname) || '.' || quote_ident(f.relname), o.names
        from constraints k join pg_class f on f.oid = k.confrelid join pg_namespace s on s.oid = f.relnamespace
        join columns n on n.oid = k.conrelid and n.numbers = k.conkey
        join columns o on o.oid = k.confrelid and o.numbers = k.confkey
       where k.conrelid = t.oid and k.contype = 'f' and has_schema_privilege(s.oid, 'usage') and has_table_privilege(f.oid, 'select')
         and not row_security_active(f.oid)) r
   order by 1, 2, 3`);

/**
 * The name of a rule that the row `t` of a target would break if some columns got other values, or null; as an SQL
 * expression. A key that another row holds which the run itself wrote is none: that one may go before.
 *
 * @param before what refused it when that was tried, as an SQL expression: it does where anything is given back
 */
export function refusesRow(
  target: PinnedTarget,
  shape: readonly ShapeColumn[],
  given: readonly { readonly now: string; readonly ours: string; readonly was: string }[],
  { rules, before }: { readonly rules: readonly RowRule[]; readonly before: string },
): string {
  if (given.length === 0) return "null::text";
  const about = rules.filter(
    ({ table, columns }) =>
      table === target.table && columns.some((name) => given.some(({ now }) => now === name)),
  );
  // Whether each is given back is asked once: with tens of columns and rules the statement would be too long.
  const own = given.map(({ ours }, n) => `${ours} as own_${n}`);
  const tried = `when jsonb_exists(e.conflict, 'refused') and (${given.map((_, n) => `own.own_${n}`).join(" or ")}) then ${before}`;
  if (about.length === 0)
    return `case when jsonb_exists(e.conflict, 'refused') then (select case ${tried} end from (select ${own.join(", ")} offset 0) own) end`;
  const columns = shape.map(({ name }) => {
    const n = given.findIndex(({ now }) => now === name);
    const is = `t.${identifier(name)}`;
    const value =
      given[n] === undefined ? is : `case when own_${n} then ${given[n].was} else ${is} end`;
    return `${value} as ${identifier(name)}`;
  });
  // A rule that stood when the row came as it is has taken it: only what is given back is held against it.
  const changes = (rule: RowRule) =>
    given.flatMap(({ now }, n) => (rule.columns.includes(now) ? [`own.own_${n}`] : []));
  const breaks = about.map(
    (rule) =>
      `when (${changes(rule).join(" or ")}) and ${broken(target, rule)} then ${literal(rule.name)}`,
  );
  // The condition of a check names columns and nothing else: they are the row's.
  return `(select case ${[...breaks, tried].join("\n             ")} end from (select ${own.join(", ")} offset 0) own
             cross join lateral (select ${columns.join(", ")} offset 0) given_back)`;
}

function broken(target: PinnedTarget, { kind, columns, condition, at, at_columns }: RowRule) {
  const all = (other: string, names: readonly string[]) =>
    columns
      .map(
        (name, n) => `${other}.${identifier(names[n] as string)} = given_back.${identifier(name)}`,
      )
      .join(" and ");
  const known = columns.map((name) => `given_back.${identifier(name)} is not null`).join(" and ");
  switch (kind) {
    case "not null":
      return `not (${known})`;
    case "check":
      return `not coalesce((select ${condition} from (select given_back.*) as ${identifier(target.table)}), true)`;
    case "foreign key":
      return `${known} and not exists (select from ${at} other where ${all("other", at_columns ?? [])})`;
    case "unique":
      return `exists (select from ${identifier(target.table)} other where ${all("other", columns)}
                 and (${keyNames(target)
                   .map((name) => `other.${identifier(name)} <> t.${identifier(name)}`)
                   .join(" or ")})
                 and not exists (select from wavegate.legacy_import_commit_logs o
                                  where o.run_id = e.run_id and o.rolled_back_at is null and o.target_table = e.target_table and ${namesOther(target)}))`;
  }
}

/** Whether the entry `o` names the row `other`. */
const namesOther = ({ id, key }: PinnedTarget): string =>
  key === undefined
    ? `o.target_id = other.${identifier(id)}`
    : `o.target_key = jsonb_build_object(${key.columns.map(({ written, now }) => `${literal(written)}, other.${identifier(now)}`).join(", ")})`;
