import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { MatchTarget, Migration } from "../define/definition.ts";
import { fieldOf, stagedTable } from "./rows.ts";

/** One step of matching: what it does in a word, and its statement. */
export interface MatchStep {
  readonly name: string;
  readonly statement: Sql;
}

/**
 * The statements of matching, in order, for a run: everything is thrown away and found again, in
 * one transaction. Pairs are never formed from junk: only validated contacts match (high), groups
 * are joined by `(row, first of the group, size)`, and what is too common is capped (D7).
 */
export function matchSteps(migration: Migration, run: string): readonly MatchStep[] {
  const names = columnNames(migration);
  const context: Context = {
    migration,
    names,
    rows: stagedTable(migration),
    run: sql`${uuid(run)}`,
  };
  return [
    ...["match_people", "duplicate_hints", "source_hints", "capped_groups"].map((table) => ({
      name: `forget ${table}`,
      statement: sql`delete from wavegate.${raw(table)} where run_id = ${context.run}`,
    })),
    ...migration.entity.match.against.map((target) => ({
      name: `look at ${target.table}`,
      statement: takeSnapshot(target, context),
    })),
    { name: "statistics", statement: raw("analyze wavegate.match_people") },
    { name: "same contact", statement: sameContact(context) },
    { name: "same name and birth date", statement: sameNameAndBirthDate(context) },
    { name: "same name and raw phone", statement: sameNameAndRawPhone(context) },
    { name: "similar name, same birth date", statement: similarName(context) },
    { name: "name within one edit", statement: nameWithinOneEdit(context) },
    { name: "capped names", statement: cappedNames(context) },
    { name: "same contact in the source", statement: sourceContact(context) },
    { name: "same name in the source", statement: sourceNames(context) },
    { name: "similar name in the source", statement: sourceSimilar(context) },
    { name: "statistics of hints", statement: raw("analyze wavegate.duplicate_hints") },
  ];
}

interface Names {
  readonly phone: string;
  readonly alternates: string;
  readonly rawPhone: string;
  readonly email: string;
  readonly birthDate: string;
  readonly createdAt: string;
}

interface Context {
  readonly migration: Migration;
  readonly names: Names;
  readonly rows: string;
  readonly run: Sql;
}

function columnNames(migration: Migration): Names {
  const phone = fieldOf(migration, "phone");
  return {
    phone: identifier(`${phone}_normalized`),
    alternates: identifier(`${phone}_alternates`),
    rawPhone: identifier(`${phone}_raw`),
    email: "email_normalized",
    birthDate: identifier(fieldOf(migration, "birth_date")),
    createdAt: identifier(fieldOf(migration, "created_at")),
  };
}

/** The platform's people as matching compares them; rows that this run made are no hint against it. */
function takeSnapshot(target: MatchTarget, { run }: Context): Sql {
  const own = target.madeByRun
    ? sql`where ${raw(identifier(target.madeByRun))} is distinct from ${run}`
    : raw("");
  return sql`
  insert into wavegate.match_people
    (run_id, target_table, target_id, name_folded, name_key, phone, raw_phone, email, birth_date)
  select ${run}, ${raw(literal(target.table))}, id, folded, wavegate.name_key(folded),
         nullif(regexp_replace(phone, '^00|[^0-9]', '', 'g'), ''), wavegate.raw_phone_key(phone),
         nullif(lower(btrim(email)), ''), birth_date
    from (select ${raw(identifier(target.id))} as id,
                 wavegate.fold_name(${raw(identifier(target.name))}) as folded,
                 ${raw(identifier(target.phone))} as phone, ${raw(identifier(target.email))} as email,
                 ${raw(identifier(target.birthDate))} as birth_date
            from ${raw(identifier(target.table))} ${own}) people`;
}

