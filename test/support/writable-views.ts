/**
 * Lets tests write through the views of D30, as short as they would be thought: what they say lands in
 * the two tables behind them, in as many statements as tables are concerned. The product itself never
 * writes through a view.
 */
export const writableViews = (source: string, decisions: string): string => `
create or replace function wavegate.write_columns(target regclass, id_column text, before jsonb, after jsonb)
returns void language plpgsql as $$
declare changed text;
begin
  select string_agg(format('%I = v.%I', a.attname, a.attname), ', ') into changed
    from pg_attribute a
   where a.attrelid = target and a.attnum > 0 and not a.attisdropped
     and a.attname not in ('id', 'run_id', 'staged_id') and after ? a.attname
     and after -> a.attname is distinct from before -> a.attname;
  if changed is not null then
    execute format('update %s t set %s from jsonb_populate_record(null::%s, $1) v where t.run_id = $2 and t.%I = $3',
                   target, changed, target, id_column)
      using after, (after ->> 'run_id')::uuid, (after ->> 'id')::bigint;
  end if;
end $$;

create or replace function wavegate.write_staged_row() returns trigger language plpgsql as $$
declare
  before jsonb := '{}';
  after jsonb;
  names text[];
begin
  if tg_op = 'DELETE' then
    delete from ${source} where run_id = old.run_id and id = old.id;
    delete from ${decisions} where run_id = old.run_id and staged_id = old.id;
    return old;
  end if;
  if new.id is null then new.id := nextval(pg_get_serial_sequence('${source}', 'id')); end if;
  after := to_jsonb(new);
  if tg_op = 'UPDATE' then before := to_jsonb(old); end if;
  if after -> 'email_normalized' is distinct from before -> 'email_normalized' then
    after := after || jsonb_build_object('email_candidate', new.email_normalized);
  end if;
  if new.raw_payload is not null and new.raw_payload is distinct from before -> 'raw_payload' then
    insert into wavegate.source_columns (run_id, source_table, columns)
    values (new.run_id, new.source_table, array(select jsonb_object_keys(new.raw_payload)))
    on conflict do nothing;
    select columns into names from wavegate.source_columns c
     where c.run_id = new.run_id and c.source_table = new.source_table;
    after := after || jsonb_build_object('raw_values',
      array(select new.raw_payload ->> name
              from unnest(names) with ordinality n(name, place) order by place)::text);
  end if;
  if tg_op = 'INSERT' then
    insert into ${source} (id, run_id) overriding system value values (new.id, new.run_id);
    insert into ${decisions} (run_id, staged_id) values (new.run_id, new.id);
    after := jsonb_strip_nulls(after);
  elsif old.run_id <> new.run_id or old.id <> new.id then
    raise exception 'the key of a staged row stays';
  elsif before = after then
    -- A statement that changes nothing is a statement all the same.
    update ${source} set full_name = full_name where run_id = new.run_id and id = new.id;
  end if;
  perform wavegate.write_columns('${source}', 'id', before, after);
  perform wavegate.write_columns('${decisions}', 'staged_id', before, after);
  return new;
end $$;

create or replace function wavegate.write_training() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    update ${decisions} set session_type = null, import_action = null
     where run_id = old.run_id and staged_id = old.student_import_id;
    return old;
  end if;
  update ${decisions} set session_type = new.session_type, import_action = new.import_action
   where run_id = new.run_id and staged_id = new.student_import_id;
  return new;
end $$;

create or replace trigger write_staged_row instead of insert or update or delete
  on wavegate.legacy_student_imports for each row execute function wavegate.write_staged_row();
create or replace trigger write_training instead of insert or update or delete
  on wavegate.legacy_training_imports for each row execute function wavegate.write_training();
`;
