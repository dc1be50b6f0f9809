import { type Sql, sql } from "../data/sql.ts";
import {
  type ContactKind,
  contacts,
  idInPart,
  insertHints,
  insertSourceHints,
  type MatchContext,
  rowsWithContact,
} from "./match-context.ts";

/**
 * High (M7): rows that share a validated phone or e-mail, each with the first of its group; and, where people have
 * any, whose contact is somebody's on the platform. Contacts are read and counted once for both.
 *
 * @param people whether anybody on the platform has contacts of the kind
 * @param alone whether rows have contacts of no other kind
 */
export function sameContacts(
  context: MatchContext,
  kind: ContactKind,
  { people, alone }: { readonly people: boolean; readonly alone: boolean },
): Sql {
  const rows = rowsWithContact(context.migration, kind);
  // Two contacts of a row may lead to the same row in two parts, and by both kinds.
  const inSource = insertSourceHints(
    context,
    "high",
    sql`
    select staged_id, 'same_contact' as rule, first_id, max(hits) as hits from grouped group by staged_id, first_id`,
    { apart: alone && context.part.of === 1 },
  );
  return sql`
  with contacts as materialized (
    select hashtextextended(contact, 0) as key, c.* from (${contacts(context, kind)}) c),
  -- Numbers are counted and joined faster than texts, and read faster where no text stands before them; the few that
  -- are left are compared in full.
  counted as materialized (select key, count(*) as n from contacts group by 1),
  few as materialized (select * from contacts c where c.key in (select key from counted where n > 1)),
  shared as materialized (select contact, ${rows} as hits from few group by 1 having ${rows} > 1),
  grouped as (
    select c.staged_id, shared.hits, first_value(c.staged_id) over (
             partition by c.contact order by c.created_at nulls last, c.source_table, c.legacy_id) as first_id
      from shared join few c on c.contact = shared.contact)${
        people
          ? sql`,
  in_source as (${inSource}),
  ${sameAsPeople(context, kind)}`
          : inSource
      }`;
}

const contactsOfPeople: Readonly<Record<ContactKind, (run: Sql) => Sql>> = {
  phone: (run) => sql`
            select phone as contact, target_table, target_id
              from wavegate.match_people where run_id = ${run} and phone is not null
            union all
            -- A field of the platform's may hold several numbers as well (D3).
            select unnest(phone_alternates), target_table, target_id
              from wavegate.match_people where run_id = ${run} and phone_alternates is not null`,
  email: (run) => sql`
            select email as contact, target_table, target_id
              from wavegate.match_people where run_id = ${run} and email is not null`,
};

/** Whose contact is somebody's, of `contacts`. A number is counted once, so that people are joined to what was counted. */
const sameAsPeople = (context: MatchContext, kind: ContactKind): Sql => sql`people as materialized (
    select contact, key, target_table, min(target_id) as first_id, count(*) as hits
      from (select hashtextextended(contact, 0) as key, p.* from (${contactsOfPeople[kind](context.run)}) p) told
      join counted using (key)
     where ${idInPart(context, "key")} group by 1, 2, 3)
  ${insertHints(
    context,
    "high",
    sql`
          select distinct on (c.staged_id, c.rule, p.target_table, p.first_id)
                 c.staged_id, c.rule, p.target_table, p.first_id, p.hits
            from contacts c join people p on p.key = c.key and p.contact = c.contact
           order by c.staged_id, c.rule, p.target_table, p.first_id, p.hits desc`,
    // Two contacts of a row may lead to the same person in two parts.
    { apart: context.part.of === 1 },
  )}`;
