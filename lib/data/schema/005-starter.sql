-- Keeps who started a run, once; whoever was recorded first is answered (W5, W8).
create or replace function wavegate.note_starter(run uuid, starter text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if btrim(starter) = '' then
    raise exception 'a starter has a name' using errcode = 'check_violation';
  end if;
  update wavegate.legacy_import_runs r set started_by = starter
   where r.id = run and r.started_by is null;
  if found then
    perform wavegate.append_entry(run, starter, 'started', null, '{}', wavegate.moment());
  end if;
  return (select r.started_by from wavegate.legacy_import_runs r where r.id = run);
end $$;
