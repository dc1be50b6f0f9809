-- One row for each statement that may have changed something reviewed (W7): as long as none was
-- added, the digest of the rows that a wave computed still holds, and the next need not read them all.
create table if not exists wavegate.review_changes (
  id bigint generated always as identity primary key,
  at timestamptz not null default now()
);

create or replace function wavegate.note_review_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  insert into wavegate.review_changes default values;
  return null;
end $$;

create or replace trigger note_review_change after insert or delete or truncate or update
  on wavegate.duplicate_hints for each statement execute function wavegate.note_review_change();
create or replace trigger note_review_change after insert or delete or truncate or update
  on wavegate.source_hints for each statement execute function wavegate.note_review_change();
