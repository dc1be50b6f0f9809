-- Whether an execution waits for the answer: for whoever may not read the token, sealed as it is.
alter table wavegate.sign_offs add column if not exists awaited boolean generated always as (token is not null) stored;

-- Whoever may write no sign-off may still withdraw what rests on rows that are no more (R17): a stage does,
-- and nothing is approved by it.
create or replace function wavegate.void_sign_offs(run uuid, because text, which text) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  voided int;
begin
  update wavegate.sign_offs s set status = 'voided', void_because = because
   where s.run_id = run and s.status in ('approved', 'pending')
     and (which = 'all' or s.status = 'pending' or (which = 'after_first_wave' and s.gate <> 'first_wave'));
  get diagnostics voided = row_count;
  return voided;
end $$;

-- Which decision of its run it is, the newest the highest: clocks may be apart, and go back, and an approval that a
-- rejection came behind is none. Nobody may write it: whatever stores a decision, this counts it.
alter table wavegate.sign_offs add column if not exists decided_order int;
create or replace function wavegate.count_decision() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if tg_op = 'UPDATE' and old.status = new.status then return new; end if;
  -- As the log's entry of it does: decisions of one run come one after the other.
  perform wavegate.take_turn(new.run_id);
  select coalesce(max(s.decided_order), 0) + 1 into new.decided_order
    from wavegate.sign_offs s where s.run_id = new.run_id;
  return new;
end $$;
create or replace trigger count_decision before insert or update of status on wavegate.sign_offs
  for each row when (new.status in ('approved', 'rejected')) execute function wavegate.count_decision();

-- Whose overrides an approval rests on besides its own approver: of each stop condition that held the newest by somebody
-- else. Of approvals from before there was this column the newest of all, as the log tells.
alter table wavegate.sign_offs add column if not exists rests_on jsonb;
update wavegate.sign_offs s set rests_on = case when l.by is null then '[]' else jsonb_build_array(l.by) end
  from (select o.id, (select a.details ->> 'override' from wavegate.audit_log a
                       where a.run_id = o.run_id and a.action = 'sign-off-approved' and a.details ->> 'signOff' = o.id::text
                       order by a.seq desc limit 1) as by
          from wavegate.sign_offs o where o.status = 'approved' and o.rests_on is null) l
 where s.id = l.id;

-- The first person an approval rests on who may no longer decide about commits; null while all of them may (W8), and
-- nobody where nobody decided. Behind
-- this they stay as they are until the transaction ends, as in wavegate.permitted: whoever takes it from them waits for
-- the wave, and one that looked before it was taken fails.
create or replace function wavegate.lapsed_signer(sign_off uuid) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  signer text;
begin
  if not exists (select from wavegate.sign_offs s where s.id = sign_off and s.decided_by is not null) then return 'nobody'; end if;
  for signer in
    select distinct w.name
      from wavegate.sign_offs s
      cross join lateral (select s.decided_by union all select jsonb_array_elements_text(coalesce(s.rests_on, '[]'))) w (name)
     where s.id = sign_off and w.name is not null
     order by w.name
  loop
    perform from wavegate.people p
      where p.name = signer and p.permissions ? 'legacy_imports.commit' for share;
    if not found then return signer; end if;
  end loop;
  return null;
end $$;

-- Which question of its run it is, likewise: who asks holds the run.
alter table wavegate.sign_offs add column if not exists asked_order int;
create or replace function wavegate.count_question() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  select coalesce(max(s.asked_order), 0) + 1 into new.asked_order
    from wavegate.sign_offs s where s.run_id = new.run_id;
  return new;
end $$;
create or replace trigger count_question before insert on wavegate.sign_offs
  for each row execute function wavegate.count_question();

-- Those of before there were these columns, as the log tells of them.
update wavegate.sign_offs s set asked_order = before.n
  from (select q.id, row_number() over (partition by q.run_id order by l.seq nulls first, q.asked_at, q.id) as n
          from wavegate.sign_offs q
          left join wavegate.audit_log l on l.run_id = q.run_id and l.details ->> 'signOff' = q.id::text
                                        and l.action = 'sign-off-asked'
         where q.run_id in (select o.run_id from wavegate.sign_offs o where o.asked_order is null)) before
 where s.id = before.id and s.asked_order is null;
update wavegate.sign_offs s set decided_order = before.n
  from (select d.id, row_number() over (partition by d.run_id order by l.seq nulls first, d.decided_at, d.status) as n
          from wavegate.sign_offs d
          left join wavegate.audit_log l on l.run_id = d.run_id and l.details ->> 'signOff' = d.id::text
                                        and l.action in ('sign-off-approved', 'sign-off-rejected')
         where d.decided_at is not null
           and d.run_id in (select o.run_id from wavegate.sign_offs o where o.decided_at is not null and o.decided_order is null)) before
 where s.id = before.id and s.decided_order is null;

-- Whether it was rejected so that something is changed: who asked for changes is told to have done that, and no more. Those
-- of before there was this column, as the log tells of them.
alter table wavegate.sign_offs add column if not exists changes_asked boolean not null default false
  check (not changes_asked or status = 'rejected');
update wavegate.sign_offs s set changes_asked = true
 where s.status = 'rejected' and not s.changes_asked
   and exists (select from wavegate.audit_log l where l.run_id = s.run_id and l.action = 'sign-off-rejected'
                  and l.details ->> 'signOff' = s.id::text and (l.details ->> 'changes')::boolean);

-- The same of verdicts on sampled rows (R9): of two on one and the same row the newest goes into another state.
alter table wavegate.samples add column if not exists judged_order int;
create or replace function wavegate.count_verdict() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  select coalesce(max(m.judged_order), 0) + 1 into new.judged_order
    from wavegate.samples m where m.run_id = new.run_id;
  return new;
end $$;
create or replace trigger count_verdict before insert or update of judged_at on wavegate.samples
  for each row when (new.verdict is not null) execute function wavegate.count_verdict();
update wavegate.samples m set judged_order = before.n
  from (select run_id, digest, bucket, staged_id, row_number() over (partition by run_id order by judged_at nulls first) as n
          from wavegate.samples
         where verdict is not null
           and run_id in (select o.run_id from wavegate.samples o where o.verdict is not null and o.judged_order is null)) before
 where (m.run_id, m.digest, m.bucket, m.staged_id) = (before.run_id, before.digest, before.bucket, before.staged_id)
   and m.verdict is not null and m.judged_order is null;
