import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { CodedReference, Migration, NamedReference } from "../define/definition.ts";
import { referenceOf } from "./condition.ts";
import { isPlaceholder } from "./placeholder.ts";

/**
 * The statements that suggest what each legacy reference is on the platform; people's decisions stay,
 * and what is suggested already is not written again.
 */
export const suggestMappings = (migration: Migration, run: string): readonly Sql[] =>
  // By name first: whether a session is confirmed depends on the course it belongs to.
  [
    ...Object.values(migration.references).flatMap((reference) =>
      reference.kind === "by_name" ? [suggestByName(reference, run)] : [],
    ),
    ...Object.values(migration.references).flatMap((reference) =>
      reference.kind === "by_code" ? [suggestByCode(migration, reference, run)] : [],
    ),
  ];

/**
 * D25: the same folded name as exactly one platform row is `mapped`; the same as several, or
 * similar enough, is a suggestion for a person; anything else stays `unmapped`. Equal is equal text, in
 * order (D34): the same words in another order, or without `+`, are as similar as can be, and not equal.
 */
function suggestByName({ staging, platform, suggestFrom }: NamedReference, run: string): Sql {
  const mappings = `wavegate.${identifier(staging.table)}`;
  const id = identifier(staging.id);
  const target = identifier(staging.target);
  return sql`
  with platform as materialized (
    select ${raw(identifier(platform.id))} as id,
           wavegate.fold_label(${raw(identifier(platform.label))}) as folded
      from ${raw(identifier(platform.table))}),
  legacy as materialized (
    select ${raw(id)} as legacy, wavegate.fold_label(${raw(identifier(staging.label))}) as folded
      from ${raw(mappings)} where run_id = ${uuid(run)} and decided_by is null),
  candidates as (
    select legacy, p.id, p.folded = l.folded as equal,
           case when p.folded = l.folded then 1 else similarity(p.folded, l.folded) end as likeness
      from legacy l join platform p
        on p.folded = l.folded or similarity(p.folded, l.folded) >= ${suggestFrom}::float8
     where l.folded <> ''),
  ranked as (
    select legacy, id, likeness,
           row_number() over (partition by legacy order by equal desc, likeness desc, id) as rank,
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
 * M5 and D26: what kind of session it is, and whether a platform session of the same code belongs
 * to the mapped course (confirmed), to a course not mapped yet (suggested), or to another one.
 */
function suggestByCode(migration: Migration, reference: CodedReference, run: string): Sql {
  const { staging, platform, parent } = reference;
  const courses = referenceOf(migration, parent.reference) as NamedReference;
  const mappings = `wavegate.${identifier(staging.table)}`;
  const id = identifier(staging.id);
  const code = identifier(staging.code);
  const target = identifier(staging.target);
  return sql`
  with judged as (
    select m.${raw(id)} as legacy, p.${raw(identifier(platform.id))} as target,
           case when ${raw(isPlaceholder(reference, "m"))} then 'placeholder_session'
                when c.${raw(identifier(courses.staging.id))} is not null then 'real_session'
                else 'unknown_session' end as type,
           c.status in ('mapped', 'confirmed') as course_known,
           c.${raw(identifier(courses.staging.target))} = p.${raw(identifier(platform.parent))} as same_course
      from ${raw(mappings)} m
      left join wavegate.${raw(identifier(courses.staging.table))} c
        on c.run_id = m.run_id and c.${raw(identifier(courses.staging.id))} = m.parent_id
      left join ${raw(identifier(platform.table))} p
        on p.${raw(identifier(platform.code))} = btrim(m.${raw(code)})
     where m.run_id = ${uuid(run)} and m.decided_by is null),
  decided as (
    select legacy, type, case when type = 'real_session' then target end as target,
           case when type <> 'real_session' or target is null then 'needs_review'
                when course_known and same_course then 'confirmed'
                when course_known then 'needs_review'
                else 'suggested' end as status
      from judged)
  update ${raw(mappings)} m
     set session_type = decided.type, ${raw(target)} = decided.target, status = decided.status
    from decided
   where m.run_id = ${uuid(run)} and m.${raw(id)} = decided.legacy and m.decided_by is null
     and (m.session_type, m.${raw(target)}, m.status) is distinct from (decided.type, decided.target, decided.status)`;
}

/** The platform's rows that a label is as near to as to any other: more than one is a person's choice. */
export const nearestTargets = ({ staging, platform }: NamedReference, which: Sql): Sql => sql`
  select to_jsonb(id) as id
    from (select p.${raw(identifier(platform.id))} as id,
                 rank() over (order by p.folded = l.folded desc, similarity(p.folded, l.folded) desc) as rank
            from (select wavegate.fold_label(${raw(identifier(staging.label))}) as folded
                    from ${raw(`wavegate.${identifier(staging.table)}`)} where ${which}) l,
                 (select *, wavegate.fold_label(${raw(identifier(platform.label))}) as folded
                    from ${raw(identifier(platform.table))}) p) ranked
   where rank = 1 order by id limit 20`;
