import { raw, type Sql, sql } from "../../data/sql.ts";
import {
  idInPart,
  insertHints,
  insertSourceHints,
  type MatchContext,
  rowsOf,
  unlessThere,
} from "./context.ts";

/** Rows or people of one birth date beyond which it is no one's in particular, in multiples of the cap. */
export const commonDates = 10;

/**
 * Blocks for similar names of one birth date (D7), of what `names` has, as `(block, birth_date, id)`, further `columns`,
 * and `(target_table, name_key)`. The first three letters of the first and of the last word in order: where two words
 * were put together or one was taken apart, one of them stays as it began (`Ben Khelifa`, `Benkhelifa`). Those of a
 * short first word with what follows it (`El Hachemi`, `Elhachemi`). The first letter of a name of one word, for a
 * mistake in its second or third. And of people those of every word: one that begins otherwise has another place in the
 * order (`Adel Ait Ali`, `Aalie Adel Ait`), and so have those beside it. Of a common date all first letters together; such
 * blocks are `sized`. A block is a hash over its text and the date: pairs are compared in full afterwards, and numbers are
 * joined several times as fast as texts. What has no length of its own comes last: what stands behind it is read more
 * slowly, and bits are read of every pair.
 *
 * @param most pairs of common dates; those of the largest blocks beyond it are left out
 */
function blocks(names: string, columns: string, most: number): Sql {
  const first = "left(words[1], 3)";
  const last = "left(words[cardinality(words)], 3)";
  const lastOrOnly = `case when words[2] is not null then ${last} else '-' || left(name_key, 1) end`;
  // Of three letters (`Ben Abdallah`, `Benabdallah`) only where it is neither first nor last in order already.
  const isShort = `(strpos(left(name_folded, 4), ' ') in (2, 3)
            or (strpos(left(name_folded, 4), ' ') = 4 and left(name_folded, 3) not in (${first}, ${last})))`;
  const initials = `'-' || ${[1, 2, 3, 4].map((at) => `coalesce(left(words[${at}], 1), '')`).join(" || ")}`;
  const isCommon = "birth_date in (select birth_date from common)";
  const between = `(
        select *, unnest(words[2 : cardinality(words) - 1]) as word from ${names}
         where target_table is not null and words[3] is not null) people`;
  const filed = (text: string, from: string, where: string) => `
    select hashtextextended(${text}, birth_date - date '2000-01-01') as block, birth_date, id${columns}, target_table, name_key
      from ${from} where name_key is not null and ${where}`;
  const apart = [
    filed(first, names, `not ${isCommon}`),
    filed(lastOrOnly, names, `not ${isCommon}`),
    filed("left(replace(name_folded, ' ', ''), 3)", names, `${isShort} and not ${isCommon}`),
    filed("left(word, 3)", between, `not ${isCommon}`),
    `
    select * from initialed where block in (select block from sized where compared <= ${most})`,
  ];
  return raw(`
  initialed as materialized (${filed(initials, names, isCommon)}),
  sized as materialized (
    select block, rows, sum(rows * all_rows) over (order by rows * all_rows, block) as compared
      from (select block, count(*) filter (where target_table is null) as rows, count(*) as all_rows
              from initialed group by 1) each),
  filed as materialized (${apart.join("\n    union all")}),`);
}

/**
 * Bits by which most pairs are told apart without their trigrams: each trigram sets one. A name's trigrams are those of
 * its words, so they are looked up once for each word there is.
 */
const bits = 128;
const noBits = `0::bit(${bits})`;
const bitsOf = (trigrams: string): string =>
  `(select coalesce(bit_or(set_bit(${noBits}, hashtext(t) & ${bits - 1}, 1)), ${noBits}) from unnest(${trigrams}) t)`;

/** A name's first words have their bits joined to it; those of more words, which are few, are read by themselves. */
const joinedWords = [1, 2, 3, 4, 5, 6];

/**
 * What `named` has, each with the bits of its name, `trigrams`, and how many of those another name may have otherwise,
 * `room`, as its part of both names' together. Of s trigrams of two names d stand in one alone, and (s - d) / (s + d) is
 * their similarity; bits that differ are no more than d, and the trigrams of all words no fewer than s.
 */
