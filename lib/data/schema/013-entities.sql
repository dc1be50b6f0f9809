-- Which place in the order of ids a migration's kinds of things have: given when one is first set up, and kept, be
-- the definition's order another one later. Staged ids begin at the ordinal times 10^12.
create table if not exists wavegate.staged_entities (
  staging   text primary key,                 -- the view of its staged rows
  migration text not null,
  ordinal   int not null,
  unique (migration, ordinal)
);

-- The views of a run's staged rows, in the order of their ids: those that it is pinned to, whatever became of its
-- definition; of a run that is older than pins those of its definition.
create or replace function wavegate.stagings_of(run uuid) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select array_agg(k.staging order by e.ordinal, k.place)
    from wavegate.legacy_import_runs r
   cross join lateral (
     select t.staging, t.place
       from unnest(case
              when r.pin ? 'entities' then array(select p #>> '{staging,rows}' from jsonb_array_elements(r.pin -> 'entities') p)
              when r.pin ? 'staging' then array[r.pin #>> '{staging,rows}']
              when r.definition ? 'entity' then array[r.definition #>> '{entity,staging,table}']
              else array(select d #>> '{entity,staging,table}' from jsonb_array_elements(r.definition -> 'entities') d) end)
            with ordinality t (staging, place)) k
    left join wavegate.staged_entities e on e.staging = k.staging and e.migration = r.migration
   where r.id = run
$$;

-- The view of the staged rows of which one has this id, of a run; null for an id of none.
create or replace function wavegate.staging_of(run uuid, staged bigint) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select coalesce(case when cardinality(k.stagings) = 1 then k.stagings[1] end, (
           select e.staging from wavegate.staged_entities e
            where e.staging = any (k.stagings) and e.migration = k.migration and e.ordinal = staged / 1000000000000))
    from (select r.migration, wavegate.stagings_of(run) as stagings from wavegate.legacy_import_runs r where r.id = run) k
$$;

-- Of a migration of several kinds of things: which row of the platform is the one that was there already.
alter table wavegate.moved_before add column if not exists target_table text;
alter table wavegate.moved_before add column if not exists target_key jsonb;
-- What an earlier run made of it is there no more.
alter table wavegate.moved_before add column if not exists gone boolean not null default false;
