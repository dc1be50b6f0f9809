-- What the platform has before: one course of its own that the migration leaves alone.
insert into courses (id, title, teacher_id) values ('0f0f0f0f-0000-4000-8000-000000000001', 'Here before', 'teacher-1');
insert into units (id, title, author_id) values ('0f0f0f0f-0000-4000-8000-000000000003', 'Here before', 'teacher-1');
