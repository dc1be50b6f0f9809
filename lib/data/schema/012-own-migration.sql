-- Which migration a commit role writes for (D43), as the set-up of the database notes: nobody else writes here.
-- A copy of a database, or one that was renamed, keeps the names of its earlier roles beside those of its own.
create table if not exists wavegate.commit_roles (
  role      name primary key,
  migration text not null
);

-- The migration whose commit role is logged in; null for everybody else.
create or replace function wavegate.writing_for() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.migration from wavegate.commit_roles c where c.role = session_user
$$;

-- What a commit role writes, in the ledger and beside it, is of its own migration's runs: it closes no entry of
-- another one's, and notes no wave for it.
create or replace function wavegate.own_migration_only() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  own text := wavegate.writing_for();
  of text;
begin
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

-- The transaction that last wrote entries of rows it created under this lock, and the tables that they are in: there
-- is one such statement for a table in a transaction, so no row has two entries of which one would stay open when the
-- row is taken back.
alter table wavegate.commit_locks add column if not exists entered_by xid8;
alter table wavegate.commit_locks add column if not exists entered_tables text[] not null default '{}';

-- Notes that a transaction of a commit role wrote entries for its run; false if it did before for one of these tables,
-- or has no lock.
drop function if exists wavegate.enters_once(uuid);
create or replace function wavegate.enters_once(run uuid, tables text[] default '{}') returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if wavegate.writing_for() is null then return true; end if;
  update wavegate.commit_locks l
     set entered_by = pg_current_xact_id(),
         entered_tables = case when l.entered_by is distinct from pg_current_xact_id() then tables else l.entered_tables || tables end
   where l.run_id = run
     and (l.entered_by is distinct from pg_current_xact_id() or (tables <> '{}' and not l.entered_tables && tables));
  return found;
end $$;
