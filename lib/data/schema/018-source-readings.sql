-- What was read of an account by its API, for the ranges of an import to be read from: one picture of an account that
-- gives none, which every function sees. It holds people, and goes when those of a run of the connection are erased.
create table if not exists wavegate.source_readings (
  connection text not null,
  name       text not null,                  -- a page, an export or the manifest of them
  piece      int not null,
  body       text not null,                  -- base64
  kept_at    timestamptz not null default now(),
  primary key (connection, name, piece)
);

-- Takes away what was read for a run, from all that its definition reads from; what another run that is being imported
-- is read from stays, and goes with that one's people.
create or replace function wavegate.forget_readings(run uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  with read_from (run_id, connection, importing) as (
    select distinct r.id, coalesce(t.value ->> 'connection', r.connection_name), r.stage = 'preflight' and r.status = 'running'
      from wavegate.legacy_import_runs r
     cross join lateral (
       select t.value from jsonb_each(case when jsonb_typeof(r.definition -> 'source') = 'object' then r.definition -> 'source' else '{}' end) t
       union all select '{}') t)
  delete from wavegate.source_readings a
   where a.connection in (select f.connection from read_from f where f.run_id = run)
     and a.connection not in (select f.connection from read_from f where f.run_id <> run and f.importing)
$$;
