-- When the staged people of a run were erased, and who asked (B13): from this moment on nothing of the run
-- is judged, written or taken back. `erased_rows` once nothing is left.
alter table wavegate.legacy_import_runs add column if not exists erased_at timestamptz;
alter table wavegate.legacy_import_runs add column if not exists erased_by text;
alter table wavegate.legacy_import_runs add column if not exists erased_rows bigint;
-- The staged row up to which nothing is left, while an erasure goes on: whoever asks says nothing of that.
alter table wavegate.legacy_import_runs add column if not exists erased_up_to bigint;
-- When a run was first seen to be due, or within a day of it, without anything between that says otherwise.
alter table wavegate.legacy_import_runs add column if not exists due_seen timestamptz;

-- Columns of a run's source rows that may stay: whose row it is by its ids, what it refers to
-- (the numbers), and names of findings. Whatever else a definition or a later version adds is erased.
create or replace function wavegate.erased_columns(source regclass) returns text[]
language sql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select coalesce(array_agg(a.attname::text order by a.attnum), '{}') from pg_attribute a
   where a.attrelid = source and a.attnum > 0 and not a.attisdropped
     and a.attname not in ('id', 'run_id', 'source_table', 'legacy_id', 'key_repeat', 'findings')
     and a.atttypid <> 'bigint'::regtype
$$;

