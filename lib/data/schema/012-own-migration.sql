-- Which migration a commit role writes for (D43), as the set-up of the database notes: nobody else writes here.
-- A copy of a database, or one that was renamed, keeps the names of its earlier roles beside those of its own.
create table if not exists wavegate.commit_roles (
  role      name primary key,
  migration text not null
);

-- The migration whose commit role is logged in; null for everybody else.
create or replace function wavegate.writing_for() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select c.migration from wavegate.commit_roles c where c.role = session_user
$$;

-- What a commit role writes, in the ledger and beside it, is of its own migration's runs: it closes no entry of
-- another one's, and notes no wave for it.
create or replace function wavegate.own_migration_only() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  own text := wavegate.writing_for();
begin
  if own is not null and exists (
    select from (select distinct w.run_id from written w) w
      left join wavegate.legacy_import_runs r on r.id = w.run_id
     where r.migration is distinct from own) then
    raise exception 'a commit role writes for runs of its own migration alone' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

create or replace trigger own_entries after insert on wavegate.legacy_import_commit_logs
  referencing new table as written for each statement execute function wavegate.own_migration_only();
create or replace trigger own_closings after update on wavegate.legacy_import_commit_logs
  referencing new table as written for each statement execute function wavegate.own_migration_only();
create or replace trigger own_waves after insert on wavegate.waves
  referencing new table as written for each statement execute function wavegate.own_migration_only();
create or replace trigger own_changes_of_waves after update on wavegate.waves
  referencing new table as written for each statement execute function wavegate.own_migration_only();

-- The same for the commit lock, which carries the migration itself, and for the run's own row.
create or replace function wavegate.own_row_only() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  own text := wavegate.writing_for();
  of text;
begin
  -- Whoever holds the lock gives it back before another run takes it.
  if tg_table_name = 'commit_locks' and tg_op = 'UPDATE' then
    if new.run_id is distinct from old.run_id and old.run_id is not null and (new.run_id is not null or own is not null) then
      raise exception 'a commit lock is taken from no run that holds it' using errcode = 'integrity_constraint_violation';
    end if;
  end if;
  if own is null then return new; end if;
  if tg_table_name = 'commit_locks' then
    select r.migration into of from wavegate.legacy_import_runs r where r.id = new.run_id;
  end if;
  if new.migration is distinct from own or coalesce(of, own) <> own then
    raise exception 'a commit role writes for runs of its own migration alone' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create or replace trigger own_lock before insert or update on wavegate.commit_locks
  for each row execute function wavegate.own_row_only();
create or replace trigger own_run before update on wavegate.legacy_import_runs
  for each row execute function wavegate.own_row_only();

-- The transaction that last wrote entries of rows it created or changed under this lock, their wave, and the tables that
-- they are in: who enters rows of a table again is held against what was entered before, so no row has two entries of
-- which one would stay open when the row is taken back.
alter table wavegate.commit_locks add column if not exists entered_by xid8;
alter table wavegate.commit_locks add column if not exists entered_wave int;
alter table wavegate.commit_locks add column if not exists entered_tables text[] not null default '{}';

-- Notes that a transaction of a commit role writes entries of a wave: `first` of these tables, `again` if it did before
-- for one of them; `no` if it did for another wave, or if the run has no lock.
drop function if exists wavegate.enters_once(uuid);
drop function if exists wavegate.enters_once(uuid, text[]);
create or replace function wavegate.enters(run uuid, of_wave int, tables text[]) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  before wavegate.commit_locks;
begin
  if wavegate.writing_for() is null then return 'first'; end if;
  select l.* into before from wavegate.commit_locks l where l.run_id = run for update;
  if not found then return 'no'; end if;
  if before.entered_by is distinct from pg_current_xact_id() then
    update wavegate.commit_locks l set entered_by = pg_current_xact_id(), entered_wave = of_wave, entered_tables = tables where l.run_id = run;
    return 'first';
  end if;
  if before.entered_wave is distinct from of_wave then return 'no'; end if;
  update wavegate.commit_locks l set entered_tables = before.entered_tables || tables where l.run_id = run;
  return case when before.entered_tables && tables then 'again' else 'first' end;
end $$;
