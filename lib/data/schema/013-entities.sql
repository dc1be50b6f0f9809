-- Which place in the order of ids a migration's kinds of things have: given when one is first set up, and kept, be
-- the definition's order another one later. Staged ids begin at the ordinal times 10^12.
create table if not exists wavegate.staged_entities (
  staging   text primary key,                 -- the view of its staged rows
  migration text not null,
  ordinal   int not null,
  unique (migration, ordinal)
);

-- The view of the staged rows of which one has this id, of a run's definition; null for an id of none.
create or replace function wavegate.staging_of(run uuid, staged bigint) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(r.definition #>> '{entity,staging,table}', (
           select e.staging
             from jsonb_array_elements(r.definition -> 'entities') d
             join wavegate.staged_entities e on e.staging = d #>> '{entity,staging,table}' and e.migration = r.migration
            where e.ordinal = staged / 1000000000000))
    from wavegate.legacy_import_runs r where r.id = run
$$;

-- The views of a run's staged rows, in the order of their ids.
create or replace function wavegate.stagings_of(run uuid) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(case when r.definition ? 'entity' then array[r.definition #>> '{entity,staging,table}'] end, (
           select array_agg(e.staging order by e.ordinal)
             from jsonb_array_elements(r.definition -> 'entities') d
             join wavegate.staged_entities e on e.staging = d #>> '{entity,staging,table}' and e.migration = r.migration))
    from wavegate.legacy_import_runs r where r.id = run
$$;

-- Of a migration of several kinds of things: which row of the platform is the one that was there already.
alter table wavegate.moved_before add column if not exists target_table text;
alter table wavegate.moved_before add column if not exists target_key jsonb;
