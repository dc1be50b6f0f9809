import { literal, raw, type Sql, sql } from "../data/sql.ts";
import { contacts, type MatchContext, nameBlocks } from "./match-context.ts";

const insertHints = (level: string, run: Sql): Sql => sql`
  insert into wavegate.duplicate_hints (run_id, staged_id, level, rule, target_table, target_id, hits)
  select ${run}, id, ${raw(literal(level))}, rule, target_table, first_id, hits`;

/** High (M7): a validated phone or e-mail of the row is one of a user's or a lead's. */
export function sameContact(context: MatchContext): Sql {
  const { run } = context;
  return sql`
  with people as materialized (
    select false as is_email, phone as contact, target_table, min(target_id) as first_id, count(*) as hits
      from wavegate.match_people where run_id = ${run} and phone is not null group by 2, 3
    union all
    select true, email, target_table, min(target_id), count(*)
      from wavegate.match_people where run_id = ${run} and email is not null group by 2, 3),
  contacts as (${contacts(context)})
  ${insertHints("high", run)}
    from (select distinct on (c.id, c.rule, p.target_table, p.first_id)
                 c.id, c.rule, p.target_table, p.first_id, p.hits
            from contacts c join people p
              on p.contact = c.contact and p.is_email = (c.rule = 'same_email')
           order by c.id, c.rule, p.target_table, p.first_id, p.hits desc) found`;
}

/** Medium (M7): the same name, in either order, and the same birth date. */
export function sameNameAndBirthDate({ names, rows, run }: MatchContext): Sql {
  return sql`
  with people as materialized (
    select name_key, birth_date, target_table, min(target_id) as first_id, count(*) as hits
      from wavegate.match_people where run_id = ${run} and birth_date is not null group by 1, 2, 3)
  ${insertHints("medium", run)}
    from (select s.id, 'same_name_and_birth_date' as rule, p.target_table, p.first_id, p.hits
            from ${raw(rows)} s join people p
              on p.name_key = s.name_key and p.birth_date = s.${raw(names.birthDate)}
           where s.run_id = ${run}) found`;
}

/** Medium (M7), only where the phone did not normalise (D6). */
export function sameNameAndRawPhone({ names, rows, run }: MatchContext): Sql {
  return sql`
  with undone as materialized (
    select id, name_key, wavegate.raw_phone_key(${raw(names.rawPhone)}) as raw_phone
      from ${raw(rows)} where run_id = ${run} and ${raw(names.phone)} is null)
  ${insertHints("medium", run)}
    from (select u.id, 'same_name_and_raw_phone' as rule, p.target_table,
                 min(p.target_id) as first_id, count(*) as hits
            from undone u join wavegate.match_people p
              on p.run_id = ${run} and p.name_key = u.name_key and p.raw_phone = u.raw_phone
           group by 1, 3) found`;
}

/** Low (D7): the same birth date and names that are similar but not equal. */
export function similarName({ migration, names, rows, run }: MatchContext): Sql {
  return sql`
  with legacy as materialized (
    select s.id, s.name_key, s.${raw(names.birthDate)} as birth_date, block
      from ${raw(rows)} s cross join lateral ${nameBlocks("s.name_key")} w
     where s.run_id = ${run} and s.${raw(names.birthDate)} is not null),
  people as materialized (
    select p.target_table, p.target_id, p.name_key, p.birth_date, block
      from wavegate.match_people p cross join lateral ${nameBlocks("p.name_key")} w
     where p.run_id = ${run} and p.birth_date is not null)
  ${insertHints("low", run)}
    from (select l.id, 'similar_name_same_birth_date' as rule, p.target_table,
                 min(p.target_id) as first_id, count(distinct p.target_id) as hits
            from legacy l join people p on p.birth_date = l.birth_date and p.block = l.block
           where p.name_key <> l.name_key
             and similarity(p.name_key, l.name_key) >= ${migration.entity.match.similarity}::float8
           group by l.id, p.target_table) found`;
}

/** Shorter names are compared with nothing: one edit of four letters is another name. */
const shortest = 5;

/**
 * Blocks for names within one edit. A text of n letters is cut into three; one edit touches one
 * piece and leaves the others, those before it from the left and those behind it from the right:
 * so the text is filed under each two of its pieces, and another text, which may be a letter longer
 * or shorter, under the same cuts.
 */
