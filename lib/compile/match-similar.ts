import { raw, type Sql, sql } from "../data/sql.ts";
import { idInPart, insertHints, type MatchContext, rowsOf } from "./match-context.ts";

/** Rows or people of one birth date beyond which it is no one's in particular, in multiples of the cap. */
export const commonDates = 10;

/**
 * Blocks for similar names of one birth date (D7). The first three letters of the first and of the last
 * word in order: where two words were put together or one was taken apart, one of them stays as it began
 * (`Ben Khelifa`, `Benkhelifa`). Those of a short first word with what follows it (`El Hachemi`,
 * `Elhachemi`). And the first letter of a name of one word, for a mistake in its second or third. A block is
 * a hash over its text and the date: pairs are compared in full afterwards, and numbers are joined several
 * times as fast as texts.
 */
function blocks(birthDate: string): Sql {
  const day = `${birthDate} - date '2000-01-01'`;
  const begins = (at: number) => `left(split_part(name_key, ' ', ${at}), 3)`;
  const first = `hashtextextended(${begins(1)}, ${day})`;
  const last = `hashtextextended(case when strpos(name_key, ' ') > 0 then ${begins(-1)}
               else '-' || left(name_key, 1) end, ${day})`;
  // Of three letters (`Ben Abdallah`, `Benabdallah`) only where it is neither first nor last in order already.
  const isShort = `strpos(name_folded, ' ') in (2, 3)
                 or (strpos(name_folded, ' ') = 4 and left(name_folded, 3) not in (${begins(1)}, ${begins(-1)}))`;
  const together = `hashtextextended(left(replace(name_folded, ' ', ''), 3), ${day})`;
  const initials = `hashtextextended('-' || ${[1, 2, 3, 4]
    .map((at) => `left(split_part(name_key, ' ', ${at}), 1)`)
    .join(" || ")}, ${day})`;
  return raw(`unnest(case when ${birthDate} in (select birth_date from common) then array[${initials}]
               when ${isShort} then array[${first}, ${last}, ${together}] else array[${first}, ${last}] end)`);
}

/**
 * Low (D7): the same birth date and names that are similar but not equal; on the platform, and inside
 * the source (D8), there each row with the lowest id it is like. Rows are filed once for both.
 */
export function similarNames(context: MatchContext): Sql {
  const { migration, run } = context;
  const inPart = idInPart(context, "(birth_date - date '2000-01-01')");
  const most = migration.entity.match.cap * commonDates;
  const similarity = sql`${migration.entity.match.similarity}::float8`;
  return sql`
  with dated as materialized (
    select staged_id, name_folded, name_key, birth_date from ${rowsOf(context)} s where birth_date is not null and ${inPart}),
  common as materialized (
    select birth_date, count(*) as rows from dated group by 1 having count(*) > ${most}
    union
    select birth_date, count(*) from wavegate.match_people
     where run_id = ${run} and birth_date is not null and ${inPart} group by 1 having count(*) > ${most}),
  capped as (
    insert into wavegate.capped_groups (run_id, scope, rule, groups, rows)
    select ${run}, ${`part ${context.part.at + 1}`}, 'common_birth_date', count(distinct birth_date), sum(rows)
      from common having count(*) > 0),
  legacy as materialized (
    select staged_id, name_key, birth_date, ${blocks("birth_date")} as block from dated where name_key is not null),
  people as materialized (
    select target_table, target_id, name_key, birth_date, ${blocks("birth_date")} as block
      from wavegate.match_people where run_id = ${run} and birth_date is not null and name_key is not null and ${inPart}),
  in_source as (
    insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
    select ${run}, later.staged_id, 'low', 'similar_name_same_birth_date',
           min(earlier.staged_id), count(distinct earlier.staged_id) + 1
      from legacy later join legacy earlier on earlier.block = later.block
     where earlier.staged_id < later.staged_id and earlier.birth_date = later.birth_date
       and earlier.name_key <> later.name_key and similarity(earlier.name_key, later.name_key) >= ${similarity}
     group by later.staged_id)
  ${insertHints(
    "low",
    run,
    sql`
          select l.staged_id, 'similar_name_same_birth_date' as rule, p.target_table,
                 min(p.target_id) as first_id, count(distinct p.target_id) as hits
            from legacy l join people p on p.block = l.block
           where p.birth_date = l.birth_date and p.name_key <> l.name_key
             and similarity(p.name_key, l.name_key) >= ${similarity}
           group by l.staged_id, p.target_table`,
  )}`;
}
