-- Which of a wave's rows the platform refuses, and by what (D38). `try` writes the rows of a run ($1), or takes back
-- the entries of its ledger (D16), whose ids ($2) it is given; what fails is halved until the row is found, what passes stays for those behind
-- it, so that of two rows that exclude each other the later one is refused. In the end all of it is undone.
-- Of a first half that passes the other one is what fails, and is not tried whole again; and where more than every third
-- row is refused what fails is tried row by row: of n rows that are all refused that is n and a few tries, of one that is
-- refused among n about log n.
-- Where a guard of wavegate's speaks, nothing stays: what was taken piece by piece is tried once more, each piece with
-- all that was taken before it.
-- Names of constraints, columns and functions only, as the catalogue has them: PostgreSQL's details quote the row, and
-- so may what a trigger calls a constraint. What is left out in silence the statement that tries says itself.
create or replace function wavegate.refused_rows(try text, run uuid, rows jsonb) returns jsonb
language plpgsql as $$
declare
  -- A piece of which nothing is known, the first half of one that failed, and one that fails, as that half passed.
  plain constant int := 0; half constant int := 1; failing constant int := 2;
  ids bigint[] := array(select row::bigint from jsonb_array_elements_text(rows) with ordinality r(row, place) order by place);
  -- Pieces of `ids` that are to be tried, the next one last: from, to, and what is known of it.
  open int[] := array[1, cardinality(ids), plain];
  taken bigint[] := '{}'; together boolean := false; split boolean := false;
  refused jsonb := '[]';
  first int; last int; middle int; piece int; fails boolean;
  -- Rows of which it is known by now, and those of them that are refused.
  decided int := 0; found int := 0;
  state text; named text; relation text; col text; context text;
  policy boolean; raised boolean; silent boolean;
  -- Unless the transaction says that what waits for its end is to be asked there.
  at_once boolean := coalesce(current_setting('wavegate.tried', true), '') <> 'at the end';
begin
  if cardinality(ids) = 0 then return refused; end if;
  begin
    loop
      while cardinality(open) > 0 loop
        first := open[cardinality(open) - 2];
        last := open[cardinality(open) - 1];
        piece := open[cardinality(open)];
        open := trim_array(open, 3);
        fails := piece = failing and first < last;
        if not fails then begin
          -- What would fail at the end of the transaction fails here: before a guard speaks behind the statement, too.
          if at_once then set constraints all immediate; end if;
          execute try using run, case when together then taken else '{}' end || ids[first:last];
          if at_once then set constraints all immediate; end if;
        -- A trigger's assertion is none of the others, nor what it raises as if somebody had cancelled the statement.
        exception when others or assert_failure or query_canceled then
          get stacked diagnostics state = returned_sqlstate, named = constraint_name, relation = table_name,
            col = column_name, context = pg_exception_context;
          -- What a function of the platform's says, under whichever code, it says of the row.
          raised := context ~ '^PL/pgSQL function (?!wavegate\.)[^\n]* at RAISE';
          -- The guards of changes and deletions speak behind the platform's own checks of these rows: they were taken.
          if not raised and (state = 'WGCHG' or state = '23000' and named = 'wavegate.deleted_alone') then
            taken := taken || ids[first:last];
          else
            split := true;
            fails := true;
            policy := state = '42501' and sqlerrm like '%row-level security policy%';
            silent := state = 'WGOUT' and context like 'PL/pgSQL function wavegate.say_left_out(%';
            if not (policy or raised or wavegate.is_refusal(state)) then raise; end if;
            if first = last then
              refused := refused || jsonb_build_object('id', ids[first], 'by', coalesce(
                case when silent or exists (select from pg_constraint k where k.conname = named)
                       or exists (select from pg_class i where i.relname = named and i.relkind in ('i', 'I'))
                       or named <> '' and exists (select from pg_proc p where position(quote_literal(named) in p.prosrc) > 0)
                  then named end,
                case when state = '23502' and exists (
                  select from pg_attribute a join pg_class r on r.oid = a.attrelid where r.relname = relation and a.attname = col)
                  then format('%s.%s must not be null', relation, col) end,
                case when state = '23514' and exists (select from pg_class r where r.relname = relation and r.relkind = 'p')
                  then format('no partition of %s takes it (23514)', relation) end,
                case when policy then 'a policy of row-level security (42501)' end,
                substring(context from 'PL/pgSQL function (?!wavegate\.refused_rows)([^ (]+)(?:\([^)]*\))? line') || ' (' || state || ')',
                case when state = '22001' then 'a text is too long (22001)' else format('SQLState %s', state) end));
            end if;
          end if;
        end; end if;
        if not fails then
          decided := decided + last - first + 1;
          if piece = half then open[cardinality(open)] := failing; end if;
        elsif first = last then
          decided := decided + 1;
          found := found + 1;
        elsif decided > 3 and found * 3 > decided then
          open := open || array(select unnest(array[n, n, plain]) from generate_series(last, first, -1) n);
        else
          middle := (first + last) / 2;
          open := open || array[middle + 1, last, plain, first, middle, half];
        end if;
      end loop;
      exit when together or not split or cardinality(taken) = 0;
      ids := taken;
      open := array[1, cardinality(ids), plain];
      taken := '{}';
      together := true;
      decided := 0;
      found := 0;
    end loop;
    raise exception 'undone' using errcode = 'WGUND';
  exception when sqlstate 'WGUND' then null;
  end;
  return refused;
end $$;

-- Ends a trial of rows of which one is left out, by the name of what leaves it out; an empty one ends nothing.
create or replace function wavegate.say_left_out(by text) returns void language plpgsql as $$
begin
  if by <> '' then raise exception 'left out' using errcode = 'WGOUT', constraint = by; end if;
end $$;

-- Whether an error says something about the row that was written, and not about the database, the session
-- or the statement: data, constraints, and whatever triggers raise, under codes of their own too. A sequence that gave out
-- its last number (2200H) refuses every row.
create or replace function wavegate.is_refusal(state text) returns boolean language sql immutable as $$
  select left(state, 2) in ('09', '20', '21', '22', '23', '27', '38', '39', '44', '45', 'P0') and state <> '2200H' or state = '54000'
      or (state ~ '^[5-9I-Z]' and left(state, 2) not in ('53', '54', '55', '57', '58', '72', 'P0', 'XX'))
$$;
