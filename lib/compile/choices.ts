import { identifier, literal } from "../data/sql.ts";
import type { Asks, Migration } from "../define/definition.ts";
import { partsOf, type WholeMigration } from "../define/several.ts";
import { legacyIdType } from "./keys.ts";
import type { PinnedMapping } from "./pin-export.ts";
import type { PinnedReference } from "./pin-references.ts";

/** A reference above of which a person says which of several rows is meant, for each row by its legacy id. */
export interface Choice extends Asks {
  /** Whose rows are asked about. */
  readonly part: Migration;
  /** The reference. */
  readonly name: string;
  /** Its table in the schema `wavegate`. */
  readonly table: string;
}

export const choiceOf = (part: Migration, name: string): Choice | undefined => {
  const asks = part.entity.refs?.[name]?.asks;
  return asks && { ...asks, part, name, table: `${part.entity.staging.table}_${asks.as}_choices` };
};

/** Those of a kind of things. */
export const choicesOf = (part: Migration): readonly Choice[] =>
  Object.keys(part.entity.refs ?? {}).flatMap((name) => choiceOf(part, name) ?? []);

/** Those of a whole migration, in the order of its kinds. */
export const allChoices = (migration: WholeMigration): readonly Choice[] =>
  partsOf(migration).flatMap(choicesOf);

export const choiceTable = ({ table }: Pick<Choice, "table">): string =>
  `wavegate.${identifier(table)}`;

/** The DDL of the table that keeps what could be meant, and what a person says. */
export const createChoices = ({ part, ...choice }: Choice): string =>
  `create table if not exists ${choiceTable(choice)} (
  run_id uuid not null references wavegate.legacy_import_runs,
  legacy_id ${legacyIdType(part)} not null,
  -- What could be meant, for people, and by key what is shown of each.
  candidates text,
  keys jsonb not null,
  target text,
  confidence numeric,
  status text not null check (status in ('confirmed', 'needs_review', 'rejected')),
  decided_by text,
  decided_at timestamptz,
  primary key (run_id, legacy_id)
)`;

/** A row's key as people name it: of several columns with colons between, as audits have it. */
export const namedKey = (row: string): string =>
  `case when ${row}.legacy_id::text like '["%' then (select string_agg(k.part, ':' order by k.n)
           from jsonb_array_elements_text(${row}.legacy_id::jsonb) with ordinality k(part, n)) else ${row}.legacy_id::text end`;

/** The owner's function that keeps what a person says of them. */
export const chooseFunction = ({ table }: Pick<Choice, "table">): string => `decide_${table}`;

/**
 * Keeps what a person says, all or none, as decisions about mappings are (`decide-mappings.ts`): which of those that
 * could be meant it is, or that it is none of them.
 */
export function createChooseFunction(choice: Choice): string {
  const table = choiceTable(choice);
  const which = `m.run_id = run and m.legacy_id = (one ->> 'id')::${legacyIdType(choice.part)}`;
  return `create or replace function wavegate.${identifier(chooseFunction(choice))}(run uuid, decisions jsonb, person text)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  who text := wavegate.permitted(person, 'legacy_imports.review');
  one jsonb;
  said record;
  kept jsonb := '[]';
begin
  if who is null then return wavegate.refused('PermissionDenied', null); end if;
  perform from wavegate.legacy_import_runs r where r.id = run for no key update;
  if wavegate.people_erased(run) then return wavegate.refused('RunErased', null); end if;
  for one in select d.value from jsonb_array_elements(decisions) d loop
    select m.keys, m.target into said from ${table} m where ${which} for update;
    if not found then return wavegate.refused('UnknownMapping', one); end if;
    if one ? 'reject' then
      kept := kept || jsonb_build_object('id', one -> 'id', 'reject', true);
    else
      if coalesce(one ->> 'target', said.target) is null then return wavegate.refused('NothingSuggested', one); end if;
      if not said.keys ? coalesce(one ->> 'target', said.target) then
        return wavegate.refused('UnknownTarget', one || jsonb_build_object('keys', said.keys));
      end if;
      kept := kept || jsonb_build_object('id', one -> 'id', 'confirm', true, 'target', coalesce(one -> 'target', 'null'));
    end if;
  end loop;
  for one in select d.value from jsonb_array_elements(decisions) d loop
    update ${table} m
       set status = case when one ? 'reject' then 'rejected' else 'confirmed' end,
           target = case when not one ? 'reject' then coalesce(one ->> 'target', m.target) end,
           decided_by = who, decided_at = clock_timestamp()
     where ${which};
  end loop;
  -- What was judged rests on it: it is judged again before anything more is signed or written.
  update wavegate.legacy_import_runs r set stage = 'validate', updated_at = now()
   where r.id = run and r.stage in ('classify', 'match', 'dry-run', 'export-review');
  perform wavegate.append_entry(run, who, 'mappings-decided', null,
    jsonb_build_object('table', ${literal(choice.table)}, 'decisions', kept), wavegate.moment());
  return null;
end $$`;
}

/** As pages and terminals know it: among the references of the rows that are asked about. */
export const pinChoices = (part: Migration): PinnedReference[] =>
  choicesOf(part).map(({ as, table }) => ({
    name: as,
    kind: "chosen",
    from: part.part ?? part.entity.from[0] ?? "",
    column: "legacy_id",
    legacyType: legacyIdType(part),
    targetType: "text",
    staging: { table, id: "legacy_id", label: "candidates", target: "target" },
    type: null,
    platform: null,
    placeholder: null,
  }));

/** As exports know it. */
export const pinChosen = (migration: WholeMigration): PinnedMapping[] =>
  allChoices(migration).map(({ as, table }) => ({
    name: as,
    table,
    key: "legacy_id",
    columns: ["legacy_id", "candidates", "target", "status", "decided_by"],
  }));
