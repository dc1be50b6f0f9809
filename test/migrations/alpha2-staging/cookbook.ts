import { literal } from "../../../lib/data/sql.ts";
import type { School } from "../../../scripts/school/school.ts";

/** What the cookbook makes of a restored dump by hand: its tables `staging.*`, some of them without a key. */
export const cookbook = ({ tables }: School): string => `
create schema staging;
create table staging.users (id uuid primary key, sub text not null);
create table staging.courses (id uuid primary key, title text not null, creator_id uuid not null);
create table staging.course_students (course_id uuid, student_id uuid, created_at timestamptz);
create table staging.learning_units (id uuid primary key, title text not null, description text, creator_id uuid not null);
create table staging.unit_sections (id uuid primary key, unit_id uuid not null, title text not null, order_in_unit int);
create table staging.course_unit_assignments (course_id uuid, unit_id uuid, position int);
create table staging.section_releases (course_id uuid, unit_id uuid, section_id uuid, visible boolean, released_at timestamptz);
create table staging.materials_json (id uuid, section_id uuid, kind text, title text, body_md text, storage_key text, mime_type text,
  size_bytes bigint, sha256 text, position int, created_at timestamptz, legacy_url text);
create table staging.tasks_base (id uuid, instruction_md text, assessment_criteria jsonb, hints_md text);
create table staging.tasks_regular (id uuid, section_id uuid, order_in_section int, max_attempts int, created_at timestamptz);
create table staging.submissions (id uuid primary key, task_id uuid not null, student_sub text not null, kind text not null, text_body text,
  storage_key text, mime_type text, size_bytes bigint, sha256 text, created_at timestamptz);

create temp table subs as select s.legacy_id::uuid as legacy_id, s.sub
  from jsonb_to_recordset(${literal(JSON.stringify(tables.user_subs ?? []))}::jsonb) s(legacy_id text, sub text);
insert into staging.users select u.id, coalesce(s.sub, 'legacy:' || u.id) from auth.users u left join subs s on s.legacy_id = u.id;
insert into staging.courses select id, name, creator_id from course;
insert into staging.course_students select course_id, student_id, enrolled_at from course_student;
-- One stands there twice, since another day.
insert into staging.course_students select course_id, student_id, enrolled_at + interval '3 days' from course_student order by 1, 2 limit 1;
insert into staging.learning_units select id, title, null, creator_id from learning_unit;
insert into staging.unit_sections select id, unit_id, coalesce(title, ''), order_in_unit from unit_section;
insert into staging.course_unit_assignments
select course_id, unit_id, row_number() over (partition by course_id order by assigned_at, unit_id) from course_learning_unit_assignment;
insert into staging.section_releases
select r.course_id, s.unit_id, r.section_id, r.is_published, r.published_at
  from course_unit_section_status r left join unit_section s on s.id = r.section_id;
insert into staging.materials_json
select case when m ->> 'id' ~ '^[0-9a-f-]{36}$' then (m ->> 'id')::uuid else gen_random_uuid() end, s.id, m ->> 'type', m ->> 'title',
       case when m ->> 'type' <> 'link' then m ->> 'content' end, m ->> 'path', m ->> 'mime_type', (m ->> 'size')::bigint, m ->> 'sha256',
       n, s.created_at, case when m ->> 'type' = 'link' then m ->> 'content' end
  from unit_section s cross join lateral jsonb_array_elements(
         case when jsonb_typeof(s.materials) = 'array' then s.materials else '[]' end) with ordinality i(m, n)
 where jsonb_typeof(m) = 'object';
insert into staging.tasks_base
select id, instruction, coalesce(to_jsonb(r.grading_criteria), b.assessment_criteria), coalesce(r.solution_hints, b.solution_hints)
  from task_base b join regular_tasks r on r.task_id = b.id;
insert into staging.tasks_regular
select b.id, b.section_id, r.order_in_section, r.max_attempts, b.created_at from task_base b join regular_tasks r on r.task_id = b.id;
-- Half of the answers were mapped to new names, the others name the old id still.
insert into staging.submissions
select b.id, b.task_id, case when right(b.student_id::text, 1) < '5' then coalesce(s.sub, b.student_id::text) else b.student_id::text end,
       case when d ->> 'file_path' is null then 'text' when d ->> 'file_type' = 'pdf' then 'file' else 'image' end,
       d ->> 'text', d ->> 'file_path',
       case d ->> 'file_type' when 'pdf' then 'application/pdf' when 'png' then 'image/png' when 'webp' then 'image/webp' else 'image/jpeg' end,
       null, null, b.submitted_at
  from submission b left join subs s on s.legacy_id = b.student_id
       cross join lateral (select case when jsonb_typeof(b.submission_data) = 'object' then b.submission_data else '{}' end as d) o`;
