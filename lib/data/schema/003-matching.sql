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
-- Where ids are no integers: what they are, and `target_id` is a number that stands for one.
alter table wavegate.match_people add column if not exists target_key text;

-- When a run's matching began: transactions from `seen_from` on may have been unfinished then, so that a row of the platform with a
-- later `xmin` may be none that it saw. By `noted_by` the row tells whether it stands where it was written: a dump gives it another `xmin`.
create table if not exists wavegate.match_moments (
  run_id    uuid primary key references wavegate.legacy_import_runs,
  seen_from xid8 not null default pg_snapshot_xmin(pg_current_snapshot()),
  noted_by  xid8 not null default pg_current_xact_id()
);

-- Databases of before the platform's fields were read for several numbers.
alter table wavegate.match_people add column if not exists phone_alternates text[];

-- The numbers of a platform's phone field that is not one plain number already, as E.164 digits, in their
-- order (D3): several stand between marks, words or white space, and a mark may stand inside one. `code` is
-- what is dialled from abroad, `prefix` what stands before a national number, `lengths` how long that is.
create or replace function wavegate.numbers_of(field text, code text, prefix text, lengths int[]) returns text[]
language sql immutable parallel safe as $$
  with plain as (
    -- Behind a country's code the 0 of a national number is not dialled, but in Italy; `.0` is a spreadsheet's.
    select regexp_replace(regexp_replace(translate(field, '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789'),
             '((?:\+|00)(?!39)[1-9][0-9]{0,2}[\s.-]*)\(\s*0\s*\)', '\1', 'g'), '^(\+?[0-9]{8,})\.0+$', '\1') as text),
  pieces as (
    select ordinality as place, piece
      from plain, regexp_split_to_table(text, '[/;,|&\\\n]|\s-\s|\s(?:ou|or|et|and|و|أو)\s|(?<=[0-9])\s*(?=\+)') with ordinality p(piece, ordinality)),
  -- A piece that is too long holds several, apart by what stands between groups of digits.
  groups as (
    select place, 0 as within, regexp_replace(piece, '[^0-9+]', '', 'g') as dialled from pieces
     where length(regexp_replace(piece, '[^0-9]', '', 'g')) <= 15
    union all
    select place, g.ordinality, g.piece
      from pieces, regexp_split_to_table(piece, '[^0-9+]+') with ordinality g(piece, ordinality)
     where length(regexp_replace(pieces.piece, '[^0-9]', '', 'g')) > 15),
  whole as (
    select 0 as place, 0 as within, regexp_replace(text, '[^0-9+]', '', 'g') as dialled from plain
     where not exists (select from groups where length(dialled) >= 8)),
  dialled as (
    select place, within,
           case when dialled ~ '^\+' then substr(dialled, 2)
                when dialled ~ '^00[1-9]' then substr(dialled, 3)
                when prefix <> '' and left(dialled, length(prefix)) = prefix
                     and length(dialled) - length(prefix) = any (lengths) then code || substr(dialled, length(prefix) + 1)
                -- Without its prefix so short a number may as well be a date.
                when left(dialled, length(code)) <> code and length(dialled) = any (lengths)
                     and (prefix = '' or length(dialled) > 8) then code || dialled
                else dialled end as number
      from (select * from groups union all select * from whole) each
     where length(dialled) between 8 and 17),
  numbers as (
    select place, within,
           case when prefix <> '' and left(number, length(code) + length(prefix)) = code || prefix
                     and not length(number) - length(code) = any (lengths)
                     and length(number) - length(code) - length(prefix) = any (lengths)
                then code || substr(number, length(code) + length(prefix) + 1)
                else number end as number
      from dialled)
  select array_agg(number order by first) from (
    select number, min(array[place, within]) as first from numbers where number ~ '^[0-9]+$' group by 1) found
$$;

-- Which stage judges a run's rows, by its latest beginning: one that was overtaken writes nothing more.
drop table if exists wavegate.match_claims;
create table if not exists wavegate.stage_claims (
  run_id   uuid primary key,
  claim    uuid not null,
  rests_on text                   -- a digest of what validation decided about all rows by, where it just did
);
alter table wavegate.stage_claims add column if not exists rests_on text;

-- Hints between two rows of the source (D8): kept apart from hints against the platform.
create table if not exists wavegate.source_hints (
  run_id    uuid not null,
  staged_id bigint not null,
  level     text not null check (level in ('low', 'medium', 'high')),
  rule      text not null,
  first_id  bigint not null,                -- the earliest row of the group
  hits      bigint not null,                -- rows of the group
  later     boolean not null default false, -- of several rows of one person, not the earliest
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

-- Whom matching copied and what it found are only added: the same as of staged rows (lib/compile/staging/staging.ts).
alter table wavegate.match_people set (autovacuum_vacuum_insert_threshold = -1);
alter table wavegate.duplicate_hints set (autovacuum_vacuum_insert_threshold = -1);
alter table wavegate.source_hints set (autovacuum_vacuum_insert_threshold = -1);
