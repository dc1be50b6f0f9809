-- What the CLI's role may change: it asks, and says for whom; the database looks whether that person may,
-- does it, and tells of it in the same transaction. Answers are the names of refusals, or null.

-- Whoever decides sees what is there now: in a transaction that began with a picture of its own, what was asked, held or
-- taken from somebody since would be nothing to it.
create or replace function wavegate.require_present() returns void
language plpgsql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'what is decided is decided on what is there now' using errcode = 'active_sql_transaction';
  end if;
end $$;

-- The person of a name, who holds a permission; null when nobody does. Case and Unicode form do not
-- make somebody else, as in findPerson of lib/review/people/people.ts. Whoever takes it from them waits until this transaction
-- ends: what is decided here was decided before, or is refused.
create or replace function wavegate.permitted(person text, permission text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  perform wavegate.require_present();
  return (
    select p.name from wavegate.people p
     where lower(btrim(normalize(p.name, NFKC)) collate "und-x-icu") = lower(btrim(normalize(person, NFKC)) collate "und-x-icu")
       and p.permissions ? permission
     limit 1 for share);
end $$;

-- The same for pages, which look themselves whether somebody may: behind this the person stays as they are until the
-- transaction ends. Answers whether there is one of this very name.
create or replace function wavegate.keep_person(person text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  perform wavegate.require_present();
  perform from wavegate.people p where p.name = person for share;
  return found;
end $$;

-- Whether somebody else told a run something, or began something of it, behind this entry of its log, which a person saw. An
-- export moves nothing on. A rollback does, whoever began it: what was asked for before it does not count behind its end.
create or replace function wavegate.moved_on(run uuid, seen int, person text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select exists (select from wavegate.audit_log l
                  where l.run_id = run and l.seq > seen
                    and (l.action = 'rolled-back'
                         or (l.action = 'execution-started' and l.details ->> 'what' = 'rollback'
                             and not starts_with(l.details ->> 'execution', run || '-preview-'))
                         or (l.actor <> person
                             and (l.action in ('pause', 'resume', 'stop')
                                  or (l.action = 'execution-started' and l.details ->> 'what' not in ('export-review', 'export-audit'))))))
$$;

-- Says what a run is to do before its next batch (W9): pause, resume or stop. Where it is said which entry of the log was seen, it
-- goes on only if nobody else moved it on since.
drop function if exists wavegate.control_run(uuid, text, text);
create or replace function wavegate.control_run(run uuid, command text, person text, seen int default null) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.run');
  now_status text;
  now_control text;
begin
  if who is null then return 'PermissionDenied'; end if;
  if coalesce(command, '') not in ('pause', 'resume', 'stop') then return 'UnknownCommand'; end if;
  -- In the order of an erasure, which holds this table before the run.
  if command = 'stop' then lock table wavegate.commit_locks in row exclusive mode; end if;
  select r.status, r.control into now_status, now_control
    from wavegate.legacy_import_runs r where r.id = run for no key update;
  if not found then return 'UnknownRun'; end if;
  if exists (select from wavegate.legacy_import_runs r where r.id = run and r.erased_at is not null) then
    return 'RunErased';
  end if;
  if command = 'resume' and wavegate.moved_on(run, seen, who) then return 'RunMovedOn'; end if;
  -- A wave that was taken back since is something to do again; and where there was nothing to commit, a decision
  -- about a mapping may have made something. What a rollback began with that never came to a wave is gone through anew.
  if now_status = 'completed' and not (now_control = 'stop' and command = 'resume') and exists (select from wavegate.waves w where w.run_id = run)
     and not exists (select from wavegate.waves w where w.run_id = run and w.status = 'rolled_back') then
    return 'RunCompleted';
  end if;
  -- Told so by the same person, and nothing else since: it is so, and is logged once. Of somebody else it is news to whoever
  -- lets it go on, who saw only the first one.
  if command <> 'resume' and now_control = command and (command = 'pause' or now_status in ('stopped', 'rolled_back'))
     and (select a.action = command and a.actor = who from wavegate.audit_log a
           where a.run_id = run and a.action in ('pause', 'resume', 'stop') order by a.seq desc limit 1) then
    return 'already';
  end if;
  update wavegate.legacy_import_runs r
     set control = case command when 'resume' then 'run' else command end, updated_at = now(),
         -- Taken back stays taken back: a stop adds nothing to it.
         -- And what waits for an answer goes on waiting for it, whoever lets it go on.
         status = case when command = 'stop' and r.status <> 'rolled_back' then 'stopped'
                       when command = 'resume' and not (r.status = 'waiting' and exists (
                         select from wavegate.sign_offs s where s.run_id = run and s.status = 'pending')) then 'running'
                       else r.status end,
         halted_because = case command when 'resume' then null else r.halted_because end
   where r.id = run;
  if command = 'stop' then
    update wavegate.commit_locks l set run_id = null where l.run_id = run;
  end if;
  perform wavegate.append_entry(run, who, command, null, '{}', wavegate.moment());
  return null;
end $$;

-- What a person told a run to do stays told: a rollback stops it, too, and nobody but the function above lets it go on.
create or replace function wavegate.refuse_going_on() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if not has_table_privilege(current_user, 'wavegate.legacy_import_runs', 'delete') then
    raise exception 'a person lets a run go on' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create or replace trigger only_people_let_go_on before update of control on wavegate.legacy_import_runs
  for each row when (new.control is distinct from old.control and new.control <> 'stop')
  execute function wavegate.refuse_going_on();

-- What a person decided about a mapping stays decided: a stage suggests what nobody said, and says nothing for them.
create or replace function wavegate.refuse_deciding() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if not has_table_privilege(current_user, tg_relid, 'delete') then
    raise exception 'a person decided about this mapping' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

-- Until executions were ended for whoever signed the request, the role of terminals noted this for anybody.
drop function if exists wavegate.note_withdrawn(uuid);

-- Notes that nobody is waited for any more, where the newest question of a run was withdrawn, in the name of
-- somebody who may do what withdraws one: judge again, decide about mappings and rows, or steer the run.
create or replace function wavegate.note_withdrawn(run uuid, person text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := coalesce(wavegate.permitted(person, 'legacy_imports.run'),
                       wavegate.permitted(person, 'legacy_imports.validate'),
                       wavegate.permitted(person, 'legacy_imports.review'));
begin
  if who is null then return 'PermissionDenied'; end if;
  if not exists (select from wavegate.legacy_import_runs r where r.id = run) then return 'UnknownRun'; end if;
  if (select s.status from wavegate.sign_offs s where s.run_id = run order by s.asked_order desc limit 1)
     is distinct from 'voided' then
    return null;
  end if;
  update wavegate.legacy_import_runs r set status = 'paused', updated_at = now()
   where r.id = run and r.status in ('running', 'waiting');
  if found then
    perform wavegate.append_entry(run, who, 'paused', null, '{"because": "its question was withdrawn"}', wavegate.moment());
  end if;
  return null;
end $$;

-- Whether the people of a run were erased (B13); if not, nobody erases them before this transaction ends.
create or replace function wavegate.people_erased(run uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  perform from wavegate.legacy_import_runs r where r.id = run for key share;
  return coalesce((select r.erased_at is not null from wavegate.legacy_import_runs r where r.id = run), false);
end $$;

-- What a function that decides about mappings answers when it refuses one of them.
create or replace function wavegate.refused(because text, decision jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select jsonb_build_object('because', because, 'decision', decision)
$$;
