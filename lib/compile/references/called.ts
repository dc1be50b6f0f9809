import { identifier, join, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration, Reference } from "../../define/definition.ts";

/** The column by which the platform calls what a reference may be. */
const calledBy = ({ platform }: Reference): string =>
  identifier("label" in platform ? platform.label : platform.code);

/** What the record `p` is called, as a digest; null where it is called nothing. */
export const called = (reference: Reference): string => `md5(p.${calledBy(reference)}::text)`;

/**
 * What the platform calls at this moment what a run's references are mapped to, by reference and id, as a select of one JSON
 * value: a dry run keeps it, as who signs sees names and a wave writes ids.
 */
export const calledNow = ({ references }: Pick<Migration, "references">, run: string): Sql => {
  const each = Object.entries(references).map(([name, reference]) => {
    const { platform, staging } = reference;
    return sql`jsonb_build_object(${raw(literal(name))}, (
      select coalesce(jsonb_object_agg(p.${raw(identifier(platform.id))}::text, ${raw(called(reference))}), '{}')
        from ${raw(identifier(platform.table))} p
       where p.${raw(identifier(platform.id))} in (
               select m.${raw(identifier(staging.target))} from wavegate.${raw(identifier(staging.table))} m where m.run_id = ${uuid(run)})))`;
  });
  return join([raw("'{}'::jsonb"), ...each], " || ");
};

/**
 * What the newest dry run saw called of one reference, as common tables: `seen`, all of it, null of a dry run that kept
 * nothing, and `named`, `(id, called)`.
 */
export const calledThen = (name: string, run: string): Sql => sql`
      seen as materialized (
        select (select d.types #> array['', 'called', ${raw(literal(name))}] from wavegate.dry_runs d
                 where d.run_id = ${uuid(run)} order by d.created_at desc limit 1) as seen),
      named as materialized (
        select e.key as id, e.value as called from seen cross join jsonb_each_text(coalesce(seen.seen, '{}')) e)`;
