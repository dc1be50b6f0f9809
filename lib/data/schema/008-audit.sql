-- The audit log is written by one function alone, which makes sequence, moment's form, previous and hash
-- itself (W12): nobody may insert, so no entry from elsewhere breaks a run's chain or stands at its end.

-- Whose turn it is with one of the logs: a row for each run's, and one for what is shared by all runs. Whoever waits
-- for a turn waits for a row that nobody but the owner may look at. (An advisory lock is anybody's who is connected:
-- whoever may only look could have held every entry, and with it every decision, a stop among them, for ever.)
create table if not exists wavegate.log_turns (
  run_id uuid primary key
);

-- Until this transaction ends, nobody else has this turn.
create or replace function wavegate.take_turn(with_log uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  perform from wavegate.log_turns t where t.run_id = with_log for update;
  if found then return; end if;
  insert into wavegate.log_turns (run_id) values (with_log) on conflict do nothing;
  -- Of two that are the first at once one waited for the other's row above, which is given back by now.
  perform from wavegate.log_turns t where t.run_id = with_log for update;
end $$;

-- JSON with sorted keys and no spaces: the same text as canonicalJson in lib/data/runs.ts, held by a test.
-- What the two would write differently, and no entry holds, is refused.
create or replace function wavegate.canonical_json(value jsonb) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp set standard_conforming_strings = on set extra_float_digits = 1 as $$
declare
  number numeric;
begin
  case jsonb_typeof(value)
    when 'object' then
      -- Between these two kinds of characters UTF-16, by which JavaScript sorts, and UTF-8 differ.
      if exists (select from jsonb_object_keys(value) k where k ~ '[\ue000-\uffff]')
         and exists (select from jsonb_object_keys(value) k where k ~ '[\U00010000-\U0010ffff]') then
        raise exception 'keys are not sorted alike everywhere' using errcode = 'check_violation';
      end if;
      return '{' || coalesce((
        select string_agg(to_json(e.key)::text || ':' || wavegate.canonical_json(e.value), ',' order by e.key collate "C")
          from jsonb_each(value) e), '') || '}';
    when 'array' then
      return '[' || coalesce((
        select string_agg(wavegate.canonical_json(e.item), ',' order by e.n)
          from jsonb_array_elements(value) with ordinality e(item, n)), '') || ']';
    when 'number' then
      number := (value #>> '{}')::numeric;
      -- Such an integer is an id, which is read as its digits: it has to be a text.
      if number = trunc(number) and abs(number) >= 9007199254740992 and abs(number) <= 9223372036854775808 then
        raise exception 'a number is not read alike everywhere' using errcode = 'check_violation';
      end if;
      -- As JavaScript reads and writes it: the shortest text of the nearest double.
      if number <> 0 and (abs(number) < 0.000001 or abs(number) >= 1e21) then
        return regexp_replace((number::float8)::text, 'e([+-])0', 'e\1');
      end if;
      return trim_scale((number::float8)::text::numeric)::text;
    else
      return value::text;
  end case;
end $$;

-- As entryHash in lib/evidence/audit-chain.ts: over the hash before and the entry.
create or replace function wavegate.entry_hash(
  previous text, run uuid, seq int, at text, actor text, action text, digest text, details jsonb) returns text
language sql immutable parallel safe set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select encode(sha256(convert_to(previous
    || '{"action":' || to_json(action) || ',"actor":' || to_json(actor) || ',"at":' || to_json(at)
    || ',"details":' || wavegate.canonical_json(details)
    || ',"digest":' || coalesce(to_json(digest)::text, 'null')
    || ',"run_id":' || to_json(run::text) || ',"seq":' || seq || '}', 'UTF8')), 'hex')
$$;

-- Whether a text is a moment as entries have it: one that there is, and no form of it that is read otherwise elsewhere.
create or replace function wavegate.is_moment(says text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select case when says !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$' or not pg_input_is_valid(says, 'timestamptz') then false
              else to_char(says::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') = says end
$$;

create or replace function wavegate.append_entry(
  run uuid, actor text, action text, digest text, details jsonb, at text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  last record;
  entry wavegate.audit_log;
begin
  if jsonb_typeof(details) is distinct from 'object' or coalesce(actor, '') = '' or coalesce(action, '') = ''
     or wavegate.is_moment(at) is not true then
    raise exception 'this is no audit entry' using errcode = 'check_violation';
  end if;
  -- Columns that hold personal data, whatever the migration calls them: details may count them, never quote (W14).
  if exists (select from wavegate.legacy_import_runs r,
                    jsonb_path_query(details, 'lax $.** ? (@.type() == "object")') inner_object(fields),
                    jsonb_each(inner_object.fields) f
              where r.id = run and jsonb_typeof(f.value) = 'string' and r.pin -> 'personal' ? f.key) then
    raise exception 'the audit log takes no personal data' using errcode = 'check_violation';
  end if;
  -- Appends to one run wait for each other until the transaction ends.
  perform wavegate.take_turn(run);
  -- A statement of its own: one that waited for the lock would not see what was written meanwhile.
  select l.seq, l.hash into last from wavegate.audit_log l where l.run_id = run order by l.seq desc limit 1;
  entry.run_id := run;
  entry.seq := coalesce(last.seq, 0) + 1;
  entry.at := at;
  entry.actor := actor;
  entry.action := action;
  entry.digest := digest;
  entry.details := details;
  entry.previous := coalesce(last.hash, repeat('0', 64));
  entry.hash := wavegate.entry_hash(entry.previous, run, entry.seq, at, actor, action, digest, details);
  insert into wavegate.audit_log select entry.*;
  return to_jsonb(entry);
end $$;

-- What stages, waves and pages tell of. That a person decided something is told by whoever may write
-- decisions (the role sign), or by the function that kept what an operator asked for. Others tell in nobody's name but
-- the engine's: of a preflight in that of the one who started the run, and of a rollback in that of somebody who, as the
-- role sign noted, asked for one.
create or replace function wavegate.append_audit(
  run uuid, actor text, action text, digest text, details jsonb, at text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if not has_any_column_privilege(session_user, 'wavegate.sign_offs', 'update')
     and (action in ('sign-off-asked', 'sign-off-voided', 'sign-off-approved', 'sign-off-rejected', 'stops-overridden', 'samples-judged',
                     'verdicts-carried', 'verdict-undone', 'rows-searched', 'rows-judged-anew', 'export-downloaded', 'feature',
                     'mappings-decided', 'mappings-carried', 'row-held', 'row-released', 'question-asked', 'question-closed', 'pause', 'resume', 'stop',
                     'started', 'execution-started', 'erase', 'erased', 'restore-begun', 'restored', 'restore-failed')
          or not (actor = 'wavegate'
                  or (action = 'preflight' and exists (
                        select from wavegate.legacy_import_runs r where r.id = run and r.started_by = append_audit.actor))
                  or (action = 'rollback' and exists (
                        select from wavegate.audit_log l
                         where l.run_id = run and l.actor = append_audit.actor
                           and l.action in ('execution-started', 'started') and l.details ->> 'what' = 'rollback')))) then
    raise exception 'this role tells of no decisions' using errcode = 'insufficient_privilege';
  end if;
  -- See 012-own-migration.sql.
  if wavegate.writing_for() <> (select r.migration from wavegate.legacy_import_runs r where r.id = run) then
    raise exception 'a commit role writes for runs of its own migration alone' using errcode = 'integrity_constraint_violation';
  end if;
  return wavegate.append_entry(run, actor, action, digest, details, at);
end $$;

-- This moment as an entry has it.
create or replace function wavegate.moment() returns text
language sql volatile set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- The log of what happens around runs, in the same form: one chain for all of them.
create or replace function wavegate.append_security(actor text, action text, details jsonb, at text) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  last record;
  entry wavegate.security_log;
begin
  if jsonb_typeof(details) is distinct from 'object' or coalesce(actor, '') = '' or coalesce(action, '') = ''
     or wavegate.is_moment(at) is not true then
    raise exception 'this is no entry of the security log' using errcode = 'check_violation';
  end if;
  perform wavegate.take_turn('00000000-0000-0000-0000-000000000000');
  select l.seq, l.hash into last from wavegate.security_log l order by l.seq desc limit 1;
  entry.seq := coalesce(last.seq, 0) + 1;
  entry.at := at;
  entry.actor := actor;
  entry.action := action;
  entry.details := details;
  entry.previous := coalesce(last.hash, repeat('0', 64));
  entry.hash := wavegate.entry_hash(
    entry.previous, '00000000-0000-0000-0000-000000000000', entry.seq, at, actor, action, null, details);
  insert into wavegate.security_log select entry.*;
  return entry.seq;
end $$;
