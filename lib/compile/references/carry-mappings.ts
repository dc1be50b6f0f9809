import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration, Reference } from "../../define/definition.ts";
import { typeColumn, typesOf } from "../condition.ts";
import { isMeant } from "../people-keys.ts";

/** The owner's function that carries what people decided about one table of mappings into another run. */
export const carryFunction = ({
  staging,
}: {
  readonly staging: Pick<Reference["staging"], "table">;
}): string => `carry_${staging.table}`;

/** Carries what people decided in earlier runs into one that is being imported. */
export const carryMappings = ({ references }: Migration, run: string): readonly Sql[] =>
  Object.values(references).map(
    (reference) =>
      sql`select wavegate.${raw(identifier(carryFunction(reference)))}(${uuid(run)}) as carried`,
  );

/** Columns, as SQL, of what a legacy thing is, as a person saw it who decided about it: where any of it is another now, they decide anew. */
const seenOf = (reference: Reference): readonly string[] =>
  reference.kind === "by_name"
    ? [identifier(reference.staging.label)]
    : [identifier(reference.staging.code), "parent_id", "parent_unreadable", typeColumn(reference)];

/**
 * Carries the newest decision about each legacy thing from the other runs of the same migration over the same source (R8),
 * as what it is: who decided, when, and what. Only where the definition says the same about them, the thing is the one
 * that was decided about, and the platform still has what it was said to be; of what is code of the platform's own, such as
 * a view, the owner knows nothing, and carries nothing. A run whose rows are judged is not added to, and what somebody
 * decided in it stays. The log tells of each, and in which run it was decided. It answers how many were carried.
 *
 * @param name what the definition calls the reference
 * @param platform the platform's table with its schema, as SQL
 */
export function createCarryFunction(name: string, reference: Reference, platform: string): string {
  const { staging } = reference;
  const table = `wavegate.${identifier(staging.table)}`;
  const [id, target] = [identifier(staging.id), identifier(staging.target)];
  const row = (alias: string) =>
    seenOf(reference)
      .map((column) => `${alias}.${column}`)
      .join(", ");
  const real =
    reference.kind === "by_name"
      ? "true"
      : `(n.status = 'rejected' or n.${typeColumn(reference)} <> ${literal(typesOf(reference).placeholder)})`;
  return `create or replace function wavegate.${identifier(carryFunction(reference))}(run uuid) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
declare
  one record;
  kept jsonb := '[]';
begin
  perform from wavegate.legacy_import_runs r where r.id = run and r.stage = 'preflight' for no key update;
  if not found then return 0; end if;
  for one in
    with newest as (
      -- Of one that was carried before, the run in which it was decided is the first that has it.
      select distinct on (d.${id}) d.*, o.reference as from_run,
             o.definition #> array['references', ${literal(name)}] as meant
        from wavegate.legacy_import_runs r
        join wavegate.legacy_import_runs o
          on o.migration = r.migration and o.connection_name = r.connection_name and o.id <> r.id and o.trial is null
        join ${table} d on d.run_id = o.id
       where r.id = run and d.decided_by is not null and d.decided_at is not null
       order by d.${id}, d.decided_at desc, o.created_at, o.id)
    select n.${id} as id, n.status, n.${target} as target, n.decided_by, n.decided_at, n.from_run
      from ${table} m
      join newest n on n.${id} = m.${id}
      join wavegate.legacy_import_runs r on r.id = run
     where m.run_id = run and m.decided_by is null
       and (${row("m")}) is not distinct from (${row("n")})
       and n.meant = r.definition #> array['references', ${literal(name)}]
       and n.status in ('confirmed', 'rejected') and ${real}
     order by n.${id}
  loop
    if one.status = 'confirmed' then
      continue when one.target is null or not wavegate.is_plain(${literal(platform)}, ${literal(reference.platform.id)});
      perform from ${platform} p where p.${identifier(reference.platform.id)} = one.target${isMeant(reference.platform, "p")};
      continue when not found;
    end if;
    update ${table} m
       set status = one.status, ${target} = one.target, decided_by = one.decided_by, decided_at = one.decided_at
     where m.run_id = run and m.${id} = one.id and m.decided_by is null;
    kept := kept || jsonb_build_object('id', one.id, one.status, true, 'target', one.target, 'by', one.decided_by,
      'at', to_char(one.decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'run', one.from_run);
  end loop;
  if kept <> '[]' then
    perform wavegate.append_entry(run, 'wavegate', 'mappings-carried', null,
      jsonb_build_object('table', ${literal(staging.table)}, 'decisions', kept), wavegate.moment());
  end if;
  return jsonb_array_length(kept);
end $$`;
}
