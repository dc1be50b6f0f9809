-- What whoever started a run said of it, by the names of its definition's settings: moments, as ISO 8601 in UTC.
alter table wavegate.legacy_import_runs add column if not exists settings jsonb not null default '{}';
