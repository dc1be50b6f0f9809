import { identifier, literal } from "../../data/sql.ts";

/** A table of which a person says, row by row, what something is: what of it differs from others, as SQL. */
interface DecidedTable {
  /** The function's name, and the table's, in the schema `wavegate`. */
  readonly name: string;
  readonly table: string;
  /** The table's columns of what names a row, and of what it is said to be, and their types. */
  readonly id: string;
  readonly idType: string;
  readonly target: string;
  readonly targetType: string;
  /** A further column that is looked at, as `said.…`. */
  readonly beside: string;
  /** What is refused of a confirmation before it is known what is `chosen`, and behind it. */
  readonly first: string;
  readonly known: string;
}

/**
 * Keeps what a person says of such rows, all or none (R8): looks whether that person may, and what is said of each,
 * and tells of it in the same transaction; nothing of what the same person said before in this run, as two clicks do. What somebody else decided since it was `seen` stays. It answers `null`, or
 * which decision was refused, and why. Whoever asks may write nothing else of them.
 */
export function createKeepDecisions(decided: DecidedTable): string {
  const { name, idType, targetType, beside, first, known } = decided;
  const table = `wavegate.${identifier(decided.table)}`;
  const target = identifier(decided.target);
  const which = `m.run_id = run and m.${identifier(decided.id)} = (one ->> 'id')::${idType}`;
  return `create or replace function wavegate.${identifier(name)}(run uuid, decisions jsonb, person text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.review');
  one jsonb;
  said record;
  began timestamptz;
  chosen ${targetType};
  kept jsonb := '[]';
  fresh jsonb := '[]';
begin
  if who is null then return wavegate.refused('PermissionDenied', null); end if;
  select r.created_at into began from wavegate.legacy_import_runs r where r.id = run for no key update;
  if wavegate.people_erased(run) then return wavegate.refused('RunErased', null); end if;
  for one in select d.value from jsonb_array_elements(decisions) d loop
    select m.${target} as target, m.status,
           concat_ws(' ', m.status, coalesce(m.${target}::text, ''), coalesce(m.decided_by, '')) as stands, m.decided_by as decider,
           m.decided_by = who and m.decided_at >= began as own, ${beside} into said from ${table} m where ${which} for update;
    if not found then return wavegate.refused('UnknownMapping', one); end if;
    if coalesce(one ->> 'seen', '') <> said.stands and said.decider <> who then
      return wavegate.refused('MappingDecided', one || jsonb_build_object('status', said.status, 'by', said.decider));
    end if;
    if one ? 'reject' then
      -- Sent twice, as by two clicks, it is said once.
      continue when said.own and said.status = 'rejected';
      kept := kept || jsonb_build_object('id', one -> 'id', 'reject', true);
    else
      ${first}
      chosen := coalesce((one ->> 'target')::${targetType}, said.target);
      if chosen is null then return wavegate.refused('NothingSuggested', one); end if;
      ${known}
      continue when said.own and said.status = 'confirmed' and said.target = chosen;
      kept := kept || jsonb_build_object('id', one -> 'id', 'confirm', true, 'target', one -> 'target');
    end if;
    fresh := fresh || jsonb_build_array(one);
  end loop;
  if fresh = '[]' then return null; end if;
  for one in select d.value from jsonb_array_elements(fresh) d loop
    update ${table} m
       set status = case when one ? 'reject' then 'rejected' else 'confirmed' end,
           ${target} = case when not one ? 'reject' then coalesce((one ->> 'target')::${targetType}, m.${target}) end,
           decided_by = who, decided_at = clock_timestamp()
     where ${which};
  end loop;
  -- What was judged rests on it: it is judged again before anything more is signed or written.
  update wavegate.legacy_import_runs r set stage = 'validate', updated_at = now()
   where r.id = run and r.stage in ('classify', 'match', 'dry-run', 'export-review');
  perform wavegate.append_entry(run, who, 'mappings-decided', null,
    jsonb_build_object('table', ${literal(decided.table)}, 'decisions', kept), wavegate.moment());
  return null;
end $$`;
}
