-- The tables of the legacy platform that are read, as a restored dump has them. Made from facts about that
-- platform; what is not read (mastery, sessions, keys, leftovers of a split) is not here.
create schema if not exists auth;
create table auth.users (
  id uuid primary key, email varchar(255), encrypted_password varchar(255), created_at timestamptz);

create type user_role as enum ('student', 'teacher');
create table profiles (
  id uuid primary key references auth.users on delete cascade, role user_role not null, full_name text, email text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());

create table course (
  id uuid primary key, name text not null, creator_id uuid not null, created_by uuid,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table course_student (
  course_id uuid, student_id uuid, enrolled_at timestamptz not null default now(), primary key (course_id, student_id));
create table course_teacher (
  course_id uuid, teacher_id uuid, assigned_at timestamptz not null default now(), primary key (course_id, teacher_id));

create table learning_unit (
  id uuid primary key, title text not null, creator_id uuid not null,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table course_learning_unit_assignment (
  course_id uuid, unit_id uuid, assigned_at timestamptz not null default now(), primary key (course_id, unit_id));

-- order_in_unit counts from zero and names nothing alone; materials is an array, mostly.
create table unit_section (
  id uuid primary key, unit_id uuid not null, title text, order_in_unit int not null default 0, materials jsonb,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table course_unit_section_status (
  course_id uuid, section_id uuid, is_published boolean not null default false, published_at timestamptz,
  primary key (course_id, section_id));

create table task_base (
  id uuid primary key, section_id uuid, instruction text not null, task_type text, criteria text,
  assessment_criteria jsonb, solution_hints text, order_in_section int default 1,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table regular_tasks (
  task_id uuid primary key references task_base on delete cascade, order_in_section int not null default 1,
  max_attempts int default 1, prompt text, grading_criteria text[], solution_hints text);
create table mastery_tasks (task_id uuid primary key references task_base on delete cascade, prompt text);

create table submission (
  id uuid primary key, student_id uuid not null, task_id uuid not null, submitted_at timestamptz not null default now(),
  submission_data jsonb not null, attempt_number int not null default 1 check (attempt_number >= 1),
  ai_feedback text, teacher_override_feedback text, feed_back_text text, feed_forward_text text,
  feedback_status text default 'pending' check (feedback_status in ('pending', 'processing', 'completed', 'failed', 'retry')),
  ai_insights jsonb, feedback_generated_at timestamptz,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
  unique (student_id, task_id, attempt_number));
