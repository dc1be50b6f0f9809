-- A platform in use, dirty as such platforms are: 40 communities, 20,000 enrolments, and what live code wrote meanwhile.
-- Rows are made by formulas, so that the sample is the same whenever it is loaded; what is planted on purpose stands in
-- lines of its own, and `outcomes.csv` beside this file says by hand what must become of it.
-- After `SET sample.size = 'small'` there are fewer rows of the formulas, and all that are planted.
CREATE TEMP TABLE sample AS
SELECT CASE WHEN small THEN 600 ELSE 19950 END AS enrolments, CASE WHEN small THEN 200 ELSE 2000 END AS posts,
       CASE WHEN small THEN 2200 ELSE 6986 END AS comments, CASE WHEN small THEN 100 ELSE 1200 END AS certificates
  FROM (SELECT coalesce(current_setting('sample.size', true), '') = 'small' AS small) asked;

-- 3,800 students; 3,901 to 3,960 are those of the planted rows; staff; 9,001 to 9,010 are no longer there.
INSERT INTO users (id, role, email, status, name, password, created_at, updated_at)
SELECT n, 'student', 'student' || n || '@example.org', 1, 'Student ' || n, '-', '2022-01-01Z'::timestamptz + n * interval '1 hour', '2024-01-01Z'
  FROM generate_series(1, 3960) n WHERE n <= 3800 OR n > 3900;
INSERT INTO users (id, role, email, status, name, password, created_at, updated_at)
SELECT n, CASE WHEN n <= 4040 THEN 'instructor' ELSE 'admin' END, 'staff' || n || '@example.org', 1, 'Staff ' || n, '-', '2021-01-01Z', '2024-01-01Z'
  FROM generate_series(4001, 4050) n;
-- The token of user N is the SHA-256 of "token-N".
INSERT INTO personal_access_tokens (tokenable_id, token, expires_at)
SELECT n, encode(sha256(convert_to('token-' || n, 'UTF8')), 'hex'), CASE WHEN n = 5 THEN '2020-01-01Z'::timestamptz END
  FROM generate_series(1, 200) n;

-- A category that somebody edited by hand, and levels and rules of single communities beside those of all.
INSERT INTO community_categories (id, slug, name, color_hex, sort_order, created_at, updated_at) VALUES
  (1, 'general', 'Everything else', '#123456', 9, '2023-01-01Z', '2024-05-05Z'),
  (2, 'alumni', 'Alumni', '#ea580c', 4, '2023-01-01Z', '2023-01-01Z');

-- 33 to 37 link no course, 31 and 32 only such as name none, 38 to 40 are deleted; 12 is full.
INSERT INTO communities (id, slug, name, category_id, created_by, max_members, settings, created_at, updated_at, deleted_at)
SELECT n, 'community-' || n, 'Community ' || n, CASE WHEN n % 2 = 0 THEN 1 END, 4041, CASE WHEN n = 12 THEN 10 END,
       CASE WHEN n = 13 THEN '{"classroom_links": {"113": {"course_id": 113}}}'       -- written by SQL, unencrypted
            WHEN n IN (14, 15) THEN '{"v": 1, "ciphertext": "list"}'
            WHEN n IN (31, 32) THEN '{"v": 1, "ciphertext": "list without course_id"}'
            WHEN n <= 40 THEN '{"v": 1, "ciphertext": "map"}' END::jsonb,
       '2023-01-01Z'::timestamptz + n * interval '1 day', '2024-01-01Z', CASE WHEN n >= 38 THEN '2025-01-01Z'::timestamptz END
  FROM generate_series(1, 40) n;
