-- The tables of the new platform that are written, with what is around them.
create table legacy_user_map (legacy_id uuid primary key, sub text not null unique);

create table courses (
  id uuid primary key default gen_random_uuid(), title text not null, subject text, grade_level text, term text,
  teacher_id text not null, created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table course_memberships (
  course_id uuid not null references courses on delete cascade, student_id text not null,
  created_at timestamptz not null default now(), role text not null default 'student', primary key (course_id, student_id));
create table units (
  id uuid primary key default gen_random_uuid(), title text not null, summary text, author_id text not null,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table course_modules (
  id uuid primary key default gen_random_uuid(), course_id uuid not null references courses on delete cascade,
  unit_id uuid not null references units on delete cascade, position int not null check (position > 0), context_notes text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
  unique (course_id, unit_id), unique (course_id, position) deferrable initially immediate);
create table unit_sections (
  id uuid primary key default gen_random_uuid(), unit_id uuid not null references units on delete cascade,
  title text not null, position int not null check (position > 0),
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
  unique (unit_id, position) deferrable initially immediate);
create table module_section_releases (
  course_module_id uuid not null references course_modules on delete cascade,
  section_id uuid not null references unit_sections on delete cascade,
  visible boolean not null, released_at timestamptz, released_by text not null,
  primary key (course_module_id, section_id),
  check ((visible and released_at is not null) or (not visible and released_at is null)));
create table unit_materials (
  id uuid primary key default gen_random_uuid(), unit_id uuid not null references units on delete cascade,
  section_id uuid not null references unit_sections on delete cascade, title text not null, body_md text not null,
  position int not null check (position > 0), kind text not null default 'markdown' check (kind in ('markdown', 'file')),
  storage_key text, filename_original text, mime_type text, size_bytes int, sha256 text, alt_text text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
  unique (section_id, position) deferrable initially immediate,
  constraint unit_materials_file check (
    (kind = 'markdown' and num_nonnulls(storage_key, filename_original, mime_type, size_bytes, sha256) = 0)
    or (kind = 'file' and num_nulls(storage_key, filename_original, mime_type, size_bytes, sha256) = 0
        and size_bytes > 0 and sha256 ~ '^[0-9a-f]{64}$')));
create unique index unit_materials_storage_key on unit_materials (storage_key) where storage_key is not null;
create table unit_tasks (
  id uuid primary key default gen_random_uuid(), unit_id uuid not null references units on delete cascade,
  section_id uuid not null references unit_sections on delete cascade,
  instruction_md text not null check (btrim(instruction_md) <> ''),
  criteria text[] not null default '{}'
    constraint unit_tasks_criteria check (cardinality(criteria) <= 10 and not ('' = any (criteria))),
  hints_md text, due_at timestamptz, max_attempts int check (max_attempts > 0), position int not null check (position > 0),
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
  unique (section_id, position) deferrable initially immediate);
create table learning_submissions (
  id uuid primary key default gen_random_uuid(), course_id uuid not null references courses on delete cascade,
  task_id uuid not null references unit_tasks on delete cascade, student_sub text not null,
  kind text not null check (kind in ('text', 'image', 'file')), text_body text, storage_key text, mime_type text,
  size_bytes int check (size_bytes between 1 and 10485760), sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  attempt_nr int not null, analysis_status text not null default 'pending'
    check (analysis_status in ('pending', 'extracted', 'completed', 'failed')),
  analysis_json jsonb, feedback_md text, error_code text, idempotency_key text check (length(idempotency_key) <= 64),
  created_at timestamptz not null default now(), completed_at timestamptz,
  vision_attempts int not null default 0, internal_metadata jsonb not null default '{}',
  unique (course_id, task_id, student_sub, attempt_nr), unique (course_id, task_id, student_sub, idempotency_key),
  constraint learning_submissions_kind check (
    (kind = 'text' and text_body is not null and num_nonnulls(storage_key, mime_type, size_bytes, sha256) = 0)
    or (kind = 'image' and mime_type in ('image/jpeg', 'image/png') and num_nulls(storage_key, size_bytes, sha256) = 0)
    or (kind = 'file' and mime_type = 'application/pdf' and num_nulls(storage_key, size_bytes, sha256) = 0)));
-- What waits for the analysis of a submission; a migration adds none.
create table learning_submission_jobs (
  id uuid primary key default gen_random_uuid(), submission_id uuid not null references learning_submissions on delete cascade,
  payload jsonb not null default '{}', status text not null default 'queued', retry_count int not null default 0);

create function set_updated_at() returns trigger language plpgsql as $$ begin new.updated_at = now(); return new; end $$;
create trigger courses_touch before update on courses for each row execute function set_updated_at();
create trigger units_touch before update on units for each row execute function set_updated_at();
create trigger course_modules_touch before update on course_modules for each row execute function set_updated_at();
create trigger unit_sections_touch before update on unit_sections for each row execute function set_updated_at();
create trigger unit_tasks_touch before update on unit_tasks for each row execute function set_updated_at();
create function unit_of_section() returns trigger language plpgsql as $$
begin
  if new.unit_id is distinct from (select s.unit_id from unit_sections s where s.id = new.section_id) then
    raise exception 'the section is of another unit' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger unit_tasks_unit before insert or update on unit_tasks for each row execute function unit_of_section();
create trigger unit_materials_unit before insert or update on unit_materials for each row execute function unit_of_section();
create function tell_submission() returns trigger language plpgsql as $$
begin perform pg_notify('learning_submissions', new.id::text); return null; end $$;
create trigger learning_submissions_tell after insert or update of analysis_status, completed_at on learning_submissions
  for each row execute function tell_submission();
