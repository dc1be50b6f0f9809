-- Whether looking for a row of a platform's table by one column runs nothing that the platform's people wrote: no view, no
-- policy with a condition, no type with casts of its own. It stays so until this transaction ends. Functions of the owner's
-- look at nothing else, as that code would run with the owner's rights (D19).
create or replace function wavegate.is_plain(place text, of_column text) returns boolean
language plpgsql security invoker set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  relation regclass := to_regclass(place);
begin
  if relation is null then return false; end if;
  execute format('lock table %s in access share mode', relation);
  return exists (
    select from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = of_column
      join pg_type t on t.oid = a.atttypid
     where c.oid = relation and c.relkind in ('r', 'p')
       -- Types and functions below this number are PostgreSQL's own.
       and (case t.typtype when 'd' then t.typbasetype else t.oid end) < 16384
       and not exists (
         select from pg_policy p
          where c.relrowsecurity and p.polrelid = c.oid and p.polcmd in ('r', '*')
            and (p.polroles = '{0}' or exists (select from unnest(p.polroles) r (oid) where pg_has_role(r.oid, 'usage')))
            and pg_get_expr(p.polqual, p.polrelid) is distinct from 'true'));
end $$;
