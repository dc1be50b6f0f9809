-- The role that the platform is read by: a login that may select what the migration reads, and nothing else. Run as an
-- administrator; preflight refuses a role that may do more. Give it a password of its own.
CREATE ROLE platform_reader LOGIN PASSWORD 'change-this';
GRANT SELECT ON users, communities, community_course_links, enrollments, community_posts, community_post_comments,
  certificates TO platform_reader;
