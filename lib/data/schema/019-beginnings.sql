-- Who asked for the execution by which a run is made, as its first state found: noted by the role sign before the run is
-- there, so that who started it is written by the statement that makes it, and no stage says who that was (W5, W8).
create table if not exists wavegate.run_beginnings (
  run_id        uuid not null,
  execution_arn text not null,
  person        text not null,
  at            timestamptz not null default now(),
  primary key (run_id, execution_arn)
);

create or replace function wavegate.take_starter() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  new.started_by := coalesce(new.started_by, (
    select b.person from wavegate.run_beginnings b where b.run_id = new.id and b.execution_arn = new.execution_arn));
  return new;
end $$;
create or replace trigger take_starter before insert on wavegate.legacy_import_runs
  for each row execute function wavegate.take_starter();

create or replace function wavegate.tell_starter() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if exists (select from wavegate.run_beginnings b
              where b.run_id = new.id and b.execution_arn = new.execution_arn and b.person = new.started_by) then
    perform wavegate.append_entry(new.id, new.started_by, 'started', null, '{}', wavegate.moment());
  end if;
  return null;
end $$;
create or replace trigger tell_starter after insert on wavegate.legacy_import_runs
  for each row when (new.started_by is not null) execute function wavegate.tell_starter();
