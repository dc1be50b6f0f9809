import { identifier, literal } from "../data/sql.ts";
import type { Migration, Reference } from "../define/definition.ts";
import { typeColumn, typesOf } from "./condition.ts";
import { idType, targetType } from "./keys.ts";

/** The owner's function that keeps decisions about one table of mappings. */
export const decideFunction = ({
  staging,
}: {
  readonly staging: Pick<Reference["staging"], "table">;
}): string => `decide_${staging.table}`;

/**
 * Keeps what a person says about mappings, all or none (R8): looks whether that person may, what is said
 * of each, whether the platform has what it is said to be, and tells of it in the same transaction. It
 * answers `null`, or which decision was refused, and why. Whoever asks may write nothing else of them.
 *
 * @param platform the platform's table with its schema, as SQL
 */
export function createDecideFunction(
  migration: Migration,
  reference: Reference,
  platform: string,
): string {
  const { staging } = reference;
  const mappings = `wavegate.${identifier(staging.table)}`;
  const target = identifier(staging.target);
  const which = `m.run_id = run and m.${identifier(staging.id)} = (one ->> 'id')::${idType(migration, reference)}`;
  const placeholder =
    reference.kind === "by_code"
      ? `if said.type = ${literal(typesOf(reference).placeholder)} then return wavegate.refused('MappingIsPlaceholder', one); end if;`
      : "";
  const kind =
    reference.kind === "by_code" ? `m.${typeColumn(reference)} as type` : "null::text as type";
  return `create or replace function wavegate.${identifier(decideFunction(reference))}(run uuid, decisions jsonb, person text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.review');
  one jsonb;
  said record;
  chosen ${targetType(reference)};
  kept jsonb := '[]';
begin
  if who is null then return wavegate.refused('PermissionDenied', null); end if;
  perform from wavegate.legacy_import_runs r where r.id = run for no key update;
  if wavegate.people_erased(run) then return wavegate.refused('RunErased', null); end if;
  for one in select d.value from jsonb_array_elements(decisions) d loop
    select m.${target} as target, ${kind} into said from ${mappings} m where ${which} for update;
    if not found then return wavegate.refused('UnknownMapping', one); end if;
    if one ? 'reject' then
      kept := kept || jsonb_build_object('id', one -> 'id', 'reject', true);
    else
      ${placeholder}
      chosen := coalesce((one ->> 'target')::${targetType(reference)}, said.target);
      if chosen is null then return wavegate.refused('NothingSuggested', one); end if;
      -- Of what is code of the platform's own whoever asks has looked already, with fewer rights than these.
      if wavegate.is_plain(${literal(platform)}, ${literal(reference.platform.id)}) then
        perform from ${platform} p where p.${identifier(reference.platform.id)} = chosen;
        if not found then return wavegate.refused('UnknownTarget', one || jsonb_build_object('target', chosen)); end if;
      end if;
      kept := kept || jsonb_build_object('id', one -> 'id', 'confirm', true, 'target', one -> 'target');
    end if;
  end loop;
  for one in select d.value from jsonb_array_elements(decisions) d loop
    update ${mappings} m
       set status = case when one ? 'reject' then 'rejected' else 'confirmed' end,
           ${target} = case when not one ? 'reject' then coalesce((one ->> 'target')::${targetType(reference)}, m.${target}) end,
           decided_by = who, decided_at = clock_timestamp()
     where ${which};
  end loop;
  -- What was judged rests on the mappings: it is judged again before anything more is signed or written.
  update wavegate.legacy_import_runs r set stage = 'validate', updated_at = now()
   where r.id = run and r.stage in ('classify', 'match', 'dry-run', 'export-review');
  perform wavegate.append_entry(run, who, 'mappings-decided', null,
    jsonb_build_object('table', ${literal(staging.table)}, 'decisions', kept), wavegate.moment());
  return null;
end $$`;
}
