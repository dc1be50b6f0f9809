import { join, raw, type Sql, sql } from "../data/sql.ts";
import { insertHints, type MatchContext, rowsOf, textInPart } from "./match-context.ts";

/** What people of the platform have, of what names are compared with. */
export interface NamesMet {
  readonly birthDate: boolean;
  readonly phone: boolean;
}

/** Numbers by which names are grouped and joined, as that is faster than by texts; what they lead to is compared in full. */
const byBirthDate = raw("hashtextextended(name_key, (birth_date - date '2000-01-01')::bigint)");
const byRawPhone = raw("hashtextextended(raw_phone, hashtextextended(name_key, 1))");

/**
 * Medium (M7): the same name, in either order, and the same birth date; or, only where a row's phone did not normalise,
 * the same unusable phone (D6). Rows with the first of their group, and with whom the platform knows by the same.
 * Names are read once for both.
 */
export function sameNames(context: MatchContext, met: NamesMet): Sql {
  const { run } = context;
  const inPart = textInPart(context, "name_key");
  const inSource = sql`
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, staged_id, 'medium', rule, first_id, hits
    from (select k.staged_id, k.rule, count(*) over same as hits, first_value(k.staged_id) over (
                   same order by k.created_at nulls last, k.source_table, k.legacy_id) as first_id
            from keyed k where k.key in (select key from often)
          window same as (partition by k.key, k.rule, k.name_key, k.birth_date, k.raw_phone)) grouped
   where hits > 1`;
  const people = [
    ...(met.birthDate
      ? [
          sql`
            select 'same_name_and_birth_date' as rule, name_key, birth_date, null::text as raw_phone,
                   ${byBirthDate} as key, target_table, target_id
              from wavegate.match_people where run_id = ${run} and birth_date is not null and ${inPart}`,
        ]
      : []),
    ...(met.phone
      ? [
          sql`
            select 'same_name_and_raw_phone' as rule, name_key, null::date as birth_date, raw_phone,
                   ${byRawPhone} as key, target_table, target_id
              from wavegate.match_people where run_id = ${run} and raw_phone is not null and ${inPart}`,
        ]
      : []),
  ];
  return sql`
  with keyed as materialized (
    select staged_id, 'same_name_and_birth_date' as rule, name_key, birth_date, null::text as raw_phone,
           created_at, source_table, legacy_id, ${byBirthDate} as key
      from ${rowsOf(context)} s
     where name_key is not null and birth_date is not null and ${inPart}
    union all
    select staged_id, 'same_name_and_raw_phone', name_key, null, raw_phone, created_at, source_table, legacy_id,
           ${byRawPhone}
      from ${rowsOf(context)} s
     where name_key is not null and raw_phone is not null and ${inPart}),
  often as materialized (select key from keyed group by 1 having count(*) > 1)${
    people.length === 0
      ? inSource
      : sql`,
  in_source as (${inSource}),
  ${sameAsPeople(context, join(people, "\n            union all"))}`
  }`;
}

/** Whose name is somebody's of `people`, by the same. */
const sameAsPeople = ({ run }: MatchContext, people: Sql): Sql => sql`people as materialized (
    select rule, key, name_key, birth_date, raw_phone, target_table, min(target_id) as first_id, count(*) as hits
      from (${people}) told
     where key in (select key from keyed) group by 1, 2, 3, 4, 5, 6)
  ${insertHints(
    "medium",
    run,
    sql`
          select k.staged_id, k.rule, p.target_table, p.first_id, p.hits
            from keyed k join people p
              on p.key = k.key and p.rule = k.rule and p.name_key = k.name_key
             and p.birth_date is not distinct from k.birth_date and p.raw_phone is not distinct from k.raw_phone`,
  )}`;
