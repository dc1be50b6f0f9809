-- The platform as it is before the migration: its seeded statuses, no tiers yet, and members of its own.
INSERT INTO "MembershipStatus" ("id", "code", "label", "isActive", "sortOrder", "createdAt", "updatedAt") VALUES
  ('5a7a0000-0000-4000-8000-000000000001', 'active', 'Active', true, 10, '2025-09-01', '2025-09-01'),
  ('5a7a0000-0000-4000-8000-000000000002', 'lapsed', 'Lapsed', false, 20, '2025-09-01', '2025-09-01'),
  ('5a7a0000-0000-4000-8000-000000000003', 'pending_new', 'Pending - New', false, 30, '2025-09-01', '2025-09-01'),
  ('5a7a0000-0000-4000-8000-000000000004', 'pending_renewal', 'Pending - Renewal', false, 40, '2025-09-01', '2025-09-01'),
  ('5a7a0000-0000-4000-8000-000000000005', 'suspended', 'Suspended', false, 50, '2025-09-01', '2025-09-01'),
  ('5a7a0000-0000-4000-8000-000000000006', 'not_a_member', 'Not a member', false, 60, '2025-09-01', '2025-09-01'),
  ('5a7a0000-0000-4000-8000-000000000007', 'unknown', 'Unknown', false, 70, '2025-09-01', '2025-09-01');
INSERT INTO "Member" ("id", "firstName", "lastName", "email", "phone", "joinedAt", "membershipStatusId", "createdAt", "updatedAt") VALUES
  ('3e3b0000-0000-4000-8000-000000000001', 'Olive', 'Webmaster', 'webmaster@club.example', NULL, '2019-04-01', '5a7a0000-0000-4000-8000-000000000001', '2025-09-01', '2025-09-01'),
  ('3e3b0000-0000-4000-8000-000000000002', 'Nora', 'Quill', 'nora.quill@club.example', '18055550142', '2021-02-03', '5a7a0000-0000-4000-8000-000000000001', '2025-09-01', '2025-09-01'),
  ('3e3b0000-0000-4000-8000-000000000003', 'Pat', 'Ibsen', 'pat.ibsen@club.example', NULL, '2022-06-11', '5a7a0000-0000-4000-8000-000000000002', '2025-09-01', '2025-09-01');
-- In the account as well: under another name and phone, in capitals, and just as here.
INSERT INTO "Member" ("id", "firstName", "lastName", "email", "phone", "joinedAt", "membershipStatusId", "waMembershipLevelRaw", "createdAt", "updatedAt")
  SELECT ('3e3b0000-0000-4000-8000-00000000010' || n)::uuid, 'Zoe', 'Before', 'on.platform.' || n || '@Club.example', '1805555017' || n,
         '2020-01-02', '5a7a0000-0000-4000-8000-000000000002', NULL, '2025-09-01', '2025-09-01' FROM generate_series(0, 5) n;
INSERT INTO "Event" ("id", "title", "startTime", "status", "createdAt", "updatedAt") VALUES
  ('e7e70000-0000-4000-8000-000000000002', 'spring FAIR', '2024-04-06 17:30:00', 'COMPLETED', '2025-09-01', '2025-09-01');
INSERT INTO "Event" ("id", "title", "startTime", "status", "createdAt", "updatedAt") VALUES
  ('e7e70000-0000-4000-8000-000000000001', 'Founders'' Dinner', '2024-05-18 01:00:00', 'COMPLETED', '2025-09-01', '2025-09-01');
