-- Rows that a person holds, with the reason. What was reviewed stays as it is: holding a row takes back
-- nothing that anybody signed. The columns of the decisions that waves go by say it as well.
create table if not exists wavegate.held_rows (
  run_id    uuid not null references wavegate.legacy_import_runs,
  staged_id bigint not null,
  held_by   text not null,
  reason    text not null,
  held_at   timestamptz not null default now(),
  primary key (run_id, staged_id)
);

-- Whether somebody else holds a row otherwise than it was seen: theirs stays. What was seen is who held it, since when, as
-- lib/review/rows/held-rows.ts reads it.
create or replace function wavegate.held_otherwise(run uuid, staged bigint, who text, seen text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select exists (
    select from wavegate.held_rows h
     where h.run_id = run and h.staged_id = staged and h.held_by <> who
       and coalesce(seen, '') <> h.held_by || ' ' || to_char(h.held_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
$$;

-- Holds a row that no wave wrote: `held`, or the name of the refusal.
drop function if exists wavegate.hold_row(uuid, bigint, text, text);
create or replace function wavegate.hold_row(run uuid, staged bigint, person text, because text, seen text default null) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.review');
  decisions text;
  state text;
  again boolean;
begin
  if who is null then return 'PermissionDenied'; end if;
  if coalesce(btrim(because), '') = '' then return 'ReasonMissing'; end if;
  if wavegate.people_erased(run) then return 'RunErased'; end if;
  decisions := 'wavegate.' || quote_ident(wavegate.staging_of(run, staged) || '_decisions');
  if decisions is null then return 'UnknownRow'; end if;
  execute format('select import_state from %s where run_id = $1 and staged_id = $2 for update', decisions)
    into state using run, staged;
  if state is null then return 'UnknownRow'; end if;
  if state in ('committed', 'linked') then return 'RowWritten'; end if;
  if wavegate.held_otherwise(run, staged, who, seen) then return 'RowHeldByAnother'; end if;
  -- Sent twice, as by two clicks, it is said once.
  again := exists (select from wavegate.held_rows h
                    where h.run_id = run and h.staged_id = staged and h.held_by = who and h.reason = because);
  if not again then
    insert into wavegate.held_rows (run_id, staged_id, held_by, reason) values (run, staged, who, because)
    on conflict (run_id, staged_id) do update set held_by = excluded.held_by, reason = excluded.reason, held_at = now();
  end if;
  execute format($hold$
    update %s set import_state = 'held', state_reason = 'held_by_person', state_detail = null
     where run_id = $1 and staged_id = $2 and planned in ('commit', 'link', 'update')$hold$, decisions)
    using run, staged;
  if not again then
    perform wavegate.append_entry(run, who, 'row-held', null,
      jsonb_build_object('row', staged, 'reason', because), wavegate.moment());
  end if;
  return 'held';
end $$;

-- Lets a row go that a person holds or that was held at the last moment: the next wave may take it. As nobody
-- signed for a wave with it, the sign-offs of all waves that are not yet written are void with it.
-- `released`, `planned_otherwise` (nobody holds it, but the plan does), or the name of the refusal.
drop function if exists wavegate.release_row(uuid, bigint, text, text);
create or replace function wavegate.release_row(run uuid, staged bigint, person text, because text, seen text default null) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.review');
  decisions text;
  state text; reason text; plan text;
  by_person boolean;
begin
  if who is null then return 'PermissionDenied'; end if;
  if coalesce(btrim(because), '') = '' then return 'ReasonMissing'; end if;
  if wavegate.people_erased(run) then return 'RunErased'; end if;
  -- In the order of everybody: the run, its questions, the turn in its log. Whoever decides meanwhile is waited for here,
  -- before this one holds what they want next.
  perform from wavegate.legacy_import_runs r where r.id = run for no key update;
  perform from wavegate.sign_offs s where s.run_id = run and s.status in ('approved', 'pending') order by s.id for no key update;
  decisions := 'wavegate.' || quote_ident(wavegate.staging_of(run, staged) || '_decisions');
  if decisions is null then return 'UnknownRow'; end if;
  execute format('select import_state, coalesce(state_reason, ''''), coalesce(planned, '''') from %s where run_id = $1 and staged_id = $2 for update', decisions)
    into state, reason, plan using run, staged;
  if state is null then return 'UnknownRow'; end if;
  if wavegate.held_otherwise(run, staged, who, seen) then return 'RowHeldByAnother'; end if;
  delete from wavegate.held_rows h where h.run_id = run and h.staged_id = staged;
  by_person := found;
  if state <> 'held' and not by_person then return 'RowNotHeld'; end if;
  if plan not in ('commit', 'link', 'update') and not by_person then return 'RowHeldByPlan'; end if;
  perform wavegate.append_entry(run, who, 'row-released', null,
    jsonb_build_object('row', staged, 'reason', because), wavegate.moment());
  if plan not in ('commit', 'link', 'update') then return 'planned_otherwise'; end if;
  execute format('update %s set import_state = ''pending'', state_reason = null, state_detail = null where run_id = $1 and staged_id = $2', decisions)
    using run, staged;
  perform wavegate.void_sign_offs(run, 'a held row was released since', case when exists (
    select from wavegate.waves w where w.run_id = run and w.wave = 1 and (w.status <> 'rolled_back'
      -- A drill writes it again for what was signed.
      or exists (select from wavegate.drill_rounds d where d.run_id = run and not d.done)))
    then 'after_first_wave' else 'all' end);
  update wavegate.legacy_import_runs r set status = 'paused' where r.id = run and r.status = 'waiting';
  return 'released';
end $$;
