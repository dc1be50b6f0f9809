import { type Sql, sql } from "../data/sql.ts";
import { contacts, insertHints, type MatchContext, rowsOf, textInPart } from "./match-context.ts";

/** High (M7): a validated phone or e-mail of the row is one of somebody's on the platform. */
export function sameContact(context: MatchContext): Sql {
  const { run } = context;
  return sql`
  with people as materialized (
    select false as is_email, contact, target_table, min(target_id) as first_id, count(*) as hits
      from (select phone as contact, target_table, target_id
              from wavegate.match_people where run_id = ${run} and phone is not null
            union all
            -- A field of the platform's may hold several numbers as well (D3).
            select unnest(phone_alternates), target_table, target_id
              from wavegate.match_people where run_id = ${run} and phone_alternates is not null) phones
     where ${textInPart(context, "contact")} group by 2, 3
    union all
    select true, email, target_table, min(target_id), count(*)
      from wavegate.match_people where run_id = ${run} and email is not null and ${textInPart(context, "email")} group by 2, 3),
  contacts as (${contacts(context)})
  ${insertHints(
    "high",
    run,
    sql`
          select distinct on (c.staged_id, c.rule, p.target_table, p.first_id)
                 c.staged_id, c.rule, p.target_table, p.first_id, p.hits
            from contacts c join people p
              on p.contact = c.contact and p.is_email = (c.rule = 'same_email')
           order by c.staged_id, c.rule, p.target_table, p.first_id, p.hits desc`,
  )}`;
}

/** Medium (M7): the same name, in either order, and the same birth date. */
export function sameNameAndBirthDate(context: MatchContext): Sql {
  const { run } = context;
  return sql`
  with people as materialized (
    select name_key, birth_date, target_table, min(target_id) as first_id, count(*) as hits,
           hashtextextended(name_key, (birth_date - date '2000-01-01')::bigint) as key
      from wavegate.match_people
     where run_id = ${run} and birth_date is not null and ${textInPart(context, "name_key")}
     group by 1, 2, 3)
  ${insertHints(
    "medium",
    run,
    sql`
          select s.staged_id, 'same_name_and_birth_date' as rule, p.target_table, p.first_id, p.hits
            from ${rowsOf(context)} s join people p
              on p.key = hashtextextended(s.name_key, (s.birth_date - date '2000-01-01')::bigint)
             -- In full, and not by hash: few are left.
             and p.name_key is not distinct from s.name_key and p.birth_date is not distinct from s.birth_date
           where ${textInPart(context, "s.name_key")}`,
  )}`;
}

/** Medium (M7), only where the phone did not normalise (D6). */
export function sameNameAndRawPhone(context: MatchContext): Sql {
  const { run } = context;
  return insertHints(
    "medium",
    run,
    sql`
          select s.staged_id, 'same_name_and_raw_phone' as rule, p.target_table,
                 min(p.target_id) as first_id, count(*) as hits
            from ${rowsOf(context)} s join wavegate.match_people p
              on p.run_id = ${run} and p.name_key = s.name_key and p.raw_phone = s.raw_phone
           where s.raw_phone is not null and ${textInPart(context, "s.name_key")}
           group by 1, 3`,
  );
}
