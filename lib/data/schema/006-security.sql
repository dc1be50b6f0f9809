-- What happens around runs: who was given or lost permissions, wrong passwords, decisions that were
-- refused. Append-only and hash-chained as the audit log, in one chain for all runs.
create table if not exists wavegate.security_log (
  seq      int primary key,
  at       text not null,                   -- ISO 8601, part of what is hashed
  actor    text not null,
  action   text not null,
  details  jsonb not null,
  previous text not null,
  hash     text not null
);
drop trigger if exists security_log_append_only on wavegate.security_log;
create trigger security_log_append_only before update or delete or truncate on wavegate.security_log
  for each statement execute function wavegate.refuse_change();

-- Each page asks whether its sign-in was ended.
create index if not exists security_log_signed_out on wavegate.security_log ((details ->> 'sign_in'))
  where action = 'signed-out';

-- A sign-in that began before this is over: permissions or address changed since, by whatever way.
alter table wavegate.people add column if not exists changed_at timestamptz not null default now();
create or replace function wavegate.note_person_changed() returns trigger language plpgsql as $$
begin
  if new.permissions is distinct from old.permissions or new.email is distinct from old.email then
    new.changed_at = now();
  end if;
  return new;
end $$;
drop trigger if exists people_changed on wavegate.people;
create trigger people_changed before update on wavegate.people
  for each row execute function wavegate.note_person_changed();
-- A clock that was set back leaves changes that are still to come by it, and no sign-in would be behind them: by the next
-- set-up they are no later than now.
update wavegate.people set changed_at = now() where changed_at > now();
