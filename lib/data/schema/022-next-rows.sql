-- From where on waves look for the rows that they take, of each kind: before it nothing is open, that is planned to be
-- written and not written. Indexes have rows that were written as well, so that neither a commit nor its undoing writes
-- one; a wave begins behind them. Kept by the database as rows change, whoever changes them: what is opened again lowers
-- it in the same transaction. Where nothing is noted, or 0, a wave begins at the first row, which is always right.
create table if not exists wavegate.next_rows (
  run_id  uuid not null,
  staging text not null,         -- the table of what was decided
  kind    text not null,         -- what its rows are classified as
  starts  bigint not null default 0,
  primary key (run_id, staging, kind)
);

create or replace function wavegate.note_next_rows() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  changed record;
begin
  for changed in
    select a.run_id, a.classification as kind, bool_or(a.import_state in ('committed', 'linked')) as written,
           min(a.staged_id) filter (where a.planned in ('commit', 'link', 'update')
                                      and a.import_state in ('pending', 'rolled_back')) as opened
      from added a where a.classification is not null group by 1, 2 order by 1, 2
  loop
    continue when changed.opened is null and not changed.written;
    -- First of all, so that of two who change rows at once the later one finds it.
    insert into wavegate.next_rows (run_id, staging, kind) values (changed.run_id, tg_table_name, changed.kind)
    on conflict do nothing;
    if changed.opened is not null then
      -- Written where it is low enough as well: who raises it meanwhile waits for this, and fails where it sees one moment.
      update wavegate.next_rows n set starts = least(n.starts, changed.opened)
       where n.run_id = changed.run_id and n.staging = tg_table_name and n.kind = changed.kind;
    end if;
    if changed.written then
      -- Who opened a row is waited for, and that row is seen; who opens one later lowers it behind this.
      perform from wavegate.next_rows n
        where n.run_id = changed.run_id and n.staging = tg_table_name and n.kind = changed.kind for update;
      execute format($raise$
        update wavegate.next_rows n
           set starts = coalesce((select d.staged_id from wavegate.%I d
                                   where d.run_id = $1 and d.classification = %L and d.planned in ('commit', 'link', 'update')
                                     and d.import_state in ('pending', 'rolled_back') and d.staged_id >= n.starts
                                   order by d.staged_id limit 1), 9223372036854775807)
         where n.run_id = $1 and n.staging = $2 and n.kind = $3$raise$, tg_table_name, changed.kind)
        using changed.run_id, tg_table_name, changed.kind;
    end if;
  end loop;
  return null;
end $$;

-- Has the waves of a run begin at the first row again.
create or replace function wavegate.next_from_start(run uuid) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  with lowered as (update wavegate.next_rows n set starts = 0 where n.run_id = run and n.starts > 0 returning 1)
  select count(*) from lowered
$$;
