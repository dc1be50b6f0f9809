-- What the platform called what a run's references are mapped to, when a dry run told it last: who signs sees names, and a
-- wave writes ids. Nothing of a run whose dry run is older than this table.
create table if not exists wavegate.called_things (
  run_id    uuid not null references wavegate.legacy_import_runs,
  reference text not null,
  target_id text not null,
  called    text,          -- a digest; null where it is called nothing
  primary key (run_id, reference, target_id)
);
