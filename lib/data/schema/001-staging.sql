-- Staging and evidence, as the schema's owner makes them. The tables of a migration's own rows are compiled
-- from its definition; who may do what with them stands in lib/compile/privileges/.

-- One row a run; what it is pinned to (W5) never changes afterwards.
create table if not exists wavegate.legacy_import_runs (
  id                uuid primary key,
  reference         text not null unique,          -- short and readable: gym-20261120-7f3a
  migration         text not null,
  definition_digest text not null,
  definition        jsonb not null,
  pin               jsonb,                         -- what looking, verifying, taking back and exporting rest on (D35)
  connection_name   text not null,
  source            jsonb not null default '{}',   -- description and fingerprint, never a password
  focus_mode        text not null,
  wave_plan         jsonb not null,
  gates             text not null default 'every-wave' check (gates in ('every-wave', 'on-anomaly')),
  seed              text not null,                 -- samples can be drawn again from it (R9)
  started_by        text,                          -- as the platform vouches, see lib/review/people/starter.ts
  execution_arn     text,
  acknowledgements  jsonb not null default '{}',   -- backup id, queues detached, priority (R1)
  preflight         jsonb not null default '{}',
  counts            jsonb not null default '{}',   -- what was read from each table, and what was staged
  stage             text not null default 'preflight', -- the last stage that finished
  control           text not null default 'run' check (control in ('run', 'pause', 'stop')),
  status            text not null default 'running'
    check (status in ('running', 'waiting', 'paused', 'halted', 'stopped', 'completed', 'rolled_back')),
  halted_because    jsonb,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now()
);

-- Who started a run is written once, whoever writes (W8).
create or replace function wavegate.refuse_other_starter() returns trigger language plpgsql as $$
begin
  raise exception 'a run has one starter' using errcode = 'integrity_constraint_violation';
end $$;
create or replace trigger one_starter before update on wavegate.legacy_import_runs for each row
  when (old.started_by is not null and new.started_by is distinct from old.started_by)
  execute function wavegate.refuse_other_starter();

-- Databases of before the pin; a run of that time has none.
alter table wavegate.legacy_import_runs add column if not exists pin jsonb;

-- The pin is written with the run, and never again: it decides what is taken back.
create or replace function wavegate.refuse_other_pin() returns trigger language plpgsql as $$
begin
  raise exception 'a run keeps its pin' using errcode = 'integrity_constraint_violation';
end $$;
create or replace trigger one_pin before update of pin on wavegate.legacy_import_runs for each row
  when (new.pin is distinct from old.pin)
  execute function wavegate.refuse_other_pin();

-- Definition and pin are long, and the same for as long as this is: whoever has read them need not read them again.
alter table wavegate.legacy_import_runs add column if not exists long_as uuid not null default gen_random_uuid();
create or replace function wavegate.note_other_long() returns trigger language plpgsql as $$
begin
  new.long_as := gen_random_uuid();
  return new;
end $$;
create or replace trigger other_long before update of definition, pin, long_as on wavegate.legacy_import_runs for each row
  execute function wavegate.note_other_long();
alter table wavegate.legacy_import_runs enable always trigger other_long;

-- Who may do what (M14). The identity is the one the platform vouches for.
create table if not exists wavegate.people (
  name        text primary key,
  email       text not null,
  permissions jsonb not null default '[]'
);

-- The columns of each source table as the run's definition names them: what raw payloads are read by.
create table if not exists wavegate.source_columns (
  run_id       uuid not null references wavegate.legacy_import_runs,
  source_table text not null,
  columns      text[] not null,
  primary key (run_id, source_table)
);

-- Key ranges of an import: a range is read and written as a whole, or again.
create table if not exists wavegate.import_ranges (
  run_id       uuid not null references wavegate.legacy_import_runs,
  n            int not null,
  source_table text not null,
  after_key    text,                        -- as keyText writes it, NUL as \0
  up_to_key    text,
  rows_read    bigint,
  rows_staged  bigint,
  done_at      timestamptz,
  primary key (run_id, n)
);

-- For databases of the time when every key was an integer.
alter table wavegate.import_ranges alter column after_key type text, alter column up_to_key type text;

