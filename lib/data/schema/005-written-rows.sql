-- A row as it is, with what the ledger says was written put back into it, as types are now: equal to the
-- row itself where nobody changed what was written, whatever columns came or went since. Null where
-- what was written no longer fits its column.
create or replace function wavegate.with_written(present anyelement, written jsonb) returns jsonb
language plpgsql stable as $$
begin
  return to_jsonb(jsonb_populate_record(present, written));
exception when others then
  return null;
end $$;

-- The columns of the target tables when a wave wrote them: a column that is renamed later is known by its number.
alter table wavegate.waves add column if not exists shape jsonb;

-- In which partitions or children of a target table the rows of a wave lie: nobody reads it whole, as there may be thousands.
alter table wavegate.waves add column if not exists parts jsonb;
