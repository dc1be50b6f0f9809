-- Which row of the platform each staged row is that is there already, by what its definition says, as a dry run found
-- it; of one that would be brought up to date the columns that differ, as they are and as they would be written, each
-- as PostgreSQL writes its value. A `false` in `after` is the key of a row above that is still to be written.
create table if not exists wavegate.rows_there (
  run_id       uuid not null,
  staged_id    bigint not null,
  there_is     text not null,
  target_table text not null,
  target_key   jsonb,
  before       jsonb,
  after        jsonb,
  unfit        text,                         -- the column that does not take its value
  primary key (run_id, staged_id)
);
create or replace trigger note_review_change after insert or delete or truncate or update
  on wavegate.rows_there for each statement execute function wavegate.note_review_change();

-- What an update found: the columns that it wrote, as they were. `after_image` has them as they were written.
alter table wavegate.legacy_import_commit_logs add column if not exists before_image jsonb;

-- The columns of the row that is there at which the plan looked, and those that rows below it take, as they were.
alter table wavegate.rows_there add column if not exists seen jsonb;