INSERT INTO community_course_links (community_id, course_id, default_role, visibility, added_at, source)
SELECT n, 100 + n,
       CASE n WHEN 5 THEN 'TA' WHEN 6 THEN ' Teacher' WHEN 7 THEN 'OWNER' WHEN 8 THEN 'teacher' WHEN 9 THEN 'assistant'
              WHEN 10 THEN NULL WHEN 11 THEN 'moderator' ELSE 'student' END,
       'member', '2024-01-01Z', 'classroom'
  FROM generate_series(1, 40) n WHERE n <= 30 OR n >= 38;
-- Two courses make members of community 1; course 301 of three communities.
INSERT INTO community_course_links (community_id, course_id, default_role, visibility, added_at, source) VALUES
  (1, 201, 'teacher', 'member', '2024-01-01Z', 'classroom'),
  (2, 301, 'student', 'member', '2024-01-01Z', 'classroom'),
  (3, 301, 'student', 'member', '2024-01-01Z', 'classroom'),
  (4, 301, 'assistant', 'member', '2024-01-01Z', 'classroom');
INSERT INTO community_levels (community_id, level, name, points_required) VALUES (3, 1, 'Sprout', 0), (NULL, 4, 'Champion', 2000);
INSERT INTO community_points_rules (community_id, action, points) VALUES (3, 'post', 25);

-- 19,950 enrolments by a formula: of courses 101 to 130, but every twentieth of one that no community links.
INSERT INTO enrollments (id, user_id, course_id, enrollment_type, entry_date, expiry_date, created_at, updated_at)
SELECT n, 1 + n * 37 % 3800, CASE WHEN n % 20 = 0 THEN 900 + n % 7 ELSE 101 + n * 7 % 30 END,
       CASE n % 3 WHEN 0 THEN 'paid' WHEN 1 THEN 'free' END, (1672531200 + n * 3600)::text,
       CASE n % 5 WHEN 0 THEN 1700000000 END, '2023-01-01Z'::timestamptz + n * interval '1 hour', '2024-01-01Z'
  FROM sample, generate_series(1, enrolments) n;
