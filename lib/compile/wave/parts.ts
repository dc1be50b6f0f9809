import { identifier, join, literal, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Pin } from "../pin/pin.ts";
import { isNamedBy, targetShown } from "../target-key.ts";

/** Whether the row `of` is about one of some waves, by their numbers. */
export const ofWaves = (of: string, waves: readonly number[]): Sql =>
  sql`${raw(of)}.wave in (${join(
    waves.map((wave) => sql`${wave}`),
    ", ",
  )})`;

/** The target tables that have parts, as a JSON list. */
export const partedTargets = ({ targets }: Pin): string => `
    select coalesce(jsonb_agg(name), '[]')
      from unnest(array[${targets.map(({ table }) => literal(table)).join(", ")}]::text[]) name
     where exists (select from pg_inherits i where i.inhparent = to_regclass(quote_ident(name)))`;

/**
 * Keeps in which parts of some tables the rows lie that a wave wrote just now, beside the wave: by the table a list of
 * `of`, the catalogue's number of a part, its `name` and its `rows`. That may be longer than any answer, and stays in the
 * database.
 */
export function keepParts(
  { targets }: Pin,
  tables: readonly string[],
  { run, wave, round }: { readonly run: string; readonly wave: number; readonly round: number },
): Sql {
  const each = targets
    .filter(({ table }) => tables.includes(table))
    .map(
      (target) => `
      select l.target_table, t.tableoid from entries l join ${identifier(target.table)} t
        on ${isNamedBy(target, "t", "l")} where l.target_table = ${literal(target.table)}`,
    );
  return sql`
  with entries as materialized (
    select * from wavegate.legacy_import_commit_logs l
     where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.round = ${round} and l.action in ('commit', 'update'))
  update wavegate.waves set parts = (
  select coalesce(jsonb_object_agg(p.target_table, p.parts), '{}')
    from (select n.target_table, jsonb_agg(jsonb_build_object('of', n.tableoid::bigint, 'name', n.tableoid::regclass::text, 'rows', n.rows) order by n.tableoid) as parts
            from (select w.target_table, w.tableoid, count(*) as rows
                    from (${raw(each.join(" union all "))}) w group by 1, 2) n group by 1) p)
   where run_id = ${uuid(run)} and wave = ${wave} and round = ${round}`;
}

/**
 * Parts in which rows of waves lie and which are none of their target any more, by the target, as a JSON object: the
 * platform detached them, and they are there. One that is in another database, as from a dump, is known by its name; each
 * by more than half of its columns, as another table may have come to its number or its name.
 */
export const detachedParts = (run: string, waves: readonly number[]): Sql => sql`
    select coalesce(jsonb_object_agg(d.target, d.parts), '{}')
      from (select p.key as target, jsonb_agg(distinct c.oid::regclass::text) as parts
              from wavegate.waves w, jsonb_each(w.parts) p, jsonb_array_elements(p.value) e,
                   pg_class c
             where w.run_id = ${uuid(run)} and ${ofWaves("w", waves)}
               and c.oid in ((e ->> 'of')::oid, to_regclass(e ->> 'name')) and c.relkind in ('r', 'p', 'f')
               and 2 * (select count(*) from jsonb_array_elements(w.shape -> p.key) s
                          join pg_attribute a on a.attrelid = c.oid and a.attname = s ->> 'name'
                         where not a.attisdropped) > jsonb_array_length(w.shape -> p.key)
               and not exists (
                 with recursive above (oid) as (
                   select c.oid
                   union select i.inhparent from above a join pg_inherits i on i.inhrelid = a.oid and not i.inhdetachpending)
                 select from above where oid = to_regclass(quote_ident(p.key)))
             group by 1) d`;

/** Whether open entries of waves name rows that are not in their table, of the tables given, as `(missing)`: which. */
export function missingOf(
  { targets }: Pin,
  tables: readonly string[],
  run: string,
  waves: readonly number[],
) {
  const each = targets
    .filter(({ table }) => tables.includes(table))
    .map(
      (target) =>
        `select ${literal(target.table)} as missing where exists (select from entries l
          where l.target_table = ${literal(target.table)}
            and not exists (select from ${identifier(target.table)} t where ${isNamedBy(target, "t", "l")}))`,
    );
  return sql`
  with entries as materialized (
    select * from wavegate.legacy_import_commit_logs l
     where l.run_id = ${uuid(run)} and ${ofWaves("l", waves)} and l.rolled_back_at is null and l.action in ('commit', 'update'))
  ${raw(each.join(" union all "))}`;
}

/**
 * The target tables in which nothing keeps two rows from having one key, as a JSON list: no unique index stands behind
 * it, as none may over parts that another column tells apart, or does over tables that inherit from it.
 */
export const repeatingTargets = ({ targets }: Pin): string => `
    select coalesce(jsonb_agg(k.name), '[]')
      from (values ${targets
        .map(({ table, id, key }) => {
          const columns = key?.columns.map(({ now }) => now) ?? [id];
          return `(${literal(table)}, array[${literals(columns)}]::text[])`;
        })
        .join(", ")}) k (name, columns)
     where exists (
       select from pg_inherits h join pg_class c on c.oid = h.inhparent and c.relkind = 'r' where c.oid = to_regclass(quote_ident(k.name)))
        or not exists (
       select from pg_index i
        where i.indrelid = to_regclass(quote_ident(k.name)) and i.indisunique and i.indisvalid and i.indpred is null
          and not exists (
            select from generate_series(0, i.indnkeyatts - 1) n
              left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[n]
             where a.attname is null or a.attname <> all (k.columns)))`;

/** How many open entries of waves name more than one row, of the tables given, as `(table, key, entries)` with the first of them. */
export function namingSeveral(
  { targets }: Pin,
  tables: readonly string[],
  run: string,
  waves: readonly number[],
): Sql {
  const each = targets
    .filter(({ table }) => tables.includes(table))
    .map(
      (target) => `
      select l.id, l.target_table, ${targetShown("l")} as key from entries l join ${identifier(target.table)} t
        on ${isNamedBy(target, "t", "l")} where l.target_table = ${literal(target.table)} group by 1, 2, 3 having count(*) > 1`,
    );
  return sql`
  with entries as materialized (
    select l.id, l.target_table, l.target_id, l.target_key from wavegate.legacy_import_commit_logs l
     where l.run_id = ${uuid(run)} and ${ofWaves("l", waves)} and l.rolled_back_at is null and l.action in ('commit', 'update'))
  select f."table", case when strpos(f.key, '@') > 0 then wavegate.shown_target(f.id) else f.key end as key, f.entries
    from (select n.target_table as "table", (array_agg(n.key order by n.id))[1] as key, min(n.id) as id, count(*) as entries
    from (${raw(each.join(" union all "))}) n group by 1 order by 1 limit 1) f`;
}
