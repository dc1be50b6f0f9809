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
 * Bits by which most pairs are told apart without their trigrams: each trigram sets one. A name's trigrams are those of
 * its words, so they are looked up once for each word there is.
 */
const bits = 128;
const noBits = `0::bit(${bits})`;

/**
 * Names `(name_key, trigrams, room)` of what `names` selects: their bits, and how many of those another name may
 * have otherwise, as its part of both names' together. Of s trigrams of two names d stand in one alone, and
 * (s - d) / (s + d) is their similarity; bits that differ are no more than d, and the trigrams of all words no fewer than s.
 */
function signedNames(names: Sql, similarity: number): Sql {
  const ofBoth = (1 - similarity) / (1 + similarity);
  return sql`
  names as materialized (${names}),
  words as materialized (
    select word, cardinality(found) as many,
           (select coalesce(bit_or(set_bit(${raw(noBits)}, hashtext(t) & ${raw(String(bits - 1))}, 1)), ${raw(noBits)}) from unnest(found) t) as trigrams
      from (select word, show_trgm(word) as found
              from (select distinct unnest(string_to_array(name_key, ' ')) as word from names offset 0) each offset 0) words),
  signed as materialized (
    -- What is counted in whole numbers is not refused for how fractions are rounded.
    select name_key, bit_or(trigrams) as trigrams, sum(many) * ${ofBoth}::float8 + 0.01 as room
      from (select name_key, unnest(string_to_array(name_key, ' ')) as word from names) split
      join words using (word) group by name_key),`;
}

/**
 * Whether two names are similar and not equal. Of signed ones bits come first: the planner takes trigrams for as cheap,
 * and would look at those before, which cost many times as much.
 */
function areSimilar(one: string, other: string, similarity: number, areSigned: boolean): Sql {
  const inFull = sql`${raw(`${one}.name_key <> ${other}.name_key`)}
             and similarity(${raw(`${one}.name_key, ${other}.name_key`)}) >= ${similarity}::float8`;
  return areSigned
    ? sql`case when bit_count(${raw(`${one}.trigrams # ${other}.trigrams`)}) <= ${raw(`${one}.room + ${other}.room`)}
                  then ${inFull} else false end`
    : inFull;
}

/**
 * Low (D7): the same birth date and names that are similar but not equal; on the platform, and inside
 * the source (D8), there each row with the lowest id it is like. Rows are filed once for both.
 *
 * @param areSigned whether pairs are told apart by bits first, which finds the same: it pays where there are many a name
 */
export function similarNames(context: MatchContext, areSigned: boolean): Sql {
  const { migration, run } = context;
  const inPart = idInPart(context, "(birth_date - date '2000-01-01')");
  const most = migration.entity.match.cap * commonDates;
  const { similarity } = migration.entity.match;
  const names = sql`select name_key from dated union select name_key from met`;
  const [bitsToo, join] = areSigned
    ? [", trigrams, room", " join signed using (name_key)"]
    : ["", ""];
  return sql`
  with dated as materialized (
    select staged_id, name_folded, name_key, birth_date from ${rowsOf(context)} s where birth_date is not null and ${inPart}),
  met as materialized (
    select target_table, target_id, name_folded, name_key, birth_date
      from wavegate.match_people where run_id = ${run} and birth_date is not null and ${inPart}),
  common as materialized (
    select birth_date, count(*) as rows from dated group by 1 having count(*) > ${most}
    union
    select birth_date, count(*) from met group by 1 having count(*) > ${most}),
  capped as (
    insert into wavegate.capped_groups (run_id, scope, rule, groups, rows)
    select ${run}, ${`part ${context.part.at + 1}`}, 'common_birth_date', count(distinct birth_date), sum(rows)
      from common having count(*) > 0),
  ${areSigned ? signedNames(names, similarity) : raw("")}
  legacy as materialized (
    select staged_id, name_key, birth_date${raw(bitsToo)}, ${blocks("birth_date")} as block
      from dated${raw(join)} where name_key is not null),
  people as materialized (
    select target_table, target_id, name_key, birth_date${raw(bitsToo)}, ${blocks("birth_date")} as block
      from met${raw(join)} where name_key is not null),
  in_source as (
    insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
    select ${run}, later.staged_id, 'low', 'similar_name_same_birth_date',
           min(earlier.staged_id), count(distinct earlier.staged_id) + 1
      from legacy later join legacy earlier on earlier.block = later.block
     where earlier.staged_id < later.staged_id and earlier.birth_date = later.birth_date
       and ${areSimilar("earlier", "later", similarity, areSigned)}
     group by later.staged_id)
  ${insertHints(
    "low",
    run,
    sql`
          select l.staged_id, 'similar_name_same_birth_date' as rule, p.target_table,
                 min(p.target_id) as first_id, count(distinct p.target_id) as hits
            from legacy l join people p on p.block = l.block
           where p.birth_date = l.birth_date and ${areSimilar("p", "l", similarity, areSigned)}
           group by l.staged_id, p.target_table`,
  )}`;
}
