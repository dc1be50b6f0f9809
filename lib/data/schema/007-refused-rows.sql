-- Which of a wave's rows the platform refuses, and by what (D38). `try` writes the rows of a run ($1), or takes back
-- the entries of its ledger (D16), whose ids ($2) it is given; what fails is halved until the row is found, what passes stays for those behind
-- it, so that of two rows that exclude each other the later one is refused. In the end all of it is undone.
-- Where a guard of wavegate's speaks, nothing stays: what was taken piece by piece is tried once more, each piece with
-- all that was taken before it.
-- Names of constraints, columns and functions only: PostgreSQL's details quote the row.
create or replace function wavegate.refused_rows(try text, run uuid, rows jsonb) returns jsonb
language plpgsql as $$
declare
  ids bigint[] := array(select row::bigint from jsonb_array_elements_text(rows) with ordinality r(row, place) order by place);
  open int[] := array[1, cardinality(ids)];
  taken bigint[] := '{}'; together boolean := false; split boolean := false;
  refused jsonb := '[]';
  first int; last int; middle int;
  state text; named text; relation text; col text; context text;
  policy boolean; raised boolean;
  -- Unless the transaction says that what waits for its end is to be asked there.
  at_once boolean := coalesce(current_setting('wavegate.tried', true), '') <> 'at the end';
begin
  if cardinality(ids) = 0 then return refused; end if;
  begin
    loop
      while cardinality(open) > 0 loop
        first := open[cardinality(open) - 1];
        last := open[cardinality(open)];
        open := trim_array(open, 2);
        begin
          -- What would fail at the end of the transaction fails here: before a guard speaks behind the statement, too.
          if at_once then set constraints all immediate; end if;
          execute try using run, case when together then taken else '{}' end || ids[first:last];
          if at_once then set constraints all immediate; end if;
        exception when others then
          get stacked diagnostics state = returned_sqlstate, named = constraint_name, relation = table_name,
            col = column_name, context = pg_exception_context;
          -- The guards of changes and deletions speak behind the platform's own checks of these rows: they were taken.
          if state = 'WGCHG' or state = '23000' and named = 'wavegate.deleted_alone' then
            taken := taken || ids[first:last];
            continue;
          end if;
          split := true;
          policy := state = '42501' and sqlerrm like '%row-level security policy%';
          -- Codes that else speak of the session or of rights are the row's where a trigger says them.
          raised := state in ('42501', '55000') and context ~ '^PL/pgSQL function [^\n]* at RAISE';
          if not (policy or raised or wavegate.is_refusal(state)) then raise; end if;
          if first < last then
            middle := (first + last) / 2;
            open := open || array[middle + 1, last, first, middle];
          else
            refused := refused || jsonb_build_object('id', ids[first], 'by', coalesce(
              nullif(named, ''),
              case when col <> '' then format('%s.%s must not be null', relation, col) end,
              case when policy then 'a policy of row-level security (42501)' end,
              substring(context from 'PL/pgSQL function (?!wavegate\.refused_rows)([^ (]+)(?:\([^)]*\))? line') || ' (' || state || ')',
              case when state = '22001' then 'a text is too long (22001)' else format('SQLState %s', state) end));
          end if;
        end;
      end loop;
      exit when together or not split or cardinality(taken) = 0;
      ids := taken;
      open := array[1, cardinality(ids)];
      taken := '{}';
      together := true;
    end loop;
    raise exception 'undone' using errcode = 'WGUND';
  exception when sqlstate 'WGUND' then null;
  end;
  return refused;
end $$;

-- Whether an error says something about the row that was written, and not about the database, the session
-- or the statement: data, constraints, and whatever triggers raise, under codes of their own too.
create or replace function wavegate.is_refusal(state text) returns boolean language sql immutable as $$
  select left(state, 2) in ('09', '20', '21', '22', '23', '27', '38', '39', '44', '45', 'P0') or state = '54000'
      or (state ~ '^[5-9I-Z]' and left(state, 2) not in ('53', '54', '55', '57', '58', '72', 'P0', 'XX'))
$$;
