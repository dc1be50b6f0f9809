-- What of the platform people get only after a run was verified (C1, C6): a percentage of them, and of which
-- segments. Nobody writes here but the functions below.
create table if not exists wavegate.features (
  name        text primary key,
  migration   text not null,  -- the one of that run
  percentage  int not null check (percentage between 0 and 100),
  segments    jsonb not null default '[]',
  run_id      uuid not null references wavegate.legacy_import_runs,  -- by which it was turned on or off last
  changed_by  text not null,
  changed_at  timestamptz not null default now()
);

-- Turns a feature that a run's definition names on or off, in the name of somebody who may. On only by a run that
-- is at its end, verified, and not being taken back, while no other run that names the feature, or is of its
-- migration, writes; it gives up where it would wait for long, and whoever turns it off waits as long as the Data API lets it.
-- What somebody else turned since it was seen is not turned on unseen: seen is how it stood, as lib/review/steer/features.ts reads it.
-- Answers the name of a refusal, or null.
drop function if exists wavegate.turn_feature(uuid, text, int, jsonb, text);
create or replace function wavegate.turn_feature(run uuid, feature text, percent int, segments jsonb, person text, seen text default null) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.commit');
  of wavegate.legacy_import_runs;
  before wavegate.features;
  timeout text := current_setting('lock_timeout');
  refused text;
  waits text := 'AnotherRunCommits';
begin
  -- Off is the careful direction.
  if who is null and percent = 0 then who := wavegate.permitted(person, 'legacy_imports.rollback'); end if;
  if who is null then return 'PermissionDenied'; end if;
  if percent is null or percent not between 0 and 100 then return 'PercentageInvalid'; end if;
  <<turning>>
  begin
    if percent > 0 then
      -- A wave looks whether the feature is on and holds this table until it ends (lib/stages/wave/commit-lock.ts): either it
      -- is told of below, or it sees what is written here.
      perform set_config('lock_timeout', '20s', true);
      lock table wavegate.commit_locks in share row exclusive mode;
      perform set_config('lock_timeout', '5s', true);
      waits := 'RunInUse';
    else
      -- Off waits, whatever was set for the database or the role: told that it stays off, somebody would leave it on.
      perform set_config('lock_timeout', '30s', true);
    end if;
    select * into of from wavegate.legacy_import_runs r where r.id = run for no key update;
    if not found then refused := 'UnknownRun'; exit turning; end if;
    if not exists (select from jsonb_array_elements(coalesce(of.definition -> 'features', '[]')) f where f ->> 'name' = feature) then
      refused := 'UnknownFeature'; exit turning;
    end if;
    if percent > 0 then
      if of.status <> 'completed' or of.control = 'stop'
         or coalesce((select v.passed from wavegate.verifications v where v.run_id = run and v.kind = 'final' order by v.id desc limit 1), false) is not true
         or exists (select from wavegate.waves w where w.run_id = run and w.status = 'rolled_back') then
        refused := 'NotVerified'; exit turning;
      end if;
      -- What another run wrote and nobody verified as a whole is on the platform, too, whether it still writes or not.
      if exists (select from wavegate.legacy_import_runs r
                  where (r.migration = of.migration
                         or coalesce(r.definition -> 'features', '[]') @> jsonb_build_array(jsonb_build_object('name', feature)))
                    and (exists (select from wavegate.commit_locks l where l.run_id = r.id)
                         or (r.id <> run and r.status <> 'completed' and exists (
                               select from wavegate.waves w where w.run_id = r.id and w.status <> 'rolled_back')))) then
        refused := 'AnotherRunCommits'; exit turning;
      end if;
    end if;
    select * into before from wavegate.features f where f.name = feature for update;
    if percent > 0 and before.changed_by not in (who, 'wavegate') and coalesce(seen, '') <> before.percentage || ' ' || before.segments then
      refused := 'FeatureTurned'; exit turning;
    end if;
    -- Sent twice, as by two clicks, it is said once.
    exit turning when before.percentage = percent and before.segments = turn_feature.segments and before.changed_by = who and before.run_id = run;
    insert into wavegate.features (name, migration, percentage, segments, run_id, changed_by)
    values (feature, of.migration, percent, segments, run, who)
    on conflict (name) do update
      set migration = excluded.migration, percentage = excluded.percentage, segments = excluded.segments,
          run_id = excluded.run_id, changed_by = excluded.changed_by, changed_at = now();
    perform wavegate.append_entry(run, who, 'feature', null,
      jsonb_build_object('feature', feature, 'percentage', percent, 'segments', segments,
                         'before', coalesce(before.percentage, 0)), wavegate.moment());
  exception when lock_not_available then
    -- Off is no refusal that somebody might leave it at: it is told as what is sent again.
    if percent = 0 then raise; end if;
    refused := waits;
  end;
  perform set_config('lock_timeout', timeout, true);
  return refused;
end $$;

-- Turns every feature off that a run's definition names or that its migration turned last, whoever else names it, as the
-- first thing of a rollback (C10); answers how many.
create or replace function wavegate.features_off(run uuid) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  one record;
  turned int := 0;
begin
  for one in
    update wavegate.features f set percentage = 0, run_id = run, changed_by = 'wavegate', changed_at = now()
      from wavegate.legacy_import_runs r
     where r.id = run and f.percentage > 0
       and (f.migration = r.migration
            or coalesce(r.definition -> 'features', '[]') @> jsonb_build_array(jsonb_build_object('name', f.name)))
    returning f.name, f.segments
  loop
    turned := turned + 1;
    perform wavegate.append_entry(run, 'wavegate', 'feature', null,
      jsonb_build_object('feature', one.name, 'percentage', 0, 'segments', one.segments, 'because', 'rolled back'), wavegate.moment());
  end loop;
  return turned;
end $$;
