import { identifier, join, literal, raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { fieldsOf, mainField, nameForms } from "../columns.ts";
import { sourceTable } from "../rows.ts";

/** What the statements of a run's matching are written for. */
export interface MatchContext {
  readonly migration: Migration;
  readonly run: Sql;
  /**
   * Which part of the work, of how many: what is compared with each other falls into one part, and
   * each part's statements stay far from the Data API's 45 s.
   */
  readonly part: { readonly at: number; readonly of: number };
  readonly numbering: Numbering;
  /** Whether this was done before and may have been written, as only the answer was lost: what is there stays. */
  readonly again: boolean;
}

/** How numbers of the definition's region are dialled, by which the platform's fields are read. */
export interface Numbering {
  readonly code: string;
  /** What stands before a national number; empty where nothing does. */
  readonly prefix: string;
  /** Lengths of national numbers. */
  readonly lengths: readonly number[];
}

/** Whether a text, by which rows are compared, falls into this part. */
export const textInPart = ({ part: { at, of } }: MatchContext, text: string): Sql =>
  raw(of === 1 ? "true" : `abs(hashtextextended(${text}, 0) % ${of}) = ${at}`);

/** Whether an id falls into this part. */
export const idInPart = ({ part: { at, of } }: MatchContext, id: string): Sql =>
  raw(of === 1 ? "true" : `abs(${id} % ${of}) = ${at}`);

/**
 * A run's rows in the form that is compared, in parentheses: columns that nobody asks for cost
 * nothing, and what a definition has no field for is null.
 */
export function rowsOf({ migration, run }: Pick<MatchContext, "migration" | "run">): Sql {
  const named = mainField(migration, "name");
  const { folded, key } = named
    ? nameForms(migration, named)
    : { folded: "null::text", key: "null::text" };
  const made = mainField(migration, "created_at");
  const phone = mainField(migration, "phone");
  const rawPhone = phone
    ? `case when ${identifier(`${phone}_normalized`)} is null then wavegate.raw_phone_key(${identifier(`${phone}_raw`)}) end`
    : "null::text";
  return sql`(
        select id as staged_id, source_table, legacy_id, ${raw(folded)} as name_folded, ${raw(key)} as name_key,
               ${raw(made ? identifier(made) : "null::timestamp")} as created_at,
               ${raw(believedBirthDate(migration))} as birth_date,
               -- Only where the phone did not normalise (D6).
               ${raw(rawPhone)} as raw_phone
          from ${raw(sourceTable(migration))} where run_id = ${run})`;
}

/** A row's birth date, as SQL: one that nobody believes is none. */
export function believedBirthDate(migration: Migration): string {
  const born = mainField(migration, "birth_date");
  return born === undefined
    ? "null::date"
    : `case when findings is null or not jsonb_exists(findings, 'birth_date_implausible') then ${identifier(born)} end`;
}

/** Contacts of one kind are found beside those of no other: a phone's number is no address. */
export type ContactKind = "phone" | "email";

/**
 * Every validated contact of some kinds of every row, with its alternates (D3), whichever of the fields it stands in:
 * `(staged_id, rule, contact)`, and `(created_at, source_table, legacy_id)`, by which rows stand in order.
 */
export function contacts(context: MatchContext, kinds: readonly ContactKind[]): Sql {
  const { migration, run } = context;
  const source = raw(sourceTable(migration));
  const made = mainField(migration, "created_at");
  const order = raw(
    `${made ? `s.${identifier(made)}` : "null::timestamp"} as created_at, s.source_table, s.legacy_id`,
  );
  const nobodys = sql`select phone from wavegate.shared_phones where run_id = ${run}`;
  const phones = (name: string) => {
    const first = raw(`s.${identifier(`${name}_normalized`)}`);
    const further = raw(`s.${identifier(`${name}_alternates`)}`);
    return [
      sql`
    select s.id as staged_id, 'same_phone' as rule, ${first} as contact, ${order} from ${source} s
     where s.run_id = ${run} and ${first} is not null and ${textInPart(context, `s.${identifier(`${name}_normalized`)}`)}
       and ${first} not in (${nobodys})`,
      sql`
    select s.id, 'same_alternate_phone', a.phone, ${order}
      from ${source} s cross join lateral jsonb_array_elements_text(${further}) a(phone)
     where s.run_id = ${run} and ${further} is not null and ${textInPart(context, "a.phone")} and a.phone not in (${nobodys})`,
    ];
  };
  const emails = (name: string) => {
    const address = `s.${identifier(`${name}_candidate`)}`;
    return [
      sql`
    select s.id as staged_id, 'same_email' as rule, ${raw(address)} as contact, ${order} from ${source} s
     where s.run_id = ${run} and ${raw(address)} is not null and ${textInPart(context, address)}
       and ${raw(address)} not in (select address from wavegate.shared_emails where run_id = ${run})`,
    ];
  };
  return join(
    kinds.flatMap((kind) =>
      fieldsOf(migration, kind).flatMap(([name]) =>
        kind === "phone" ? phones(name) : emails(name),
      ),
    ),
    hasSeveral(migration, kinds) ? "\n    union" : "\n    union all",
  );
}

/** Of several fields two may hold the same. */
const hasSeveral = (migration: Migration, kinds: readonly ContactKind[]): boolean =>
  kinds.some((kind) => fieldsOf(migration, kind).length > 1);

/** How many rows carry a contact, of {@link contacts} grouped by it: a row counts once. */
export const rowsWithContact = (migration: Migration, kinds: readonly ContactKind[]): Sql =>
  raw(hasSeveral(migration, kinds) ? "count(distinct staged_id)" : "count(*)");

/** The kinds of contacts that rows have, and that are compared. */
export const contactKinds = (migration: Migration): readonly ContactKind[] =>
  (["phone", "email"] as const).filter((kind) => fieldsOf(migration, kind).length > 0);

/** Whether rows have any contact that is compared. */
export const hasContacts = (migration: Migration): boolean => contactKinds(migration).length > 0;

/** The kind of things whose rows are people, of a migration of several: it alone has contacts and is matched. */
export const contactsOf = (parts: readonly Migration[]): Migration => {
  const people = parts.find((part) => hasContacts(part) || isMatched(part)) ?? parts[0];
  if (people === undefined) throw new Error("A migration has at least one entity.");
  return people;
};

/** Whether rows are compared with anybody. */
export const isMatched = ({ entity }: Migration): boolean => entity.match.against.length > 0;

/** How hints are written. */
interface Written {
  /** Whether none is found in two parts; several are one, with the more hits, which costs half as much again. */
  readonly apart: boolean;
}

/**
 * Writes the hints against the platform that `found` gives: `(staged_id, rule, target_table, first_id, hits)`. In the order
 * of their rows, which takes two thirds of the time of any other.
 */
export const insertHints = (
  { run, again }: MatchContext,
  level: string,
  found: Sql,
  { apart }: Written,
): Sql => sql`
  insert into wavegate.duplicate_hints as h (run_id, staged_id, level, rule, target_table, target_id, hits)
  select ${run}, staged_id, ${raw(literal(level))}, rule, target_table, first_id, hits from (${found}) found order by staged_id
  ${unlessApart(apart && !again, "run_id, staged_id, rule, target_table, target_id")}`;

/**
 * Writes the hints inside the source that `found` gives, `(staged_id, rule, first_id, hits)`, as {@link insertHints} does.
 * Two steps that find the same at once write it in one order, so that neither waits for what waits for it.
 */
export const insertSourceHints = (
  { run, again }: MatchContext,
  level: string,
  found: Sql,
  { apart }: Written,
): Sql => sql`
  insert into wavegate.source_hints as h (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, staged_id, ${raw(literal(level))}, rule, first_id, hits from (${found}) found order by staged_id, first_id
  ${unlessApart(apart && !again, "run_id, staged_id, rule, first_id")}`;

/** Of hints `h` that are found twice one, with the more hits. */
const unlessApart = (apart: boolean, key: string): Sql =>
  raw(apart ? "" : `on conflict (${key}) do update set hits = greatest(h.hits, excluded.hits)`);

/** What an insert ends with whose rows may be there already, as it was done before. */
export const unlessThere = (again: boolean): Sql => raw(again ? "on conflict do nothing" : "");
