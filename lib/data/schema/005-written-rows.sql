-- A row as JSON, whatever stands in it. PostgreSQL keeps in a column of json what no jsonb takes, such as "\u0000" or
-- 1e999999: such a column is the text that stands there.
create or replace function wavegate.row_image(present anyelement) returns jsonb
language plpgsql stable strict as $$
declare
  made jsonb := '{}';
  one jsonb;
  name text;
begin
  return to_jsonb(present);
exception when data_exception or program_limit_exceeded then
  for name in select a.attname from pg_attribute a join pg_type t on t.typrelid = a.attrelid
               where t.oid = pg_typeof(present) and a.attnum > 0 and not a.attisdropped order by a.attnum loop
    begin
      execute format('select to_jsonb(($1).%I)', name) into one using present;
    exception when data_exception or program_limit_exceeded then
      execute format('select jsonb_build_object(''as text'', ($1).%I::text)', name) into one using present;
    end;
    made := made || jsonb_build_object(name, one);
  end loop;
  return made;
end $$;

-- A row as it is, with what the ledger says was written put back into it, as types are now: equal to the
-- row itself where nobody changed what was written, whatever columns came or went since. Null where
-- what was written no longer fits its column.
create or replace function wavegate.with_written(present anyelement, written jsonb) returns jsonb
language plpgsql stable as $$
begin
  return wavegate.row_image(jsonb_populate_record(present, written));
exception when others then
  return null;
end $$;

-- The columns of the target tables when a wave wrote them: a column that is renamed later is known by its number.
alter table wavegate.waves add column if not exists shape jsonb;

-- In which partitions or children of a target table the rows of a wave lie: nobody reads it whole, as there may be thousands.
alter table wavegate.waves add column if not exists parts jsonb;
