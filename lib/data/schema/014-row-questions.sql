-- What reviewers and approvers ask about single rows (B9). As long as one is open nothing of the run is approved,
-- whoever writes the approval. Nothing is taken back by asking: whoever wants a row to wait holds it.
create table if not exists wavegate.row_questions (
  run_id    uuid not null references wavegate.legacy_import_runs,
  number    int not null,                   -- within the run, from 1
  staged_id bigint not null,
  asked_by  text not null,
  asked_at  timestamptz not null,
  question  text not null,
  closed_by text,
  closed_at timestamptz,
  answer    text,                           -- may be empty where who asked closes it
  primary key (run_id, number)
);
create index if not exists row_questions_open on wavegate.row_questions (run_id) where closed_at is null;

-- Asks about a staged row: `{"question": N}`, also for the very same question that is open already, or
-- `{"refused": NAME}`.
create or replace function wavegate.ask_question(run uuid, staged bigint, person text, says text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := coalesce(wavegate.permitted(person, 'legacy_imports.review'),
                       wavegate.permitted(person, 'legacy_imports.commit'));
  known boolean;
  given int;
  moment text;
begin
  if who is null then return '{"refused": "PermissionDenied"}'; end if;
  if coalesce(btrim(says), '') = '' then return '{"refused": "QuestionMissing"}'; end if;
  if wavegate.people_erased(run) then return '{"refused": "RunErased"}'; end if;
  if wavegate.staging_of(run, staged) is null then return '{"refused": "UnknownRow"}'; end if;
  execute format('select exists (select from wavegate.%I where run_id = $1 and staged_id = $2)',
    wavegate.staging_of(run, staged) || '_decisions') into known using run, staged;
  if not known then return '{"refused": "UnknownRow"}'; end if;
  -- A decision that is under way ends first, or sees this question.
  perform from wavegate.sign_offs s where s.run_id = run and s.status = 'pending' for update;
  perform wavegate.take_turn(run);
  select q.number into given from wavegate.row_questions q
   where q.run_id = run and q.staged_id = staged and q.asked_by = who and q.question = says and q.closed_at is null;
  if found then return jsonb_build_object('question', given); end if;
  select coalesce(max(q.number), 0) + 1 into given from wavegate.row_questions q where q.run_id = run;
  moment := wavegate.moment();
  insert into wavegate.row_questions (run_id, number, staged_id, asked_by, asked_at, question)
  values (run, given, staged, who, moment::timestamptz, says);
  perform wavegate.append_entry(run, who, 'question-asked', null,
    jsonb_build_object('row', staged, 'question', given, 'comment', says), moment);
  return jsonb_build_object('question', given);
end $$;

-- Closes a question: who asked may, and whoever may decide about commits with a reason, but for the one who
-- started the run. null, or the name of the refusal.
create or replace function wavegate.close_question(run uuid, which bigint, person text, because text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := coalesce(wavegate.permitted(person, 'legacy_imports.commit'),
                       wavegate.permitted(person, 'legacy_imports.review'));
  asked wavegate.row_questions;
  starter text;
  moment text;
begin
  if who is null then return 'PermissionDenied'; end if;
  perform wavegate.take_turn(run);
  select * into asked from wavegate.row_questions q where q.run_id = run and q.number = which for update;
  if not found then return 'UnknownQuestion'; end if;
  if asked.closed_at is not null then return 'QuestionClosed'; end if;
  if asked.asked_by <> who then
    if wavegate.permitted(person, 'legacy_imports.commit') is null then return 'PermissionDenied'; end if;
    select lower(btrim(normalize(r.started_by, NFKC)) collate "und-x-icu") into starter
      from wavegate.legacy_import_runs r where r.id = run;
    if starter is null then return 'StarterUnknown'; end if;
    -- As wasEver of lib/evidence/same-person.ts: an ARN names somebody by its last part.
    if wavegate.known_as(who) ? (case when starter like 'arn:%' then regexp_replace(starter, '^.*/', '') else starter end) then
      return 'ApproverIsStarter';
    end if;
    if coalesce(btrim(because), '') = '' then return 'ReasonMissing'; end if;
  end if;
  moment := wavegate.moment();
  update wavegate.row_questions q set closed_by = who, closed_at = moment::timestamptz, answer = because
   where q.run_id = run and q.number = which;
  perform wavegate.append_entry(run, who, 'question-closed', null,
    jsonb_build_object('row', asked.staged_id, 'question', which, 'reason', because), moment);
  return null;
end $$;

-- Holds whoever approves, whatever was looked at before: asking and approving wait for each other.
create or replace function wavegate.refuse_open_questions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  perform wavegate.require_present();
  perform wavegate.take_turn(new.run_id);
  if exists (select from wavegate.row_questions q where q.run_id = new.run_id and q.closed_at is null) then
    raise exception 'a question about a row of this run is open' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create or replace trigger no_open_question before update of status on wavegate.sign_offs
  for each row when (new.status = 'approved' and old.status is distinct from new.status)
  execute function wavegate.refuse_open_questions();
create or replace trigger no_open_question_before before insert on wavegate.sign_offs
  for each row when (new.status = 'approved') execute function wavegate.refuse_open_questions();
