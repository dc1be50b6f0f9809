-- A trial judges a slice of a source up to its dry run, to try a definition (B12): `{"rows": 500}`; null for a run.
-- Nobody is asked about it and nothing of it reaches the platform, so it may be forgotten whole.
alter table wavegate.legacy_import_runs add column if not exists trial jsonb;

create or replace function wavegate.refuse_other_trial() returns trigger language plpgsql as $$
begin
  raise exception 'a trial stays one, and a run never becomes one' using errcode = 'integrity_constraint_violation';
end $$;
create or replace trigger one_trial before update on wavegate.legacy_import_runs for each row
  when (new.trial is distinct from old.trial)
  execute function wavegate.refuse_other_trial();

create or replace function wavegate.refuse_trials() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if exists (
    select from (select distinct w.run_id from written w) w
      join wavegate.legacy_import_runs r on r.id = w.run_id
     where r.trial is not null) then
    raise exception 'a trial is neither asked about nor written' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create or replace trigger no_trial after insert on wavegate.sign_offs
  referencing new table as written for each statement execute function wavegate.refuse_trials();
create or replace trigger no_trial after insert on wavegate.commit_locks
  referencing new table as written for each statement execute function wavegate.refuse_trials();
create or replace trigger no_trial_later after update on wavegate.commit_locks
  referencing new table as written for each statement execute function wavegate.refuse_trials();
create or replace trigger no_trial after insert on wavegate.waves
  referencing new table as written for each statement execute function wavegate.refuse_trials();

-- The log of a run is never taken away; that of a trial goes with it.
create or replace function wavegate.refuse_run_log() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if exists (select from wavegate.legacy_import_runs r where r.id = old.run_id and r.trial is not null) then
    return old;
  end if;
  raise exception 'wavegate.audit_log is append-only';
end $$;
create or replace trigger audit_log_keeps_runs before delete on wavegate.audit_log
  for each row execute function wavegate.refuse_run_log();

-- Takes a trial away, with all that was staged and found for it, so many rows a call, as a call has its time: who staged
-- rows are about goes first, and with the first call nothing is judged any more. The log of what happens around runs tells
-- of it. Answers `{"refused": NAME}`, `{"more": N}` where it is to be asked again, or `{"rows": N}`, the staged rows that
-- are gone in all.
create or replace function wavegate.forget_trial(run uuid, who text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  person text := wavegate.permitted(who, 'legacy_imports.run');
  room bigint := 20000;
  named record;
  of text;
  sources regclass[];
  source regclass;
  gone bigint;
  rows_of bigint;
begin
  if person is null then return '{"refused": "PermissionDenied"}'; end if;
  select r.reference, r.trial, r.counts into named
    from wavegate.legacy_import_runs r where r.id = run for no key update;
  if not found then return '{"refused": "UnknownRun"}'; end if;
  if named.trial is null then return '{"refused": "RunNoTrial"}'; end if;
  -- A stage that is under way ends with its step, and is overtaken before the next: behind this line nothing is
  -- found for the trial that would stay.
  insert into wavegate.stage_claims (run_id, claim) values (run, gen_random_uuid())
    on conflict (run_id) do update set claim = excluded.claim;
  -- Only now: a stage that wrote under the former claim refers to the run until it ends.
  perform from wavegate.legacy_import_runs r where r.id = run for update;
  rows_of := coalesce((named.counts ->> 'forgotten')::bigint, 0);
  select coalesce(array_agg(format('wavegate.%I', s || '_source')::regclass), '{}') into sources
    from unnest(wavegate.stagings_of(run)) s;
  -- One row of each stays to the end: statistics are made anew of rows that hold nothing.
  foreach source in array sources loop
    execute format('delete from %1$s where run_id = $1 and id in (select s.id from %1$s s where s.run_id = $1 order by s.id offset 1 limit $2)', source)
      using run, room;
    get diagnostics gone = row_count;
    rows_of := rows_of + gone;
    room := room - gone;
  end loop;
  for of in
    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'wavegate'::regnamespace and c.relkind = 'r' and a.attname = 'run_id' and not a.attisdropped
       and c.oid <> all (sources::oid[])
       -- What the others are counted by, or refer to, and what tells of it.
       and c.relname not in ('audit_log', 'import_ranges', 'log_turns', 'next_rows', 'row_tallies', 'stage_claims')
     order by 1
  loop
    exit when room <= 0;
    execute format('delete from wavegate.%1$I where ctid = any (array(select s.ctid from wavegate.%1$I s where s.run_id = $1 offset 1 limit $2))', of)
      using run, room;
    get diagnostics gone = row_count;
    room := room - gone;
  end loop;
  if room <= 0 then
    update wavegate.legacy_import_runs r
       set erased_at = coalesce(r.erased_at, now()), erased_by = coalesce(r.erased_by, person),
           counts = r.counts || jsonb_build_object('forgotten', rows_of)
     where r.id = run;
    return jsonb_build_object('more', rows_of);
  end if;
  perform wavegate.forget_readings(run);
  delete from wavegate.match_people p where p.run_id = run;
  delete from wavegate.shared_emails e where e.run_id = run;
  delete from wavegate.shared_phones p where p.run_id = run;
  delete from wavegate.made_rows m where m.run_id = run;
  delete from wavegate.kept_counts k where k.run_id = run;
  delete from wavegate.called_things c where c.run_id = run;
  update wavegate.import_ranges i set after_key = null, up_to_key = null where i.run_id = run;
  update wavegate.rows_there t set before = null, after = null, seen = null where t.run_id = run;
  foreach source in array sources loop
    execute (select format('update %s set %s where run_id = $1', source, string_agg(format('%I = null', c), ', '))
               from unnest(wavegate.erased_columns(source)) c) using run;
  end loop;
  perform wavegate.renew_statistics(run, sources);
  for of in
    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'wavegate'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and a.attname = 'run_id' and not a.attisdropped
     order by 1
  loop
    execute format('delete from wavegate.%I where run_id = $1', of) using run;
    get diagnostics gone = row_count;
    if of like '%\_source' then rows_of := rows_of + gone; end if;
  end loop;
  delete from wavegate.legacy_import_runs r where r.id = run;
  perform wavegate.append_security(person, 'trial-forgotten',
    jsonb_build_object('trial', named.reference, 'rows', rows_of), wavegate.moment());
  return jsonb_build_object('rows', rows_of);
end $$;
