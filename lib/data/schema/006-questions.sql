-- A question is about rows as they were reviewed. The moment a run goes back to an earlier stage, be it
-- that a stage begins again or that somebody decided about a mapping, what is still open is withdrawn in
-- the same transaction (W7), whoever made that step: nobody answers a question about a state that is no more.
create or replace function wavegate.withdraw_questions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  update wavegate.sign_offs
     set status = 'voided', void_because = 'its rows are judged anew since it was asked'
   where run_id = new.id and status = 'pending';
  -- Nobody is waited for any more: `resume` judges again, and asks.
  if found and new.status = 'waiting' then
    new.status := 'paused';
  end if;
  return new;
end $$;

create or replace trigger withdraw_questions before update of stage on wavegate.legacy_import_runs
  for each row when (new.stage <> 'export-review') execute function wavegate.withdraw_questions();
