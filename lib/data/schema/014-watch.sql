-- The last reading of the figures that a definition watches on the platform (C4): whether the next wave waits
-- for them, since when, and because of which. Figures only.
alter table wavegate.legacy_import_runs add column if not exists watching jsonb;