function signing(similarity: number): Sql {
  const ofBoth = (1 - similarity) / (1 + similarity);
  const isLong = `words[${joinedWords.length + 1}] is not null`;
  const together = (column: string, none: string, operator: string) =>
    joinedWords.map((at) => `coalesce(w${at}.${column}, ${none})`).join(` ${operator} `);
  const joins = joinedWords.map(
    (at) => `left join words w${at} on w${at}.word = named.words[${at}]`,
  );
  // What is counted in whole numbers is not refused for how fractions are rounded.
  return sql`
  words as materialized (
    select word, cardinality(found) as many, ${raw(bitsOf("found"))} as trigrams
      from (select word, show_trgm(word) as found
              from (select distinct unnest(named.words) as word from named offset 0) each offset 0) words),
  signed as materialized (
    select named.*,
           ${raw(`case when ${isLong} then ${bitsOf("show_trgm(name_key)")} else ${together("trigrams", noBits, "|")} end`)} as trigrams,
           ${raw(`case when ${isLong} then cardinality(show_trgm(name_key)) else ${together("many", "0", "+")} end`)} * ${ofBoth}::float8 + 0.01 as room
      from named ${raw(joins.join("\n      "))}),`;
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
 * the source (D8), there each row with the lowest id it is like. Rows and people are filed once for both, in the order of
 * their dates: those of one date lie beside each other then, and are met several times as fast.
 *
 * @param mostOfCommonDates pairs of common dates that are compared, as a table may give all its rows one: blocks that would be
 * more are left out, the largest of them, and reported as capped
 * @param areSigned whether pairs are told apart by bits first, which finds the same: it pays where there are many a name
 */
export function similarNames(
  context: MatchContext,
  mostOfCommonDates: number,
  areSigned: boolean,
): Sql {
  const { migration, run } = context;
  const inPart = idInPart(context, "(birth_date - date '2000-01-01')");
  const most = migration.entity.match.cap * commonDates;
  const { similarity } = migration.entity.match;
  const words = raw("string_to_array(name_key, ' ')");
  const scope = `part ${context.part.at + 1}`;
  const [names, columns] = areSigned ? ["signed", ", room, trigrams"] : ["named", ""];
  return sql`
  with named as materialized (
    select birth_date, staged_id as id, null::text as target_table, name_key, name_folded, ${words} as words
      from ${rowsOf(context)} s where birth_date is not null and ${inPart}
    union all
    select birth_date, target_id, target_table, name_key, name_folded, ${words}
      from wavegate.match_people where run_id = ${run} and birth_date is not null and ${inPart}
     order by birth_date),
  common as materialized (
    select birth_date, count(*) as rows from named group by 1, target_table is null having count(*) > ${most}),${areSigned ? signing(similarity) : raw("")}${blocks(names, columns, mostOfCommonDates)}
  capped as (
    insert into wavegate.capped_groups (run_id, scope, rule, groups, rows)
    select ${run}, ${scope}, 'common_birth_date', count(distinct birth_date), sum(rows) from common having count(*) > 0
    union all
    select ${run}, ${scope}, 'similar_name_of_common_birth_date', count(*), sum(rows)
      from sized where compared > ${mostOfCommonDates} having count(*) > 0 ${unlessThere(context.again)}),
  found as materialized (
    select l.id as staged_id, o.target_table, o.id
      from filed l join filed o on o.block = l.block
     where l.target_table is null and (o.target_table is not null or o.id < l.id) and o.birth_date = l.birth_date
       and ${areSimilar("l", "o", similarity, areSigned)}),
  in_source as (${insertSourceHints(
    context,
    "low",
    sql`
    select staged_id, 'similar_name_same_birth_date' as rule, min(id) as first_id, count(distinct id) + 1 as hits
      from found where target_table is null group by staged_id`,
    { apart: true },
  )})
  ${insertHints(
    context,
    "low",
    sql`
          select staged_id, 'similar_name_same_birth_date' as rule, target_table,
                 min(id) as first_id, count(distinct id) as hits
            from found where target_table is not null group by staged_id, target_table`,
    { apart: true },
  )}`;
}
