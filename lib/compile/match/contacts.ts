import { join, type Sql, sql } from "../../data/sql.ts";
import {
  type ContactKind,
  contacts,
  idInPart,
  insertHints,
  insertSourceHints,
  type MatchContext,
  rowsWithContact,
} from "./context.ts";

/**
 * High (M7): rows that share a validated phone or e-mail, each with the first of its group; and, where people have
 * any, whose contact is somebody's on the platform. Contacts are read and counted once for both.
 *
 * @param kinds of contacts that are compared in this step
 * @param people those of them that anybody on the platform has
 * @param first whether no other step that finds contacts of the same rows begins before this one ended
 */
export function sameContacts(
  context: MatchContext,
  kinds: readonly ContactKind[],
  { people, first }: { readonly people: readonly ContactKind[]; readonly first: boolean },
): Sql {
  const rows = rowsWithContact(context.migration, kinds);
  // Two contacts of a row may lead to the same row in two parts, and in two steps: looking for what is there costs half as
  // much again, so the first step is let end before the next one.
  const inSource = insertSourceHints(
    context,
    "high",
    sql`
    select staged_id, 'same_contact' as rule, first_id, max(hits) as hits from grouped group by staged_id, first_id`,
    { apart: first && context.part.of === 1 },
  );
  return sql`
  with contacts as materialized (
    select hashtextextended(contact, 0) as key, c.* from (${contacts(context, kinds)}) c),
  -- Numbers are counted and joined faster than texts, and read faster where no text stands before them; the few that
  -- are left are compared in full.
  counted as materialized (select key, count(*) as n from contacts group by 1),
  few as materialized (select * from contacts c where c.key in (select key from counted where n > 1)),
  shared as materialized (select contact, ${rows} as hits from few group by 1 having ${rows} > 1),
  grouped as (
    select c.staged_id, shared.hits, first_value(c.staged_id) over (
             partition by c.contact order by c.created_at nulls last, c.source_table, c.legacy_id) as first_id
      from shared join few c on c.contact = shared.contact)${
        people.length === 0
          ? inSource
          : sql`,
  in_source as (${inSource}),
  ${sameAsPeople(context, people)}`
      }`;
}

/** What people have of a kind, as `(is_email, contact, target_table, target_id)`: what stands in their fields may be anything. */
const contactsOfPeople: Readonly<Record<ContactKind, (run: Sql) => Sql>> = {
  phone: (run) => sql`
            select false as is_email, phone as contact, target_table, target_id
              from wavegate.match_people where run_id = ${run} and phone is not null
            union all
            -- A field of the platform's may hold several numbers as well (D3).
            select false, unnest(phone_alternates), target_table, target_id
              from wavegate.match_people where run_id = ${run} and phone_alternates is not null`,
  email: (run) => sql`
            select true as is_email, email as contact, target_table, target_id
              from wavegate.match_people where run_id = ${run} and email is not null`,
};

/** Whose contact is somebody's, of `contacts`. A number is counted once, so that people are joined to what was counted. */
const sameAsPeople = (
  context: MatchContext,
  kinds: readonly ContactKind[],
): Sql => sql`people as materialized (
    select is_email, contact, key, target_table, min(target_id) as first_id, count(*) as hits
      from (select hashtextextended(contact, 0) as key, p.* from (${join(
        kinds.map((kind) => contactsOfPeople[kind](context.run)),
        "\n            union all",
      )}) p) told
      join counted using (key)
     where ${idInPart(context, "key")} group by 1, 2, 3, 4)
  ${insertHints(
    context,
    "high",
    sql`
          select distinct on (c.staged_id, c.rule, p.target_table, p.first_id)
                 c.staged_id, c.rule, p.target_table, p.first_id, p.hits
            from contacts c join people p
              on p.key = c.key and p.contact = c.contact and p.is_email = (c.rule = 'same_email')
           order by c.staged_id, c.rule, p.target_table, p.first_id, p.hits desc`,
    // Two contacts of a row may lead to the same person in two parts.
    { apart: context.part.of === 1 },
  )}`;
