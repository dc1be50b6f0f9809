-- What the role needs by which the endpoint looks at the platform: it writes nothing but its own count of requests.
-- Run as an administrator, after the set-up of the database; `activity_reader` is a login of the platform's own.
GRANT USAGE ON SCHEMA wavegate TO activity_reader;
GRANT SELECT ON wavegate.features TO activity_reader;
GRANT EXECUTE ON FUNCTION wavegate.count_request(text) TO activity_reader;
GRANT SELECT (id, role) ON users TO activity_reader;
GRANT SELECT ON personal_access_tokens, profile_activities TO activity_reader;
GRANT SELECT (id, name, slug, deleted_at) ON communities TO activity_reader;
