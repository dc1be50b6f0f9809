import { join, raw, type Sql, sql } from "../../data/sql.ts";
import {
  insertHints,
  insertSourceHints,
  type MatchContext,
  rowsOf,
  textInPart,
} from "./context.ts";

/** What people of the platform have, of what names are compared with. */
interface NamesMet {
  readonly birthDate: boolean;
  readonly phone: boolean;
}

/** Numbers by which names are grouped and joined, as that is faster than by texts; what they lead to is compared in full. */
const byBirthDate = raw("hashtextextended(name_key, (birth_date - date '2000-01-01')::bigint)");
const byRawPhone = raw("hashtextextended(raw_phone, hashtextextended(name_key, 1))");
/** By what two are the same: a raw phone is compared only by itself. */
const rule = (alias: string): Sql =>
  raw(
    `case when ${alias}.raw_phone is null then 'same_name_and_birth_date' else 'same_name_and_raw_phone' end`,
  );

/**
 * Medium (M7): the same name, in either order, and the same birth date; or, only where a row's phone did not normalise,
 * the same unusable phone (D6). Rows with the first of their group, and with whom the platform knows by the same.
 * Names are read and counted once for both.
 */
export function sameNames(context: MatchContext, met: NamesMet): Sql {
  const { run } = context;
  const inPart = textInPart(context, "name_key");
  const inSource = insertSourceHints(
    context,
    "medium",
    sql`
    select staged_id, ${rule("grouped")} as rule, first_id, hits
      from (select k.staged_id, k.raw_phone, count(*) over same as hits, first_value(k.staged_id) over (
                     same order by k.created_at nulls last, k.source_table, k.legacy_id) as first_id
              from keyed k where k.key in (select key from counted where n > 1)
            window same as (partition by k.key, k.name_key, k.birth_date, k.raw_phone)) grouped
     where hits > 1`,
    { apart: true },
  );
  const people = [
    ...(met.birthDate
      ? [
          sql`
            select name_key, birth_date, null::text as raw_phone, ${byBirthDate} as key, target_table, target_id
              from wavegate.match_people where run_id = ${run} and birth_date is not null and ${inPart}`,
        ]
      : []),
    ...(met.phone
      ? [
          sql`
            select name_key, null::date as birth_date, raw_phone, ${byRawPhone} as key, target_table, target_id
              from wavegate.match_people where run_id = ${run} and raw_phone is not null and ${inPart}`,
        ]
      : []),
  ];
  return sql`
  with named as materialized (
    select staged_id, birth_date, created_at, name_key, raw_phone, source_table, legacy_id
      from ${rowsOf(context)} s where name_key is not null and ${inPart}),
  keyed as materialized (
    select ${byBirthDate} as key, staged_id, birth_date, created_at, name_key, null::text as raw_phone, source_table, legacy_id
      from named where birth_date is not null
    union all
    select ${byRawPhone}, staged_id, null, created_at, name_key, raw_phone, source_table, legacy_id
      from named where raw_phone is not null),
  counted as materialized (select key, count(*) as n from keyed group by 1)${
    people.length === 0
      ? inSource
      : sql`,
  in_source as (${inSource}),
  ${sameAsPeople(context, join(people, "\n            union all"))}`
  }`;
}

/** Whose name is somebody's of `people`, by the same. A number is counted once, so that people are joined to what was counted. */
const sameAsPeople = (context: MatchContext, people: Sql): Sql => sql`people as materialized (
    select key, name_key, birth_date, raw_phone, target_table, min(target_id) as first_id, count(*) as hits
      from (${people}) told join counted using (key) group by 1, 2, 3, 4, 5)
  ${insertHints(
    context,
    "medium",
    sql`
          select k.staged_id, ${rule("p")} as rule, p.target_table, p.first_id, p.hits
            from keyed k join people p
              on p.key = k.key and p.name_key = k.name_key
             and p.birth_date is not distinct from k.birth_date and p.raw_phone is not distinct from k.raw_phone`,
    { apart: true },
  )}`;