-- What PostgreSQL notes of values, to plan by them, are people too: it is noted anew of rows that hold nothing. Of a table
-- in which nothing is left it would stay as it was, so there is a row to look at until it was looked at.
create or replace function wavegate.renew_statistics(run uuid, sources regclass[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  of regclass;
begin
  insert into wavegate.match_people (run_id, target_table, target_id) values (run, '', 0);
  insert into wavegate.shared_emails (run_id, address, rows) values (run, '', 0);
  insert into wavegate.shared_phones (run_id, phone, rows) values (run, '', 0);
  insert into wavegate.made_rows (run_id, source_table, place, source_values) values (run, '', -1, '[]');
  insert into wavegate.source_readings (connection, name, piece, body) values ('', '', 0, '') on conflict do nothing;
  insert into wavegate.kept_counts (run_id, claim, part, about, name, rows) values (run, run, '', 'hold', '', 0);
  insert into wavegate.called_things (run_id, reference, target_id) values (run, '', '');
  foreach of in array sources || array['wavegate.match_people', 'wavegate.shared_emails', 'wavegate.shared_phones',
    'wavegate.made_rows', 'wavegate.source_readings', 'wavegate.import_ranges', 'wavegate.rows_there',
    'wavegate.legacy_import_commit_logs', 'wavegate.kept_counts', 'wavegate.called_things']::regclass[]
  loop
    execute format('analyze %s', of);
  end loop;
  delete from wavegate.match_people p where p.run_id = run and p.target_table = '';
  delete from wavegate.shared_emails e where e.run_id = run and e.address = '';
  delete from wavegate.shared_phones p where p.run_id = run and p.phone = '';
  delete from wavegate.made_rows m where m.run_id = run and m.source_table = '';
  delete from wavegate.source_readings a where a.connection = '';
  delete from wavegate.kept_counts k where k.run_id = run and k.claim = run;
  delete from wavegate.called_things c where c.run_id = run and c.reference = '';
end $$;

-- Erases the raw payload and the identity of staged people of a run that is over: at most so many rows a call, as it
-- has its time, each behind the last one of the call before, which is kept here. The first call closes the run for good
-- and tells of it; each makes sure that nothing of its rows is left; the last one takes what matching kept of people.
-- Asked again when all is done, it begins from the first row.
-- Answers `{"refused": NAME}`, `{"next": ID}`, or `{"done": true, "rows": N}`. For the two below it alone.
create or replace function wavegate.erase_people(run uuid, person text, about jsonb, behind bigint, most int) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  named record;
  sources regclass[];
  source regclass;
  columns text[];
  filled text;
  last bigint;
  counted bigint;
  reached bigint;
  left_over boolean;
  rows_of bigint;
begin
  if not exists (select from wavegate.legacy_import_runs r where r.id = run and r.erased_at is not null) then
    -- Waves hold this table until they end (lib/stages/wave/commit-lock.ts): none is under way behind this line.
    lock table wavegate.commit_locks in share row exclusive mode;
  end if;
  select r.status, r.control, r.erased_at, r.erased_rows, coalesce(r.erased_up_to, 0) as up_to into named
    from wavegate.legacy_import_runs r where r.id = run for no key update;
  if not found then return '{"refused": "UnknownRun"}'; end if;
  -- In the order of their ids: what is done is known by the last one.
  select array_agg(format('wavegate.%I', t.staging || '_source')::regclass order by t.place) into sources
    from unnest(wavegate.stagings_of(run)) with ordinality t (staging, place);
  if named.erased_at is null then
    -- A complete run that is told to stop is being taken back: its approvals are void, and it is over when that is at its end.
    if named.status = 'completed' and named.control = 'stop'
       or named.status not in ('completed', 'rolled_back')
         and (named.status <> 'stopped' or exists (
               select from wavegate.legacy_import_commit_logs l where l.run_id = run and l.rolled_back_at is null))
       or exists (select from wavegate.commit_locks l where l.run_id = run)
       or exists (select from wavegate.sign_offs s where s.run_id = run and s.status = 'pending') then
      return '{"refused": "RunNotOver"}';
    end if;
    -- Files of people that lie in the platform's bucket for no row of it: whoever copied them takes them away first.
    if exists (select from wavegate.file_copies c
                where c.run_id = run and c.state in ('intended', 'copied', 'removing')
                  and not exists (select from wavegate.legacy_import_commit_logs l
                                   where l.run_id = run and l.staged_id = c.staged_id and l.rolled_back_at is null)) then
      return '{"refused": "CopiesStand"}';
    end if;
    -- To count many millions of them would take longer than a statement has.
    rows_of := (select coalesce(sum(t.rows), 0) from wavegate.row_tallies t
                  where t.run_id = run and t.staging in (select c.relname from pg_class c where c.oid::regclass = any (sources)));
    update wavegate.legacy_import_runs r set erased_at = now(), erased_by = person where r.id = run;
    -- A matching that is under way ends with its step, and is overtaken before the next.
    insert into wavegate.stage_claims (run_id, claim) values (run, gen_random_uuid())
      on conflict (run_id) do update set claim = excluded.claim;
    perform wavegate.append_entry(run, person, 'erase', null, jsonb_build_object('rows', rows_of) || about, wavegate.moment());
  end if;

  reached := named.up_to;
  foreach source in array sources loop
    execute format('select max(id) from (select id from %s where run_id = $1 and id > $2 order by id limit $3) b', source)
      into last using run, reached, most;
    continue when last is null;
    columns := wavegate.erased_columns(source);
    select string_agg(quote_ident(c), ', ') into filled from unnest(columns) c;
    execute format('update %s set %s where run_id = $1 and id > $2 and id <= $3 and num_nonnulls(%s) > 0', source,
      (select string_agg(format('%I = null', c), ', ') from unnest(columns) c), filled) using run, reached, last;
    update wavegate.legacy_import_commit_logs l set after_image = null, before_image = null
     where l.run_id = run and l.staged_id > reached and l.staged_id <= last and num_nonnulls(l.after_image, l.before_image) > 0;
    execute format('select exists (select from %s where run_id = $1 and id > $2 and id <= $3 and num_nonnulls(%s) > 0)', source, filled)
      into left_over using run, reached, last;
    if left_over then
      raise exception 'rows of a run that is erased still hold something' using errcode = 'integrity_constraint_violation';
    end if;
    update wavegate.legacy_import_runs r set erased_up_to = last where r.id = run;
    return jsonb_build_object('next', last);
  end loop;

  -- Of these there may be as many: so many a call, and the same call again.
  foreach source in array array['wavegate.match_people', 'wavegate.shared_emails', 'wavegate.shared_phones', 'wavegate.made_rows',
    'wavegate.called_things', 'wavegate.source_glimpses']::regclass[] loop
    execute format('delete from %1$s where ctid = any (array(select s.ctid from %1$s s where s.run_id = $1 limit $2))', source)
      using run, most;
    get diagnostics counted = row_count;
    if counted >= most then return jsonb_build_object('next', reached); end if;
  end loop;
  update wavegate.rows_there set before = null, after = null, seen = null
   where ctid = any (array(
     select t.ctid from wavegate.rows_there t where t.run_id = run and num_nonnulls(t.before, t.after, t.seen) > 0 limit most));
  get diagnostics counted = row_count;
  if counted >= most then return jsonb_build_object('next', reached); end if;
  update wavegate.file_copies set sha256 = null
   where ctid = any (array(
     select c.ctid from wavegate.file_copies c where c.run_id = run and c.sha256 is not null limit most));
  get diagnostics counted = row_count;
  if counted >= most then return jsonb_build_object('next', reached); end if;
  update wavegate.samples t set row_salt = null, row_digest = null where t.run_id = run and t.row_salt is not null;
  -- What rows refer to may be somebody: a text of the source's.
  delete from wavegate.kept_counts k where k.run_id = run;
  perform wavegate.forget_readings(run);
  -- Where ranges end, in keys as the source has them: a row is staged under the digest of one that says who it is.
  update wavegate.import_ranges i set after_key = null, up_to_key = null
   where i.run_id = run and num_nonnulls(i.after_key, i.up_to_key) > 0;
  -- About rows that are staged no more, before the first and behind the last one.
  update wavegate.legacy_import_commit_logs l set after_image = null, before_image = null
   where l.run_id = run and (l.staged_id <= 0 or l.staged_id > reached) and num_nonnulls(l.after_image, l.before_image) > 0;
  rows_of := (select coalesce(sum(t.rows), 0) from wavegate.row_tallies t
                where t.run_id = run and t.staging in (select c.relname from pg_class c where c.oid::regclass = any (sources)));
  -- Calls go up by id, kind of things by kind: a row before where its kind begins was passed over.
  last := 0;
  foreach source in array sources loop
    execute format('select min(id), max(id) from %s where run_id = $1', source) into counted, reached using run;
    if counted <= last then
      raise exception 'rows of a run that is erased still hold something' using errcode = 'integrity_constraint_violation';
    end if;
    last := coalesce(reached, last);
  end loop;
  perform wavegate.renew_statistics(run, sources);
  update wavegate.legacy_import_runs r set erased_up_to = null where r.id = run;
  if named.erased_rows is null then
    update wavegate.legacy_import_runs r set erased_rows = rows_of where r.id = run;
    perform wavegate.append_entry(run, person, 'erased', null, jsonb_build_object('rows', rows_of), wavegate.moment());
  end if;
  return jsonb_build_object('done', true, 'rows', rows_of);
end $$;

-- Counts what an erasure would take of a run, a million of each at most: whoever asks sees none of it.
create or replace function wavegate.erasable(run uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  of text;
  source regclass;
  filled text;
  counted bigint;
  staged bigint := 0;
  most bigint := 1000000;
begin
  foreach of in array coalesce(wavegate.stagings_of(run), '{}') loop
    source := format('wavegate.%I', of || '_source')::regclass;
    select string_agg(quote_ident(c), ', ') into filled from unnest(wavegate.erased_columns(source)) c;
    execute format('select count(*) from (select from %s where run_id = $1 and num_nonnulls(%s) > 0 limit $2) b', source, filled)
      into counted using run, most - staged;
    staged := staged + counted;
  end loop;
  return jsonb_build_object('staged', staged,
    'ledger', (select count(*) from (
       select from wavegate.legacy_import_commit_logs l where l.run_id = run and l.after_image is not null limit most) b),
    'matched', (select count(*) from (select from wavegate.match_people p where p.run_id = run limit most) b),
    'shared', (select count(*) from (
       select from wavegate.shared_emails e where e.run_id = run
        union all select from wavegate.shared_phones p where p.run_id = run limit most) b));
end $$;

-- What a person asks for.
create or replace function wavegate.erase_run(run uuid, who text, behind bigint, most int) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  person text := wavegate.permitted(who, 'legacy_imports.rollback');
begin
  if person is null or behind is null then return '{"refused": "PermissionDenied"}'; end if;
  return wavegate.erase_people(run, person, '{}', behind, most);
end $$;

-- When a run ended for good, by a final verification or a rollback; null while it may go on, or where nothing
-- of its people is left.
create or replace function wavegate.ended_at(run uuid) returns timestamptz
language sql stable security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select greatest(r.updated_at, (
           select max(l.at::timestamptz) from wavegate.audit_log l
            where l.run_id = r.id and l.action in ('final-verify', 'rolled-back', 'rollback')))
    from wavegate.legacy_import_runs r
   where r.id = run and (r.status = 'rolled_back' or r.status = 'completed' and r.control <> 'stop') and r.erased_rows is null
$$;

-- What was settled once for all runs: so many days after a run is over nobody has to ask any more. Erasing is for good,
-- and a clock may be wrong for a while: a run that is found due goes the day after, unless it is seen not to be due until
-- then. Whose clock goes right is seen the day before, and is in time.
create or replace function wavegate.erase_due(run uuid, days int, behind bigint, most int) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  ended timestamptz := wavegate.ended_at(run);
  seen timestamptz;
begin
  perform wavegate.require_present();
  if num_nulls(days, behind, most) > 0 then return '{"refused": "RunNotDue"}'; end if;
  if not coalesce(days >= 1 and ended <= now() - make_interval(days => days - 1), false) then
    update wavegate.legacy_import_runs r set due_seen = null where r.id = run and r.due_seen is not null;
    return '{"refused": "RunNotDue"}';
  end if;
  update wavegate.legacy_import_runs r set due_seen = now()
   where r.id = run and (r.due_seen is null or r.due_seen > now());
  select case when r.erased_at is null then r.due_seen else '-infinity' end into seen
    from wavegate.legacy_import_runs r where r.id = run;
  if ended > now() - make_interval(days => days) or seen > now() - interval '20 hours' then
    return '{"refused": "RunNotDue"}';
  end if;
  return wavegate.erase_people(run, 'wavegate', jsonb_build_object('days', days), behind, most);
end $$;
