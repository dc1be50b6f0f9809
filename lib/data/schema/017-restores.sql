-- A backup of the platform is put back past everything that writes row by row (V10, level 2): only in the name of
-- somebody who may roll back, while no run writes. Answers the name of a refusal, or null.

-- Begins it: the run is stopped, nothing rests on its approvals any more, nobody is shown what is about to go, and the
-- log tells of it before anything is done to the platform. Asked again, it begins again.
create or replace function wavegate.begin_restore(run uuid, person text, details jsonb) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.rollback');
  voided int;
begin
  if who is null then return 'PermissionDenied'; end if;
  -- Waves hold this table until they end (lib/stages/wave/commit-lock.ts): none is under way behind this line.
  lock table wavegate.commit_locks in share row exclusive mode;
  perform from wavegate.legacy_import_runs r where r.id = run for no key update;
  if not found then return 'UnknownRun'; end if;
  if exists (select from wavegate.legacy_import_runs r where r.id = run and r.erased_at is not null) then
    return 'RunErased';
  end if;
  if exists (select from wavegate.commit_locks l where l.run_id <> run) then return 'AnotherRunCommits'; end if;
  update wavegate.legacy_import_runs r
     set control = 'stop', status = case when r.status = 'rolled_back' then r.status else 'stopped' end,
         halted_because = null, updated_at = now()
   where r.id = run;
  update wavegate.commit_locks l set run_id = null where l.run_id = run;
  -- Before the log's turn is taken below: whoever decides holds a question, and then wants the turn.
  voided := wavegate.void_sign_offs(run, 'a backup of the platform is restored', 'all');
  perform wavegate.features_off(run);
  if voided > 0 then
    perform wavegate.append_entry(run, 'wavegate', 'sign-offs-voided', null,
      jsonb_build_object('because', 'a backup is restored', 'to_wave', 1, 'sign_offs', voided), wavegate.moment());
  end if;
  perform wavegate.append_entry(run, who, 'restore-begun', null, details, wavegate.moment());
  return null;
end $$;

-- Tells how it ended: `restored`, or `restore-failed`, which left the platform as it was.
create or replace function wavegate.end_restore(run uuid, person text, outcome text, details jsonb) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.rollback');
  told record;
begin
  if who is null then return 'PermissionDenied'; end if;
  if coalesce(outcome, '') not in ('restored', 'restore-failed') then return 'UnknownCommand'; end if;
  perform wavegate.take_turn(run);
  select l.action, l.details into told from wavegate.audit_log l
   where l.run_id = run and l.action in ('restore-begun', 'restored', 'restore-failed') order by l.seq desc limit 1;
  -- Told already, and its answer was lost.
  if told.action = outcome and told.details = details then return null; end if;
  -- What was not begun is not ended, and ended once; and nothing else than what was begun.
  if told.action is distinct from 'restore-begun' or told.details -> 'backup_sha256' is distinct from details -> 'backup_sha256' then
    return 'NotBegun';
  end if;
  perform wavegate.append_entry(run, who, outcome, null, details, wavegate.moment());
  return null;
end $$;
