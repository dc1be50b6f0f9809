-- Whether an execution waits for the answer: for whoever may not read the token, sealed as it is.
alter table wavegate.sign_offs add column if not exists awaited boolean generated always as (token is not null) stored;

-- Whoever may write no sign-off may still withdraw what rests on rows that are no more (R17): a stage does,
-- and nothing is approved by it.
create or replace function wavegate.void_sign_offs(run uuid, because text, which text) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  voided int;
begin
  update wavegate.sign_offs s set status = 'voided', void_because = because
   where s.run_id = run and s.status in ('approved', 'pending')
     and (which = 'all' or s.status = 'pending' or (which = 'after_first_wave' and s.gate <> 'first_wave'));
  get diagnostics voided = row_count;
  return voided;
end $$;