-- Rows that are made of staged rows, on their way to be staged in their turn: gone when they are.
create table if not exists wavegate.made_rows (
  run_id        uuid not null references wavegate.legacy_import_runs,
  source_table  text not null,
  place         bigint not null,            -- by the key, rows without one first
  key           text,
  noted         text,
  source_values jsonb not null,
  primary key (run_id, source_table, place)
);

-- Long work, for bars and time left (W11).
create table if not exists wavegate.progress (
  run_id     uuid not null references wavegate.legacy_import_runs,
  stage      text not null,
  done       bigint not null,
  total      bigint not null,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (run_id, stage)
);

-- Duplicate hints with their evidence (M7): the table and id of what was hit, never its content.
create table if not exists wavegate.duplicate_hints (
  run_id        uuid not null,
  staged_id     bigint not null,
  level         text not null check (level in ('low', 'medium', 'high')),
  rule          text not null,
  target_table  text not null,
  target_id     bigint not null,               -- the first one hit
  hits          bigint not null default 1,     -- how many were hit
  primary key (run_id, staged_id, rule, target_table, target_id)
);

-- Rows that an earlier run moved already, found anew by each dry run.
create table if not exists wavegate.moved_before (
  run_id    uuid not null,
  staged_id bigint not null,
  another   boolean not null default false, -- under its key somebody else was moved
  primary key (run_id, staged_id)
);
alter table wavegate.moved_before add column if not exists another boolean not null default false;

-- What a dry run showed, and the digests it showed it for (W7).
create table if not exists wavegate.dry_runs (
  run_id     uuid not null references wavegate.legacy_import_runs,
  digest     text not null,
  parts      jsonb not null,               -- digest of each part: definition, rows, mappings
  report     jsonb not null,
  changes    text,                         -- which changes it knew of, see 004-review-changes.sql
  created_at timestamptz not null default now(),
  primary key (run_id, digest)
);
-- The types of the platform's columns that waves write, as it saw them, by table and column; null of before it was.
alter table wavegate.dry_runs add column if not exists types jsonb;

create table if not exists wavegate.review_exports (
  run_id     uuid not null references wavegate.legacy_import_runs,
  digest     text not null,                -- of the dry run
  prefix     text not null,
  manifest   jsonb not null,
  manifest_digest text not null,
  created_at timestamptz not null default now(),
  primary key (run_id, digest)
);

-- Audit bundles, noted before their manifest is written: what the log is told of after an export that was cut off.
create table if not exists wavegate.audit_bundles (
  run_id          uuid not null references wavegate.legacy_import_runs,
  prefix          text not null,
  manifest_digest text not null,
  head            text not null,           -- of the run's log, and of the security log, when it was read
  security_head   text not null,
  at              timestamptz not null default now(),
  primary key (run_id, prefix)
);

create table if not exists wavegate.samples (
  run_id     uuid not null references wavegate.legacy_import_runs,
  digest     text not null,
  bucket     text not null,
  position   int not null,
  staged_id  bigint not null,
  verdict    text check (verdict in ('right', 'wrong')),
  wrong      jsonb,                         -- which of name, phone, email, classification, action
  judged_by  text,
  judged_at  timestamptz,
  row_salt   text,                          -- of the digest, a secret: an erasure takes it
  row_digest text,                          -- of the row as it was judged: the verdict holds while it is the same
  primary key (run_id, digest, bucket, staged_id)
);
alter table wavegate.samples add column if not exists row_salt text;
alter table wavegate.samples add column if not exists row_digest text;

-- A question to a person, and the answer. The link is kept as its hash, the task token encrypted (W8).
create table if not exists wavegate.sign_offs (
  id             uuid primary key,
  run_id         uuid not null references wavegate.legacy_import_runs,
  gate           text not null,             -- first_wave, scale_up, or wave:N
  digest         text not null,
  parts          jsonb not null default '{}', -- digest of each part, so that a change can be named (W7)
  stops          jsonb not null default '[]', -- stop conditions that held when it was asked
  link_hash      text unique,
  expires_at     timestamptz,
  execution_arn  text,
  token          text,                      -- sealed
  status         text not null default 'pending'
    check (status in ('pending', 'approved', 'rejected', 'voided', 'expired')),
  decided_by     text,
  decided_at     timestamptz,
  comment        text,
  override_by    text,
  override_reason text,
  override_at    timestamptz,
  override_stops jsonb not null default '[]', -- ids of the stop conditions it covers
  notified_at    timestamptz,               -- the execution was told
  asked_at       timestamptz not null default now(),
  void_because   text
);
create index if not exists sign_offs_by_run on wavegate.sign_offs (run_id, gate, asked_at);

