-- What stands for a key that is not shown (W14, D20). There are few enough numbers and addresses to try them all against
-- a plain digest, so it is one under two secret keys of this database (NMAC with SHA-256), which no role reads: made once,
-- and kept with the rows that were staged by it. Without them a later run would not know what an earlier one moved.
create table if not exists wavegate.key_secret (
  one       boolean primary key default true check (one),
  inner_key bytea not null,
  outer_key bytea not null
);

-- How a run stands for keys: `whole`, for every one that says who somebody is; `keyed`, where earlier runs of its migration
-- staged those as they are that say so by what other kinds of things read; `shown`, where only what is shown is, as earlier
-- runs of its migration staged plain digests: its rows have to be known by what earlier ones staged. `plain`, of before
-- there was a secret, as its sign-offs and bundles are.
alter table wavegate.legacy_import_runs add column if not exists key_digests text not null default 'plain'
  check (key_digests in ('whole', 'keyed', 'shown', 'plain'));
do $$ begin
  if (select pg_get_constraintdef(c.oid) not like '%whole%' from pg_constraint c
       where c.conrelid = 'wavegate.legacy_import_runs'::regclass and c.conname = 'legacy_import_runs_key_digests_check') then
    alter table wavegate.legacy_import_runs drop constraint legacy_import_runs_key_digests_check,
      add constraint legacy_import_runs_key_digests_check check (key_digests in ('whole', 'keyed', 'shown', 'plain'));
  end if;
end $$;

-- Not a second time: rows that were staged under another secret would be known by nothing.
insert into wavegate.key_secret (inner_key, outer_key)
select (select string_agg(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), ''::bytea)
          from generate_series(1, 2)),
       (select string_agg(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), ''::bytea)
          from generate_series(1, 2))
 where not exists (select from wavegate.legacy_import_runs r where r.key_digests <> 'plain')
on conflict do nothing;

create or replace function wavegate.choose_key_digests() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  new.key_digests := (
    select case when bool_or(r.key_digests in ('shown', 'plain')) then 'shown'
                when bool_or(r.key_digests = 'keyed') then 'keyed' else 'whole' end
      from wavegate.legacy_import_runs r
     where r.migration = new.migration and r.trial is null
       and (r.status <> 'rolled_back' or exists (
             select from wavegate.legacy_import_commit_logs l where l.run_id = r.id and l.rolled_back_at is null)));
  return new;
end $$;
create or replace trigger key_digests_chosen before insert on wavegate.legacy_import_runs
  for each row execute function wavegate.choose_key_digests();

-- For the functions below alone; null where the secret is gone. What it is of is part of it: what one of them says is nothing to try the other by.
create or replace function wavegate.keyed_digest(what text, value text) returns text
language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  secret wavegate.key_secret;
begin
  select k.* into secret from wavegate.key_secret k;
  return 'key:' || encode(sha256(secret.outer_key || sha256(secret.inner_key || convert_to(what || E'\n' || value, 'UTF8'))), 'hex');
end $$;

-- What stands for a key of the source that says who somebody is, or that a text cannot hold: of its digest.
create or replace function wavegate.staged_key(digests text, digest text) returns text
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  staged text := case when digests in ('whole', 'keyed') then wavegate.keyed_digest('key of the source', digest) else digest end;
begin
  if staged is null then
    raise exception 'the secret in wavegate.key_secret is gone, and no row is known without it: take it from a backup'
      using errcode = 'integrity_constraint_violation';
  end if;
  return staged;
end $$;

-- A key of the platform's as a run shows it: one with an `@` in it may be somebody's address. Where the secret is gone none
-- is told from another: what is taken back does not wait for it.
create or replace function wavegate.shown_key(run uuid, key text) returns text
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  if strpos(key, '@') = 0 then return key; end if;
  return case (select r.key_digests from wavegate.legacy_import_runs r where r.id = run)
    when 'plain' then 'sha256:' || encode(sha256(convert_to(key, 'UTF8')), 'hex')
    else coalesce(wavegate.keyed_digest('shown key', key), 'key:?') end;
end $$;

-- A key of the source's as a run shows it, which a run of before showed as it stood.
create or replace function wavegate.shown_source_key(run uuid, key text) returns text
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  return case (select r.key_digests from wavegate.legacy_import_runs r where r.id = run)
    when 'plain' then key else wavegate.shown_key(run, key) end;
end $$;

-- The two above take any text, so that whoever may call them can try keys by them: what exports alone may. Whoever else
-- shows a key names the entry of the ledger, or the staged row, that has it.
create or replace function wavegate.shown_target(entry bigint) returns text
language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select coalesce(l.target_id::text, wavegate.shown_key(l.run_id, (
           select case count(*) when 1 then min(part.value) else l.target_key::text end from jsonb_each_text(l.target_key) part)))
    from wavegate.legacy_import_commit_logs l where l.id = entry
$$;

create or replace function wavegate.shown_row(run uuid, staged bigint) returns text
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  key text;
begin
  execute format('select legacy_id::text from wavegate.%I where run_id = $1 and id = $2', wavegate.staging_of(run, staged))
     into key using run, staged;
  return wavegate.shown_source_key(run, key);
end $$;

-- Previews of before held the keys of rows as they stand.
update wavegate.rollback_previews p
   set found = jsonb_set(p.found, '{conflicts}', (
         select jsonb_agg(case when jsonb_typeof(c.value -> 'id') = 'string'
                  then c.value || jsonb_build_object('id', wavegate.shown_key(p.run_id, c.value ->> 'id')) else c.value end order by c.n)
           from jsonb_array_elements(p.found -> 'conflicts') with ordinality c (value, n)))
 where p.found ->> 'conflicts' like '%@%';
