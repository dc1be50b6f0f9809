-- What a rollback of a wave would do, as it was last shown (B1): the act compares itself with it.
create table if not exists wavegate.rollback_previews (
  run_id uuid not null references wavegate.legacy_import_runs,
  wave   int not null,
  round  int not null,
  counts jsonb not null,                    -- entries, undone, unlinked, gone, spared
  found  jsonb not null default '{}',       -- of the spared: why, how many by column, the first hundred
  at     timestamptz not null default now(),
  primary key (run_id, wave)
);
