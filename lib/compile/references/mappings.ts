import { identifier, plainText, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type {
  CodedReference,
  Migration,
  NamedReference,
  Reference,
} from "../../define/definition.ts";
import { referenceOf, typeColumn, typesOf } from "../condition.ts";
import { idType } from "../keys.ts";
import { isMeant } from "../people-keys.ts";
import { isPlaceholder } from "../placeholder.ts";

/** Legacy things of a reference, by their ids in order: all of them, or those behind `after` up to `upTo`. */
export interface Things {
  readonly after: string | null;
  readonly upTo: string | null;
}

/** How what is suggested is found for a reference, for some of its things at a time. */
interface Suggestions {
  readonly reference: Reference;
  /** Of how many things one statement stays far from the Data API's 45 s, whatever the platform has of its own. */
  readonly most: number;
  /** Where so many things behind one end, as `(id)`, at most one; none where no more are left. */
  readonly boundBehind: (after: string | null) => Sql;
  readonly statement: (things: Things) => Sql;
}

/** Names are compared each with each of the platform's, codes are looked up. */
const most = { by_name: 250, by_code: 100_000 } as const;

/**
 * What suggests what each legacy reference is on the platform; people's decisions stay, and what is suggested already is not
 * written again.
 */
export const suggestions = (migration: Migration, run: string): readonly Suggestions[] => {
  // By name first: whether what goes by code is confirmed depends on what it belongs to.
  const inOrder = (["by_name", "by_code"] as const).flatMap((kind) =>
    Object.values(migration.references).filter((reference) => reference.kind === kind),
  );
  return inOrder.map((reference) => {
    const { staging } = reference;
    const id = raw(identifier(staging.id));
    const ofType = raw(idType(migration, reference));
    const within = (alias: string, { after, upTo }: Things): Sql => {
      const column = sql`${raw(alias)}.${id}`;
      return sql`${after === null ? raw("") : sql` and ${column} > ${after}::${ofType}`}${upTo === null ? raw("") : sql` and ${column} <= ${upTo}::${ofType}`}`;
    };
    return {
      reference,
      most: most[reference.kind],
      boundBehind: (after) => sql`
  select m.${id}::text as id from ${raw(`wavegate.${identifier(staging.table)}`)} m
   where m.run_id = ${uuid(run)}${within("m", { after, upTo: null })}
   order by m.${id} offset ${most[reference.kind] - 1} limit 1`,
      statement: (things) =>
        reference.kind === "by_name"
          ? suggestByName(reference, run, within("m", things))
          : suggestByCode(migration, reference, run, within("m", things)),
    };
  });
};

/**
 * How alike two names are is told by so much of both: a text of sixty thousand letters, held against each name of the
 * platform, would take longer than a statement may.
 */
const beginningOf = (folded: string): string => `left(${folded}, 1000)`;

/**
 * D25: the same folded name as exactly one platform row is `mapped`; the same as several, or
 * similar enough, is a suggestion for a person; anything else stays `unmapped`. Equal is equal text, in
 * order (D34): the same words in another order, or without `+`, are as similar as can be, and not equal.
 */
function suggestByName(
  { staging, platform, suggestFrom }: NamedReference,
  run: string,
  within: Sql,
): Sql {
  const mappings = `wavegate.${identifier(staging.table)}`;
  const id = identifier(staging.id);
  const target = identifier(staging.target);
  return sql`
  with platform as materialized (
    select id, folded, ${raw(beginningOf("folded"))} as beginning
      from (select ${raw(identifier(platform.id))} as id, wavegate.fold_label(${raw(plainText(platform.label))}) as folded
              from ${raw(identifier(platform.table))} p where true${raw(isMeant(platform, "p"))} offset 0) p),
  legacy as materialized (
    select legacy, folded, ${raw(beginningOf("folded"))} as beginning
      from (select ${raw(id)} as legacy, wavegate.fold_label(${raw(identifier(staging.label))}) as folded
              from ${raw(mappings)} m where run_id = ${uuid(run)} and decided_by is null${within} offset 0) l),
  candidates as (
    select legacy, p.id, p.folded = l.folded as equal, -- Of those that are as similar, the one that is written more alike.
           levenshtein(left(replace(p.folded, ' ', ''), 63), left(replace(l.folded, ' ', ''), 63)) as edits,
           case when p.folded = l.folded then 1 else similarity(p.beginning, l.beginning) end as likeness
      from legacy l join platform p
        on p.folded = l.folded or similarity(p.beginning, l.beginning) >= ${suggestFrom}::float8
     where l.folded <> ''),
  ranked as (
    select legacy, id, likeness,
           row_number() over (partition by legacy order by equal desc, likeness desc, edits, id) as rank,
           count(*) filter (where equal) over (partition by legacy) as equal
      from candidates),
  decided as (
    select l.legacy, r.id, round(coalesce(r.likeness, 0)::numeric, 3) as confidence,
           case when r.equal = 1 then 'mapped' when r.id is not null then 'needs_review'
                else 'unmapped' end as status
      from legacy l left join ranked r on r.legacy = l.legacy and r.rank = 1)
  update ${raw(mappings)} m
     set ${raw(target)} = decided.id, confidence = decided.confidence, status = decided.status
    from decided
   where m.run_id = ${uuid(run)} and m.${raw(id)} = decided.legacy and m.decided_by is null
     and (m.${raw(target)}, m.confidence, m.status) is distinct from (decided.id, decided.confidence, decided.status)`;
}

/**
 * M5 and D26: which of its types it is, and whether a platform row of the same code belongs to what its
 * parent is mapped to (confirmed), to something not mapped yet (suggested), or to another thing. What
 * belongs to nothing is confirmed by its code alone; a code that several rows have is a person's choice.
 */
function suggestByCode(
  migration: Migration,
  reference: CodedReference,
  run: string,
  within: Sql,
): Sql {
  const { staging, platform, parent } = reference;
  const { real, placeholder, unknown } = typesOf(reference);
  const mappings = `wavegate.${identifier(staging.table)}`;
  const id = identifier(staging.id);
  const code = identifier(staging.code);
  const target = identifier(staging.target);
  const type = typeColumn(reference);
  const above = parent && (referenceOf(migration, parent.reference) as NamedReference).staging;
  const belongs =
    above === undefined || platform.parent === undefined
      ? { known: "true", same: "true", exists: "true", join: "" }
      : {
          known: "c.status in ('mapped', 'confirmed')",
          same: `c.${identifier(above.target)} = p.${identifier(platform.parent)}`,
          exists: `c.${identifier(above.id)} is not null`,
          join: `left join wavegate.${identifier(above.table)} c
        on c.run_id = m.run_id and c.${identifier(above.id)} = m.parent_id`,
        };
  return sql`
  with judged as (
    select m.${raw(id)} as legacy, p.${raw(identifier(platform.id))} as target,
           case when ${raw(isPlaceholder(reference, "m"))} then ${placeholder}::text
                when ${raw(belongs.exists)} then ${real}::text
                else ${unknown}::text end as type,
           ${raw(belongs.known)} as parent_known,
           ${raw(belongs.same)} as same_parent,
           count(p.${raw(identifier(platform.id))}) over (partition by m.${raw(id)}) as rows
      from ${raw(mappings)} m
      ${raw(belongs.join)}
      left join ${raw(identifier(platform.table))} p
        on p.${raw(identifier(platform.code))} = btrim(m.${raw(code)})${raw(isMeant(platform, "p"))}
     where m.run_id = ${uuid(run)} and m.decided_by is null${within}),
  decided as (
    select distinct on (legacy) legacy, type, case when type = ${real} and rows = 1 then target end as target,
           case when type <> ${real} or target is null or rows > 1 then 'needs_review'
                when parent_known and same_parent then 'confirmed'
                when parent_known then 'needs_review'
                else 'suggested' end as status
      from judged order by legacy)
  update ${raw(mappings)} m
     set ${raw(type)} = decided.type, ${raw(target)} = decided.target, status = decided.status
    from decided
   where m.run_id = ${uuid(run)} and m.${raw(id)} = decided.legacy and m.decided_by is null
     and (m.${raw(type)}, m.${raw(target)}, m.status) is distinct from (decided.type, decided.target, decided.status)`;
}

/** The platform's rows that a label is as near to as to any other: more than one is a person's choice. */
export const nearestTargets = (
  {
    staging,
    platform,
  }: {
    readonly staging: Pick<NamedReference["staging"], "table" | "label">;
    readonly platform: Pick<NamedReference["platform"], "table" | "id" | "label" | "where">;
  },
  which: Sql,
): Sql => sql`
  select to_jsonb(id) as id
    from (select p.${raw(identifier(platform.id))} as id,
                 rank() over (order by p.folded = l.folded desc, similarity(${raw(beginningOf("p.folded"))}, ${raw(beginningOf("l.folded"))}) desc) as rank
            from (select wavegate.fold_label(${raw(identifier(staging.label))}) as folded
                    from ${raw(`wavegate.${identifier(staging.table)}`)} where ${which}) l,
                 (select *, wavegate.fold_label(${raw(plainText(platform.label))}) as folded
                    from ${raw(identifier(platform.table))} p where true${raw(isMeant(platform, "p"))}) p) ranked
   where rank = 1 order by id limit 20`;
