-- Copies of files that rows of waves name, each noted before it is made: what is to be copied (`intended`), what lies
-- there with the bytes that were reviewed (`copied`), what a rollback takes away (`removing`, `removed`), and what is
-- not copied because the file is no longer what was reviewed (`changed`) or something else lies there (`occupied`).
-- No name that people gave a file: the source's stands with the staged row.
create table if not exists wavegate.file_copies (
  run_id uuid not null references wavegate.legacy_import_runs,
  staged_id bigint not null,
  object_key text not null,
  state text not null check (state in ('intended', 'copied', 'changed', 'occupied', 'removing', 'removed')),
  -- The version, where the bucket keeps any; and whether this run put it there.
  version text,
  own boolean not null default false,
  at timestamptz not null default clock_timestamp(),
  primary key (run_id, staged_id));
-- Of the bytes that were reviewed, until they are taken away or the run's people erased: nothing else is taken for the copy.
alter table wavegate.file_copies add column if not exists sha256 text;
create index if not exists file_copies_key on wavegate.file_copies (object_key);
create index if not exists file_copies_removing on wavegate.file_copies (run_id) where state = 'removing';

-- See 012-own-migration.sql: who waits for a file, or has one taken away, is of the role's own migration.
create or replace trigger own_copies after insert on wavegate.file_copies
  referencing new table as written for each statement execute function wavegate.own_migration_only();
create or replace trigger own_changes_of_copies after update on wavegate.file_copies
  referencing new table as written for each statement execute function wavegate.own_migration_only();
