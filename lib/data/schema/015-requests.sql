-- How often somebody asked within a minute, by a key of the caller's: endpoints run in many processes at once and
-- have to count together. Minutes that are over are forgotten.
create table if not exists wavegate.requests (
  asked_by text not null,
  minute   timestamptz not null,
  n        int not null,
  primary key (asked_by, minute)
);

create or replace function wavegate.count_request(who text) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  this_minute timestamptz := date_trunc('minute', clock_timestamp());
  counted int;
begin
  insert into wavegate.requests as r (asked_by, minute, n) values (left(who, 200), this_minute, 1)
  on conflict (asked_by, minute) do update set n = r.n + 1
  returning r.n into counted;
  if counted = 1 then
    delete from wavegate.requests r where r.asked_by = left(who, 200) and r.minute < this_minute;
  end if;
  return counted;
end $$;
