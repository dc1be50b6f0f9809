import { identifier, literal, raw, type Sql } from "../../data/sql.ts";

/** Triggers `g` of the platform that act on rows of a table or of its partitions; none of wavegate's own. */
export const actsOn = (table: string): string => {
  const place = `to_regclass(${literal(identifier(table))})`;
  return `(g.tgrelid = ${place} or g.tgrelid in (select relid from pg_partition_tree(${place})))
         and not g.tgisinternal and g.tgenabled in ('O', 'A')
         and g.tgfoid not in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('wavegate'))`;
};

/** The names of those on some tables, as one text that is null for none: `stamps on members, keeps on members`. */
export const findActingTriggers = (tables: readonly string[]): Sql =>
  raw(`
  select string_agg(acts, ', ') as triggers from (
    ${tables
      .map(
        (table) =>
          `select distinct g.tgname || ' on ' || ${literal(table)} as acts from pg_trigger g where ${actsOn(table)}`,
      )
      .join(" union ")} order by 1 limit 20) t`);