INSERT INTO enrollments (id, user_id, course_id, enrollment_type, entry_date, expiry_date, created_at, updated_at) VALUES
  (19951, NULL, 101, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19952, 0,    101, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19953, 9001, 101, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19954, 3901, NULL, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19955, 3902, 102, 'paid', '0', NULL, '2023-11-14Z', NULL),
  (19956, 3903, 102, 'paid', NULL, NULL, '2023-11-15 08:00Z', NULL),
  (19957, 3904, 102, 'paid', NULL, NULL, NULL, NULL),
  (19958, 3905, 102, 'paid', '2147483648', NULL, '2023-11-14Z', NULL),
  (19959, 3906, 102, 'paid', '2023-11-14T22:13:20Z', NULL, NULL, NULL),
  (19960, 3907, 102, 'paid', 'last autumn', NULL, '2023-11-14Z', NULL),
  (19961, 3908, 103, 'paid', '1700000300', NULL, '2023-11-14Z', NULL),
  (19962, 3908, 103, 'paid', '1700000200', NULL, '2023-11-14Z', NULL),
  (19963, 3908, 103, 'paid', '1700000100', NULL, '2023-11-14Z', NULL),
  (19964, 3909, 101, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19965, 3909, 201, 'paid', '1700000500', NULL, '2023-11-14Z', NULL),
  (19966, 3910, 103, 'paid', '1600000000', 1650000000, '2020-09-13Z', NULL),
  (19967, 3911, 103, 'paid', '1900000000', NULL, '2023-11-14Z', NULL),
  (19968, 3912, 107, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19969, 3913, 138, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19970, 3914, 133, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19971, 3915, 5,   'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19972, 3916, 105, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19973, 3917, 106, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19974, 3918, 301, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19975, 3921, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19976, 3922, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19977, 3923, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19978, 3924, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19979, 3925, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19980, 3926, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19981, 3927, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19982, 3928, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19983, 3929, 104, 'paid', '1700000000', NULL, '2023-11-14Z', NULL),
  (19984, 3930, 108, 'paid', '1700000000', NULL, '2023-11-14Z', NULL);
INSERT INTO enrollments (id, user_id, course_id, enrollment_type, entry_date, created_at)
SELECT 19984 + n, 3940 + n, 112, 'paid', (1700000000 + n)::text, '2023-11-14Z' FROM generate_series(1, 16) n;

-- Who is a member already. 1700000000 is 2023-11-14 22:13:20.
INSERT INTO community_members (id, community_id, user_id, role, status, joined_at, metadata, created_at, updated_at, deleted_at) VALUES
  (1, 4, 3921, 'owner',     'active',  '2022-01-01Z', NULL, '2022-01-01Z', '2022-01-01Z', NULL),
  (2, 4, 3922, 'member',    'banned',  '2022-01-01Z', NULL, '2022-01-01Z', '2024-01-01Z', NULL),
  (3, 4, 3923, 'member',    'left',    '2022-01-01Z', NULL, '2022-01-01Z', '2023-01-01Z', NULL),
  (4, 4, 3924, 'member',    'left',    '2022-01-01Z', NULL, '2022-01-01Z', '2024-06-01Z', NULL),
  (5, 4, 3925, 'member',    'pending', '2024-01-01Z', NULL, '2024-01-01Z', '2024-01-01Z', NULL),
  (6, 4, 3926, 'moderator', 'active',  '2024-01-01Z', '{"theme": "dark"}', '2024-01-01Z', '2024-01-01Z', '2024-02-01Z'),
  (7, 4, 3927, 'member',    'active',  '2020-01-01Z', '{"theme": "dark", "backfill": {"note": "ours"}}', '2020-01-01Z', '2020-01-01Z', NULL),
  (8, 4, 3928, 'member',    'active',  '2024-01-01Z', '"null"', '2024-01-01Z', '2024-01-01Z', NULL),
  (9, 4, 3929, 'admin',     'active',  '2024-01-01Z', NULL, '2024-01-01Z', '2024-01-01Z', NULL),
  (10, 8, 3930, 'moderator', 'active', '2024-01-01Z', NULL, '2024-01-01Z', '2024-01-01Z', NULL);
INSERT INTO community_members (id, community_id, user_id, role, status, joined_at, created_at, updated_at)
SELECT 10 + n, 12, 3000 + n, 'member', 'active', '2022-01-01Z', '2022-01-01Z', '2022-01-01Z' FROM generate_series(1, 8) n;
SELECT setval(pg_get_serial_sequence('community_members', 'id'), 100);
INSERT INTO community_points_ledger (community_id, member_id, action, points_delta, balance_after, occurred_at) VALUES (4, 7, 'post', 10, 10, '2024-03-01Z');

-- 2,000 posts of which 1 to 8 are planted, 4,800 comments, 1,199 certificates.
INSERT INTO community_posts (id, community_id, author_id, type, body_md, visibility, published_at, created_at, updated_at)
SELECT n, 1 + n % 30, 1 + n * 13 % 3800, (ARRAY['text', 'image', 'link'])[1 + n % 3], 'Post ' || n, 'community',
       '2024-01-01Z'::timestamptz + n * interval '3 hours', '2024-01-01Z'::timestamptz + n * interval '3 hours', '2024-12-31Z'
  FROM sample, generate_series(9, posts) n;
INSERT INTO community_posts (id, community_id, author_id, body_md, is_archived, scheduled_at, published_at, expires_at, created_at, deleted_at) VALUES
  (1, 2, 1, 'A draft',            false, NULL, NULL, NULL, '2024-01-01Z', NULL),
  (2, 2, 1, 'Next week',          false, now() + interval '7 days', now() + interval '7 days', NULL, '2024-01-01Z', NULL),
  (3, 2, 1, 'Archived',           true,  NULL, '2024-01-02Z', NULL, '2024-01-01Z', NULL),
  (4, 2, 1, 'Expired',            false, NULL, '2024-01-02Z', '2024-02-01Z', '2024-01-01Z', NULL),
  (5, 2, 1, 'Deleted',            false, NULL, '2024-01-02Z', NULL, '2024-01-01Z', '2024-03-01Z'),
  (6, 38, 1, 'Community is gone', false, NULL, '2024-01-02Z', NULL, '2024-01-01Z', NULL),
  (7, 7, 1, 'Known to live code', false, NULL, '2024-01-02Z', NULL, '2024-01-01Z', NULL),
  (8, 2, 1, 'Without a time',     false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO community_post_comments (id, community_id, post_id, author_id, parent_id, body_md, created_at)
SELECT n, 1 + (9 + n % (posts - 10)) % 30, 9 + n % (posts - 10), 1 + n * 11 % 3800, CASE WHEN n % 10 = 0 THEN n - 1991 END, 'Comment ' || n, '2024-06-01Z'::timestamptz + n * interval '1 hour'
  FROM sample, generate_series(1991, comments) n WHERE n % 10 <> 0 OR n > 3990;
INSERT INTO community_post_comments (id, community_id, post_id, author_id, body_md, created_at, deleted_at) VALUES
  (1, 2, 5, 1, 'On a deleted post', '2024-01-03Z', NULL),
  (2, 2, 3, 1, 'Deleted',           '2024-01-03Z', '2024-01-04Z'),
  (3, 2, 3, 1, 'On an archived post', '2024-01-03Z', NULL),
  (4, 2, 3, 1, 'Without a time',    NULL, NULL);
INSERT INTO certificates (id, user_id, course_id, identifier, created_at)
SELECT n, 1 + n * 17 % 3800, 101 + n % 30, 'CERT-' || n, '2024-01-01Z'::timestamptz + n * interval '2 hours' FROM sample, generate_series(11, certificates) n;
INSERT INTO certificates (id, user_id, course_id, identifier, created_at) VALUES
  (1, 3931, NULL, 'CERT-1', '2024-01-01Z'),
  (2, 3931, 999,  'CERT-2', '2024-01-01Z'),
  (3, 3931, 301,  'CERT-3', '2024-01-01Z'),
  (4, 9002, 101,  'CERT-4', '2024-01-01Z'),
  (5, NULL, 101,  'CERT-5', '2024-01-01Z'),
  (6, 3932, 101,  'CERT-6', NULL),
  (7, 3933, 102,  'CERT-7', '2024-01-01Z'),
  (8, 3933, 102,  'CERT-8', '2024-02-01Z'),
  (9, 3934, 107,  'CERT-9', '2024-01-01Z');

-- What live code wrote: an entry of a post with a context of its own, one of a type that is not ours, and a completion
-- from before its course was linked.
INSERT INTO profile_activities (user_id, community_id, activity_type, subject_type, subject_id, idempotency_key, occurred_at, context, created_at) VALUES
  (1, 7, 'community_post.published', 'community_post', 7, '00108d4d456bb13f1fcbc2e360a1e5a7790887db', '2024-01-02Z', '{"title": "Launch"}', '2024-01-02Z'),
  (1, 7, 'community_comment.created', 'community_comment', 3, 'live-comment-3', '2024-01-03Z', '{"excerpt": "Great"}', '2024-01-03Z'),
  (3934, NULL, 'course.completed', 'certificate', 9, '78f61d9562ffafc6db9496b29c5cc94a1a8f3055', '2024-01-01Z', '{"course_id": 107}', '2024-01-01Z');
INSERT INTO replica_lag (replica, seconds) VALUES ('replica-1', 0.2), ('replica-2', 0.4);
SELECT setval(pg_get_serial_sequence(t, 'id'), 100000)
  FROM unnest(ARRAY['users', 'community_categories', 'communities', 'enrollments', 'community_posts', 'community_post_comments', 'certificates']) t;
DROP TABLE sample;