-- One run of a migration commits at a time (W10): the owner is a row, and every wave writes it. A row without a run is
-- free. It is never deleted: a wave whose snapshot is older than another run's waves meets their change of it, and fails.
create table if not exists wavegate.commit_locks (
  migration  text primary key,
  run_id     uuid references wavegate.legacy_import_runs,
  taken_at   timestamptz not null default now()
);
alter table wavegate.commit_locks alter column run_id drop not null;

-- Of all migrations together one wave or rollback writes at a time: it holds this table, which never has a row.
create table if not exists wavegate.write_turns ();

create table if not exists wavegate.waves (
  run_id       uuid not null references wavegate.legacy_import_runs,
  wave         int not null,
  size         int not null,
  round        int not null default 1,      -- 2 once the drill has committed wave one again
  status       text not null check (status in ('committed', 'verified', 'failed', 'rolled_back')),
  digest       text not null,               -- what was signed
  sign_off_id  uuid,
  counts       jsonb not null default '{}',
  before       jsonb not null default '{}', -- digests of guarded and target tables before the wave
  verification jsonb,
  clean        boolean,
  committed_at timestamptz not null default now(),
  verified_at  timestamptz,
  rolled_back_at timestamptz,
  primary key (run_id, wave)
);

-- The ledger: what each wave did to which staged row, and what took it back.
create table if not exists wavegate.legacy_import_commit_logs (
  id             bigint generated by default as identity primary key,
  run_id         uuid not null,             -- checked row by row a foreign key took a fifth of a wave
  wave           int not null,
  round          int not null,
  staged_id      bigint not null,
  action         text not null,             -- commit, link or skip
  target_table   text,
  target_id      bigint,
  target_key     jsonb,                     -- the key of a target where it is no integer that the platform draws
  after_image    jsonb,                     -- the created row as it was written: rollback compares with it (D16)
  committed_at   timestamptz not null default now(),
  rolled_back_at timestamptz,
  conflict       jsonb,                     -- why a rollback spared it
  unique (run_id, staged_id, round, wave)
) with (fillfactor = 50);
-- A rollback marks each entry once: with room beside it, no index is written again. For older tables too.
-- Entries are only added: what is dead alone has it vacuumed.
alter table wavegate.legacy_import_commit_logs set (fillfactor = 50, autovacuum_vacuum_insert_threshold = -1);
alter table wavegate.legacy_import_commit_logs drop constraint if exists legacy_import_commit_logs_run_id_fkey;
alter table wavegate.legacy_import_commit_logs add column if not exists target_key jsonb;
create index if not exists commit_logs_by_wave on wavegate.legacy_import_commit_logs (run_id, wave);

create table if not exists wavegate.drills (
  run_id      uuid primary key references wavegate.legacy_import_runs,
  passed      boolean not null,
  certificate jsonb not null,
  at          timestamptz not null default now()
);

create table if not exists wavegate.verifications (
  id      bigint generated by default as identity primary key,
  run_id  uuid not null references wavegate.legacy_import_runs,
  kind    text not null,                    -- wave:N, final, rollback
  passed  boolean not null,
  checks  jsonb not null,
  at      timestamptz not null default now()
);

-- Append-only and hash-chained (W12); the hash is made in lib/evidence/audit-log.ts.
create table if not exists wavegate.audit_log (
  run_id   uuid not null references wavegate.legacy_import_runs,
  seq      int not null,
  at       text not null,                   -- ISO 8601, part of what is hashed
  actor    text not null,
  action   text not null,
  digest   text,
  details  jsonb not null,
  previous text not null,
  hash     text not null,
  primary key (run_id, seq)
);

create or replace function wavegate.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'wavegate.% is append-only', tg_table_name;
end $$;
drop trigger if exists audit_log_append_only on wavegate.audit_log;
create trigger audit_log_append_only before update or truncate on wavegate.audit_log
  for each statement execute function wavegate.refuse_change();

-- Which round of wave one a drill takes back, so that a drill that was cut off goes on with it.
create table if not exists wavegate.drill_rounds (
  run_id uuid not null references wavegate.legacy_import_runs,
  round  int not null,
  done   boolean not null default false,
  primary key (run_id, round)
);
