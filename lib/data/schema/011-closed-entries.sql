-- An entry of the ledger that was taken back is closed for good: what it named may be deleted under it in
-- that transaction alone, and a later row with the same id is none of it.
create or replace function wavegate.keep_entry_closed() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  raise exception 'an entry of the ledger that was taken back stays as it is' using errcode = 'integrity_constraint_violation';
end $$;

create or replace trigger keep_entry_closed after update of rolled_back_at, conflict on wavegate.legacy_import_commit_logs
  for each row when (old.rolled_back_at is not null) execute function wavegate.keep_entry_closed();
