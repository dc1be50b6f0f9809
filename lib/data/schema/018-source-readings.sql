-- What was read of an account by its API, for the ranges of an import to be read from: one picture of an account that
-- gives none, which every function sees. It holds people, and goes when those of a run of the connection are erased.
create table if not exists wavegate.source_readings (
  connection text not null,
  name       text not null,                  -- a page, an export or the manifest of them
  piece      int not null,
  body       text not null,                  -- base64
  kept_at    timestamptz not null default now(),
  primary key (connection, name, piece)
);
