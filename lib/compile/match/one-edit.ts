import { raw, type Sql, sql } from "../../data/sql.ts";
import { idInPart, insertHints, type MatchContext, rowsOf, unlessThere } from "./context.ts";

/** Shorter names are compared with nothing: one edit of four letters is another name. */
const shortest = 5;
/** PostgreSQL weighs the edits of no longer text. */
const longest = 255;
/** A name is begun at each of its first words; nobody's has more. */
const mostWords = 6;

/**
 * Blocks for names within one edit, as an array of hashes. A text of n letters is cut into three; one
 * edit touches one piece and leaves the others, those before it from the left and those behind it
 * from the right: so the text is filed under each two of its pieces, and another text, which may be
 * a letter longer or shorter, under the same cuts.
 */
const blocks = (folded: string, length: string): string => {
  const parts = [
    `left(${folded}, ${length} * 2 / 3)`,
    `right(${folded}, ${length} - ${length} / 3)`,
    `left(${folded}, ${length} / 3) || ' ' || right(${folded}, ${length} - ${length} * 2 / 3)`,
  ];
  const hashes = parts.map((part, cut) => `hashtextextended(${part}, ${length} * 3 + ${cut})`);
  return `array[${hashes.join(", ")}]`;
};

/** A name is cut for its own length, `long`; on the smaller side, for each word it may begin at, for those of its near ones too. */
const own = blocks("name", "long");
const near = ["(long - 1)", "long", "(long + 1)"].map((of) => blocks("turned", of)).join(" || ");

/** A name begun at each of its words, as `(turned)`: first and last in either order. */
const turned = raw(`(
        select array_to_string(words[at : cardinality(words)] || words[1 : at - 1], ' ')
          from (select string_to_array(name, ' ') as words) split,
               generate_series(1, least(cardinality(words), ${mostWords})) at) o(turned)`);

const comparable = raw(`length(name_folded) between ${shortest} and ${longest}`);

/** Low (D7): names equal or within one edit, in either order, of rows without a birth date and of all people. */
export function namesOfUndatedRows(context: MatchContext): Sql {
  return compareNames(context, { rows: raw("null"), people: raw("true"), smaller: "rows" });
}

/** The same of rows with a birth date and people without. */
export function namesOfUndatedPeople(context: MatchContext): Sql {
  return compareNames(context, {
    rows: raw("not null"),
    people: raw("birth_date is null"),
    smaller: "people",
  });
}

/**
 * Names that are not compared, or not in every order, as they are too long: reported as capped (D7), of
 * rows and of people.
 */
export function tooLongNames(context: MatchContext): Sql {
  const { run } = context;
  const which = (id: string) => sql`
      where ${idInPart(context, id)}
        and (${tooLong} or ${manyWords})`;
  return sql`
  insert into wavegate.capped_groups (run_id, scope, rule, groups, rows)
  select ${run}, ${`rows, part ${context.part.at + 1}`}, rule, count(distinct name_folded), count(*)
    from (select name_folded, ${tooLongBy} as rule from ${rowsOf(context)} s ${which("staged_id")}) long group by rule
  union all
  select ${run}, ${`platform, part ${context.part.at + 1}`}, rule, count(distinct name_folded), count(*)
    from (select name_folded, ${tooLongBy} as rule from wavegate.match_people ${which("target_id")}
             and run_id = ${run}) long group by rule ${unlessThere(context.again)}`;
}

const tooLong = raw(`length(name_folded) > ${longest}`);
const manyWords = raw(`split_part(name_folded, ' ', ${mostWords + 1}) <> ''`);
const tooLongBy = sql`case when ${tooLong} then 'name_too_long' else 'name_of_many_words' end`;

interface Sides {
  /** Whose birth dates are so, of the rows. */
  readonly rows: Sql;
  /** Whom of the platform's people rows are compared with. */
  readonly people: Sql;
  /** Whose names are turned and cut for three lengths. */
  readonly smaller: "rows" | "people";
}

/**
 * Names are compared, each once however many rows and people carry it, and people are counted for each name before its
 * rows are told: a source may give all its rows one name that many on the platform have. What is capped are people's.
 */
function compareNames(context: MatchContext, { rows, people, smaller }: Sides): Sql {
  const { migration, run, part, again } = context;
  const [larger, mine, theirs] =
    smaller === "rows" ? ["people", "one", "other"] : ["rows", "other", "one"];
  const scope = `platform, ${smaller === "people" ? "smaller" : "larger"} side, part ${part.at + 1}`;
  const { cap } = migration.entity.match;
  const common =
    smaller === "people"
      ? sql`
    select block, sum(n) as rows from smaller_blocks group by 1 having sum(n) > ${cap}`
      : // Of those that are met at all.
        sql`
    select block, rows from (select block, sum(n) as rows from larger_blocks group by 1 having sum(n) > ${cap}) often
      join (select block from smaller_blocks) met using (block) group by 1, 2`;
  return sql`
  with rows as materialized (
    select staged_id, name_folded as name from ${rowsOf(context)} s
     where ${comparable} and birth_date is ${rows} and ${idInPart(context, "staged_id")}),
  people as materialized (
    select target_table, target_id, name_folded as name from wavegate.match_people
     where run_id = ${run} and ${comparable} and ${people}),
  smaller_blocks as materialized (
    select name, turned, n, unnest(${raw(near)}) as block
      from (select name, turned, n, length(turned) as long
              from (select name, count(*)::int as n from ${raw(smaller)} group by 1) names cross join lateral ${turned} offset 0) names),
  larger_blocks as (
    select name, n, unnest(${raw(own)}) as block
      from (select name, n, length(name) as long
              from (select name, count(*)::int as n from ${raw(larger)} group by 1) names offset 0) names),
  common as materialized (${common}),
  capped as (
    insert into wavegate.capped_groups (run_id, scope, rule, groups, rows)
    select ${run}, ${scope}, 'name_within_one_edit', count(*), coalesce(sum(rows), 0) from common ${unlessThere(again)}),
  pairs as (
    select distinct s.name as one, l.name as other
      from smaller_blocks s join larger_blocks l on l.block = s.block
     where s.block not in (select block from common)
       and levenshtein_less_equal(s.turned, l.name, 1) <= 1),
  found as materialized (
    select ${raw(mine)} as name, target_table, min(target_id) as first_id, count(*) as hits
      from pairs join people on people.name = pairs.${raw(theirs)} group by 1, 2)
  ${insertHints(
    context,
    "low",
    sql`
          select staged_id, 'name_within_one_edit' as rule, target_table, first_id, hits from rows join found using (name)`,
    { apart: true },
  )}`;
}
