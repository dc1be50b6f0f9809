-- What the platform called what a run's references are mapped to, when a dry run told it last: who signs sees names, and a
-- wave writes ids. Nothing of a run whose dry run is older than this table: its rows that name one are held, and judged anew.
create table if not exists wavegate.called_things (
  run_id    uuid not null references wavegate.legacy_import_runs,
  reference text not null,
  target_id text not null,
  called    text,          -- a digest; null where it is called nothing
  primary key (run_id, reference, target_id)
);

-- Who signs sees names: of another one the digest is another one.
create or replace trigger note_review_change after insert or delete or truncate or update
  on wavegate.called_things for each statement execute function wavegate.note_review_change();
