-- Some rows of the source as digests, as a server had them when an import began: gone when it ended.
create table if not exists wavegate.source_glimpses (
  run_id       uuid not null references wavegate.legacy_import_runs,
  about        text not null,   -- "range N", or "reference NAME"
  rows         jsonb not null,  -- what rows hold, by their keys
  primary key (run_id, about)
);
