-- What the platform knew when a run was matched: a snapshot in the form matching compares.
create table if not exists wavegate.match_people (
  run_id       uuid not null,
  target_table text not null,
  target_id    bigint not null,
  name_folded  text,
  name_key     text,
  phone        text,
  raw_phone    text,
  email        text,
  birth_date   date,
  primary key (run_id, target_table, target_id)
);

-- Which matching of a run is the latest: one that was overtaken does not end the stage.
create table if not exists wavegate.match_claims (
  run_id uuid primary key,
  claim  uuid not null
);

-- Hints between two rows of the source (D8): kept apart from hints against the platform.
create table if not exists wavegate.source_hints (
  run_id    uuid not null,
  staged_id bigint not null,
  level     text not null check (level in ('low', 'medium', 'high')),
  rule      text not null,
  first_id  bigint not null,                -- the earliest row of the group
  hits      bigint not null,                -- rows of the group
  later     boolean not null default false, -- of several leads of one person, not the earliest
  primary key (run_id, staged_id, rule, first_id)
);

-- Names that are too common to be compared with each other (D7): reported, not compared.
create table if not exists wavegate.capped_groups (
  run_id uuid not null references wavegate.legacy_import_runs,
  scope  text not null,
  rule   text not null,
  groups bigint not null,
  rows   bigint not null,
  primary key (run_id, scope, rule)
);

-- Numbers that so many rows of so many names carry that they are nobody's (D31).
create table if not exists wavegate.shared_phones (
  run_id uuid not null references wavegate.legacy_import_runs,
  phone  text not null,
  rows   bigint not null,
  primary key (run_id, phone)
);

-- Addresses that so many rows share that they say nothing about a person (D4).
create table if not exists wavegate.shared_emails (
  run_id  uuid not null references wavegate.legacy_import_runs,
  address text not null,
  rows    bigint not null,
  primary key (run_id, address)
);
