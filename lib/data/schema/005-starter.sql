-- Keeps who started a run, once; whoever was recorded first is answered (W5, W8). Whoever asked for the execution that
-- made the run is it (019-beginnings.sql), whatever is said; where nobody was noted, the role sign alone says it.
create or replace function wavegate.note_starter(run uuid, starter text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  noted text := (select b.person from wavegate.run_beginnings b join wavegate.legacy_import_runs r on r.execution_arn = b.execution_arn
                  where b.run_id = run and r.id = run);
begin
  if coalesce(btrim(starter), '') = '' then
    raise exception 'a starter has a name' using errcode = 'check_violation';
  end if;
  if noted is null and not has_any_column_privilege(session_user, 'wavegate.sign_offs', 'update')
     and exists (select from wavegate.legacy_import_runs r where r.id = run and r.started_by is null) then
    raise exception 'this role does not say who started a run' using errcode = 'insufficient_privilege';
  end if;
  starter := coalesce(noted, starter);
  update wavegate.legacy_import_runs r set started_by = starter
   where r.id = run and r.started_by is null;
  if found then
    perform wavegate.append_entry(run, starter, 'started', null, '{}', wavegate.moment());
  end if;
  return (select r.started_by from wavegate.legacy_import_runs r where r.id = run);
end $$;
