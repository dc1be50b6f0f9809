/**
 * The triggers that may give a new row of a table a value of a column, by name, as an array: those before an insert whose
 * function sets the column or the whole row, puts its statements together, or is written in a language that is not looked
 * into. Whether one does, only an insert shows.
 *
 * @param table, column SQL for the table's oid and the column's name
 */
export const triggersFilling = (table: string, column: string): string => String.raw`
  array(select distinct g.tgname::text collate "C" from pg_catalog.pg_trigger g
          join pg_catalog.pg_proc f on f.oid = g.tgfoid join pg_catalog.pg_language l on l.oid = f.prolang
          -- What is no letter or digit of a name is any letter.
          cross join lateral (select 'new\s*\.\s*"?' || regexp_replace(${column}, '\W', '.', 'g') || '\M' as own) sets
         where (g.tgrelid = ${table} or g.tgrelid in (select relid from pg_catalog.pg_partition_tree(${table})))
           and g.tgtype & 7 = 7 and not g.tgisinternal and g.tgenabled in ('O', 'A')
           and (l.lanname <> 'plpgsql' or f.prosrc ~* (sets.own || '"?\s*:?=') or f.prosrc ~* ('\minto\M[^;]*\m' || sets.own)
                or f.prosrc ~* '\mnew\s*:?=|\minto\s+(strict\s+)?new\M(?!\s*[.])|\mexecute\M')
         order by 1)`;

/** Whether a trigger's function, as its source in PL/pgSQL, gives a column of the row a value; the column by its name. */
export const setsColumn = (source: string, column: string): string => String.raw`(
  select ${source} ~* (sets.own || '"?\s*:=') or ${source} ~* ('(;|\m(begin|then|else|loop)\M)\s*' || sets.own || '"?\s*=')
      or ${source} ~* ('\minto\M[^;]*\m' || sets.own)
    from (select 'new\s*\.\s*"?' || regexp_replace(${column}, '\W', '.', 'g') || '\M' as own) sets)`;
