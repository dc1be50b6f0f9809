import { literals, raw, type Sql, sql } from "../data/sql.ts";
import { contacts, type MatchContext, nameBlocks } from "./match-context.ts";

/** The order that tells which row of one person is the first (D8). */
const earliest = ({ names }: MatchContext): string =>
  `${names.createdAt} nulls last, source_table, legacy_id`;

/** High inside the source: rows that share a validated contact, each with the first of its group. */
export function sourceContact(context: MatchContext): readonly Sql[] {
  const { rows, run } = context;
  return [
    sql`
  with contacts as materialized (${contacts(context)}),
  shared as materialized (select contact, count(*) as hits from contacts group by 1 having count(*) > 1),
  grouped as (
    select c.id, shared.hits, first_value(c.id) over (
             partition by c.contact order by ${raw(earliest(context))}) as first_id
      from shared join contacts c on c.contact = shared.contact join ${raw(rows)} s on s.id = c.id)
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, id, 'high', 'same_contact', first_id, max(hits) from grouped group by id, first_id`,
    ...laterOfPerson(context),
  ];
}

/** Of several leads that share a contact only the earliest commits (D8): the others are later ones. */
function laterOfPerson(context: MatchContext): readonly Sql[] {
  const { migration, rows, run } = context;
  const { onePerPerson } = migration.entity.match;
  if (onePerPerson.length === 0) return [];
  return [
    raw("analyze wavegate.source_hints"),
    sql`
  update wavegate.source_hints h set later = true
    from (select h.staged_id, h.first_id,
                 row_number() over (partition by h.first_id order by ${raw(earliest(context))}) as place
            from wavegate.source_hints h join ${raw(rows)} s on s.id = h.staged_id
           where h.run_id = ${run} and h.rule = 'same_contact'
             and s.classification in (${raw(literals(onePerPerson))})) leads
   where h.run_id = ${run} and h.rule = 'same_contact' and leads.place > 1
     and h.staged_id = leads.staged_id and h.first_id = leads.first_id`,
  ];
}

/** Medium inside the source: the same name with the same birth date, or the same unusable raw phone. */
export function sourceNames(context: MatchContext): Sql {
  const { names, rows, run } = context;
  return sql`
  with keyed as materialized (
    select id, 'same_name_and_birth_date' as rule, name_key, ${raw(names.birthDate)}::text as second
      from ${raw(rows)} where run_id = ${run} and name_key is not null and ${raw(names.birthDate)} is not null
    union all
    select id, 'same_name_and_raw_phone', name_key, wavegate.raw_phone_key(${raw(names.rawPhone)})
      from ${raw(rows)}
     where run_id = ${run} and name_key is not null and ${raw(names.phone)} is null
       and wavegate.raw_phone_key(${raw(names.rawPhone)}) is not null),
  shared as materialized (
    select rule, name_key, second, count(*) as hits from keyed group by 1, 2, 3 having count(*) > 1)
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, k.id, 'medium', k.rule,
         first_value(k.id) over (partition by k.rule, k.name_key, k.second order by ${raw(earliest(context))}),
         shared.hits
    from shared
    join keyed k on k.name_key = shared.name_key and k.second = shared.second and k.rule = shared.rule
    join ${raw(rows)} s on s.id = k.id`;
}

/** Low inside the source: the same birth date and similar names; each row with the lowest id it is like. */
export function sourceSimilar({ migration, names, rows, run }: MatchContext): Sql {
  return sql`
  with legacy as materialized (
    select s.id, s.name_key, s.${raw(names.birthDate)} as birth_date, block
      from ${raw(rows)} s cross join lateral ${nameBlocks("s.name_key")} w
     where s.run_id = ${run} and s.${raw(names.birthDate)} is not null)
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, later.id, 'low', 'similar_name_same_birth_date', min(earlier.id), count(distinct earlier.id) + 1
    from legacy later join legacy earlier
      on earlier.birth_date = later.birth_date and earlier.block = later.block and earlier.id < later.id
   where earlier.name_key <> later.name_key
     and similarity(earlier.name_key, later.name_key) >= ${migration.entity.match.similarity}::float8
   group by later.id`;
}
