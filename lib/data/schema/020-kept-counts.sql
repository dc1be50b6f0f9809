-- How many rows stand where, kept as they change, so that a page that counts a million rows looks at none of them.
-- Each statement adds what it changed, in its own transaction, and nobody waits for another: the counts are the sums.
-- Without a foreign key: a trial that is forgotten goes table by table.
create table if not exists wavegate.row_tallies (
  run_id       uuid not null,
  staging      text not null,   -- the table: of what the source holds, or of what was decided
  import_state text,            -- null for rows of the source
  reason       text collate "C",-- why a held row is held
  conflict     boolean not null default false,
  rows         bigint not null
);
create index if not exists row_tallies_of_run on wavegate.row_tallies (run_id, staging);

-- For what was decided about rows.
create or replace function wavegate.tally_decisions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if tg_op = 'INSERT' then
    insert into wavegate.row_tallies (run_id, staging, import_state, reason, conflict, rows)
    select a.run_id, tg_table_name, a.import_state,
           case when a.import_state = 'held' then coalesce(a.state_reason, a.planned_reason) end,
           coalesce(a.planned = 'conflict', false), count(*)
      from added a group by 1, 3, 4, 5;
  elsif tg_op = 'UPDATE' then
    insert into wavegate.row_tallies (run_id, staging, import_state, reason, conflict, rows)
    select c.run_id, tg_table_name, c.import_state,
           case when c.import_state = 'held' then coalesce(c.state_reason, c.planned_reason) end,
           coalesce(c.planned = 'conflict', false), sum(c.n)
      from (select a.run_id, a.import_state, a.state_reason, a.planned_reason, a.planned, 1 as n from added a
             union all
            select r.run_id, r.import_state, r.state_reason, r.planned_reason, r.planned, -1 from removed r) c
     group by 1, 3, 4, 5 having sum(c.n) <> 0;
  else
    -- Of a run that is forgotten they are gone already, or go.
    insert into wavegate.row_tallies (run_id, staging, import_state, reason, conflict, rows)
    select r.run_id, tg_table_name, r.import_state,
           case when r.import_state = 'held' then coalesce(r.state_reason, r.planned_reason) end,
           coalesce(r.planned = 'conflict', false), -count(*)
      from removed r
     where exists (select from wavegate.row_tallies t where t.run_id = r.run_id)
     group by 1, 3, 4, 5;
  end if;
  return null;
end $$;

-- For what the source holds of rows.
create or replace function wavegate.tally_source() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if tg_op = 'INSERT' then
    insert into wavegate.row_tallies (run_id, staging, rows)
    select a.run_id, tg_table_name, count(*) from added a group by 1;
  else
    insert into wavegate.row_tallies (run_id, staging, rows)
    select r.run_id, tg_table_name, -count(*) from removed r
     where exists (select from wavegate.row_tallies t where t.run_id = r.run_id) group by 1;
  end if;
  return null;
end $$;

create or replace function wavegate.forget_tallies() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  delete from wavegate.row_tallies t where t.staging = tg_table_name;
  return null;
end $$;

-- What a dry run counted of all its rows, good for as long as no stage of the run began since: how many rows name
-- each thing that is mapped, but not which of several is meant row by row, and what rows that the plan holds for a reason have most in common.
create table if not exists wavegate.kept_counts (
  run_id  uuid not null,
  claim   uuid not null,        -- of the dry run
  part    text not null,        -- the kind of things, '' where there is one
  about   text not null check (about in ('mapping', 'hold')),
  name    text not null,        -- of the reference, or the reason
  held_by text not null default '',  -- the staged column that a hold is looked at by
  value   text,
  rows    bigint not null,
  weights jsonb
);
create index if not exists kept_counts_of_run on wavegate.kept_counts (run_id, part, about, name);

-- Neither has a key of its own: where the platform publishes all its tables, PostgreSQL would let nobody change or delete their rows.
do $$ begin
  if exists (select from pg_class where oid in ('wavegate.row_tallies'::regclass, 'wavegate.kept_counts'::regclass) and relreplident <> 'f') then
    alter table wavegate.row_tallies replica identity full;
    alter table wavegate.kept_counts replica identity full;
  end if;
end $$;