const pieces = (folded: string, length: string): string => `
      (values (1, left(${folded}, ${length} * 2 / 3)),
              (2, right(${folded}, ${length} - ${length} / 3)),
              (3, left(${folded}, ${length} / 3) || ' ' || right(${folded}, ${length} - ${length} * 2 / 3))
      ) block(cut, part)`;

/**
 * Low (D7): without a birth date on one side, names equal or within one edit, in either order. Rows
 * without a date are held against everybody, those with one only against people without. The
 * smaller side is kept in memory and the other one streams past it.
 */
export function nameWithinOneEdit(context: MatchContext): readonly Sql[] {
  const { names, run } = context;
  const date = raw(names.birthDate);
  const undatedRows = sql`
  legacy as materialized (${rowsInBlocks(context, {
    orders: "(values (s.name_folded), (s.name_swapped)) o(folded)",
    near: true,
    only: sql`s.${date} is null`,
  })}),
  wanted as materialized (select distinct part, length, cut from legacy),
  people as materialized (
    select p.* from (${peopleInBlocks(context, {
      orders: "(values (p.name_folded)) o(folded)",
      near: false,
      only: raw("true"),
    })} offset 0) p
      join wanted w on w.part = p.part and w.length = p.length and w.cut = p.cut)`;
  const undatedPeople = sql`
  people as materialized (${peopleInBlocks(context, {
    orders: rotations,
    near: true,
    only: raw("p.birth_date is null"),
  })}),
  legacy as (${rowsInBlocks(context, {
    orders: "(values (s.name_folded)) o(folded)",
    near: false,
    only: sql`s.${date} is not null`,
  })} offset 0)`;
  return [undatedRows, undatedPeople].map(
    (sides) => sql`
  with ${sides},
  common as materialized (
    select part, length, cut, count(*) as rows from people
     group by 1, 2, 3 having count(*) > ${context.migration.entity.match.cap}),
  capped as (
    insert into wavegate.capped_groups as g (run_id, scope, rule, groups, rows)
    select ${run}, 'platform', 'name_within_one_edit', count(*), coalesce(sum(rows), 0) from common
    on conflict (run_id, scope, rule) do update
      set groups = g.groups + excluded.groups, rows = g.rows + excluded.rows),
  compared as materialized (
    select p.* from people p
     where (part, length, cut) not in (select part, length, cut from common))
  ${insertHints("low", run)}
    from (select l.id, 'name_within_one_edit' as rule, p.target_table,
                 min(p.target_id) as first_id, count(distinct p.target_id) as hits
            from legacy l join compared p on p.part = l.part and p.length = l.length and p.cut = l.cut
           where levenshtein_less_equal(l.folded, p.folded, 1) <= 1
           group by l.id, p.target_table) found`,
  );
}

/** A person's name begun at each of its words: first and last in either order, on the smaller side. */
const rotations = `(
        select array_to_string(words[at : cardinality(words)] || words[1 : at - 1], ' ')
          from (select string_to_array(p.name_folded, ' ') as words) split, generate_series(1, cardinality(words)) at
      ) o(folded)`;

/** The lengths that a name is cut for: its own, and on the smaller side those of its near ones too. */
const lengths = (near: boolean): string =>
  near
    ? "(values (length(o.folded) - 1), (length(o.folded)), (length(o.folded) + 1)) n(length)"
    : "(values (length(o.folded))) n(length)";

interface Side {
  /** The orders in which a name is looked at, as `o(folded)`. */
  readonly orders: string;
  /** Whether this is the smaller side. */
  readonly near: boolean;
  readonly only: Sql;
}

const rowsInBlocks = ({ rows, run }: MatchContext, { orders, near, only }: Side): Sql => sql`
    select s.id, o.folded, n.length, block.cut, block.part
      from ${raw(rows)} s
      cross join lateral ${raw(orders)}
      cross join lateral ${raw(lengths(near))}
      cross join lateral ${raw(pieces("o.folded", "n.length"))}
     where s.run_id = ${run} and ${only} and length(o.folded) >= ${raw(String(shortest))}`;

const peopleInBlocks = ({ run }: MatchContext, { orders, near, only }: Side): Sql => sql`
    select p.target_table, p.target_id, o.folded, n.length, block.cut, block.part
      from wavegate.match_people p
      cross join lateral ${raw(orders)}
      cross join lateral ${raw(lengths(near))}
      cross join lateral ${raw(pieces("o.folded", "n.length"))}
     where p.run_id = ${run} and length(p.name_folded) >= ${raw(String(shortest))} and ${only}`;