/** Every validated contact of every row, with its alternates (D3): `(id, rule, contact)`. */
function contacts({ names, rows, run }: Context): Sql {
  return sql`
    select id, 'same_phone' as rule, ${raw(names.phone)} as contact from ${raw(rows)}
     where run_id = ${run} and ${raw(names.phone)} is not null
    union all
    select s.id, 'same_alternate_phone', a.phone
      from ${raw(rows)} s cross join lateral jsonb_array_elements_text(s.${raw(names.alternates)}) a(phone)
     where s.run_id = ${run} and s.${raw(names.alternates)} <> '[]'
    union all
    select id, 'same_email', ${raw(names.email)} from ${raw(rows)}
     where run_id = ${run} and ${raw(names.email)} is not null`;
}

const insertHints = (level: string, run: Sql): Sql => sql`
  insert into wavegate.duplicate_hints (run_id, staged_id, level, rule, target_table, target_id, hits)
  select ${run}, id, ${raw(literal(level))}, rule, target_table, first_id, hits`;

/** High (M7): a validated phone or e-mail of the row is one of a user's or a lead's. */
function sameContact(context: Context): Sql {
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
function sameNameAndBirthDate({ names, rows, run }: Context): Sql {
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
function sameNameAndRawPhone({ names, rows, run }: Context): Sql {
  return sql`
  with people as materialized (
    select name_key, raw_phone, target_table, min(target_id) as first_id, count(*) as hits
      from wavegate.match_people where run_id = ${run} and raw_phone is not null group by 1, 2, 3)
  ${insertHints("medium", run)}
    from (select s.id, 'same_name_and_raw_phone' as rule, p.target_table, p.first_id, p.hits
            from ${raw(rows)} s join people p
              on p.name_key = s.name_key and p.raw_phone = wavegate.raw_phone_key(s.${raw(names.rawPhone)})
           where s.run_id = ${run} and s.${raw(names.phone)} is null) found`;
}

/** Low (D7): the same birth date and names that are similar but not equal. */
function similarName({ migration, names, rows, run }: Context): Sql {
  return sql`
  ${insertHints("low", run)}
    from (select s.id, 'similar_name_same_birth_date' as rule, p.target_table,
                 min(p.target_id) as first_id, count(*) as hits
            from ${raw(rows)} s join wavegate.match_people p
              on p.run_id = s.run_id and p.birth_date = s.${raw(names.birthDate)}
           where s.run_id = ${run} and p.name_key <> s.name_key
             and similarity(p.name_key, s.name_key) >= ${migration.entity.match.similarity}::float8
           group by s.id, p.target_table) found`;
}

/**
 * Blocks for names within one edit. Of two texts of which the shorter has n letters, one edit
 * leaves the first n/2 letters equal or the last: so a text is filed under both halves, for the
 * length it has and for the one below it.
 */
const halves = (folded: string): string => `
      (values (left(${folded}, length(${folded}) / 2), 'l' || length(${folded}) / 2),
              (right(${folded}, length(${folded}) / 2), 'r' || length(${folded}) / 2),
              (left(${folded}, (length(${folded}) - 1) / 2), 'l' || (length(${folded}) - 1) / 2),
              (right(${folded}, (length(${folded}) - 1) / 2), 'r' || (length(${folded}) - 1) / 2)
      ) block(part, side)`;

/** Low (D7): without a birth date on one side, names equal or within one edit, in either order. */
function nameWithinOneEdit({ migration, names, rows, run }: Context): Sql {
  const { cap } = migration.entity.match;
  return sql`
  with legacy as materialized (
    select s.id, s.${raw(names.birthDate)} is null as undated, o.folded, block.part, block.side
      from ${raw(rows)} s
      cross join lateral (values (s.name_folded), (s.name_swapped)) o(folded)
      cross join lateral ${raw(halves("o.folded"))}
     where s.run_id = ${run} and length(o.folded) >= 5),
  people as materialized (
    select p.target_table, p.target_id, p.birth_date is null as undated, p.name_folded as folded,
           block.part, block.side
      from wavegate.match_people p cross join lateral ${raw(halves("p.name_folded"))}
     where p.run_id = ${run} and length(p.name_folded) >= 5),
  common as materialized (
    select part, side from people group by 1, 2 having count(*) > ${cap})
  ${insertHints("low", run)}
    from (select l.id, 'name_within_one_edit' as rule, p.target_table,
                 min(p.target_id) as first_id, count(distinct p.target_id) as hits
            from legacy l join people p on p.part = l.part and p.side = l.side
           where (l.undated or p.undated)
             and not exists (select from common c where c.part = p.part and c.side = p.side)
             and abs(length(l.folded) - length(p.folded)) <= 1
             and levenshtein_less_equal(l.folded, p.folded, 1) <= 1
           group by l.id, p.target_table) found`;
}

/** Names so common on the platform that they were not compared: how many groups, how many rows. */
function cappedNames({ migration, run }: Context): Sql {
  return sql`
  insert into wavegate.capped_groups (run_id, scope, rule, groups, rows)
  select ${run}, 'platform', 'name_within_one_edit', count(*), coalesce(sum(rows), 0)
    from (select count(*) as rows from wavegate.match_people p
           cross join lateral ${raw(halves("p.name_folded"))}
           where p.run_id = ${run} and length(p.name_folded) >= 5
           group by block.part, block.side having count(*) > ${migration.entity.match.cap}) common`;
}

/** The order that tells which row of one person is the first (D8). */
const earliest = ({ names }: Context): string =>
  `${names.createdAt} nulls last, source_table, legacy_id`;

/** High inside the source: rows that share a validated contact, each with the first of its group. */
function sourceContact(context: Context): Sql {
  const { rows, run } = context;
  return sql`
  with contacts as (select distinct id, contact from (${contacts(context)}) c),
  grouped as (
    select c.id, first_value(c.id) over w as first_id, count(*) over (partition by c.contact) as hits
      from contacts c join ${raw(rows)} s on s.id = c.id
    window w as (partition by c.contact order by ${raw(earliest(context))}))
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, id, 'high', 'same_contact', first_id, max(hits) from grouped
   where hits > 1 group by id, first_id`;
}

/** Medium inside the source: the same name with the same birth date, or the same unusable raw phone. */
function sourceNames(context: Context): Sql {
  const { names, rows, run } = context;
  return sql`
  with keyed as (
    select id, 'same_name_and_birth_date' as rule, name_key, ${raw(names.birthDate)}::text as second,
           ${raw(names.createdAt)}, source_table, legacy_id
      from ${raw(rows)} where run_id = ${run} and ${raw(names.birthDate)} is not null
    union all
    select id, 'same_name_and_raw_phone', name_key, wavegate.raw_phone_key(${raw(names.rawPhone)}),
           ${raw(names.createdAt)}, source_table, legacy_id
      from ${raw(rows)} where run_id = ${run} and ${raw(names.phone)} is null),
  grouped as (
    select id, rule, first_value(id) over w as first_id,
           count(*) over (partition by rule, name_key, second) as hits
      from keyed where name_key is not null and second is not null
    window w as (partition by rule, name_key, second order by ${raw(earliest(context))}))
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, id, 'medium', rule, first_id, hits from grouped where hits > 1`;
}

/** Low inside the source: the same birth date and similar names; each row with the lowest id it is like. */
function sourceSimilar({ migration, names, rows, run }: Context): Sql {
  return sql`
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, s.id, 'low', 'similar_name_same_birth_date', min(o.id), count(*) + 1
    from ${raw(rows)} s join ${raw(rows)} o
      on o.run_id = s.run_id and o.${raw(names.birthDate)} = s.${raw(names.birthDate)} and o.id < s.id
   where s.run_id = ${run} and o.name_key <> s.name_key
     and similarity(o.name_key, s.name_key) >= ${migration.entity.match.similarity}::float8
   group by s.id`;
}
