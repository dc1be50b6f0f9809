import { identifier, literal, raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { fieldOf } from "./columns.ts";
import { sourceTable } from "./rows.ts";

/** What the statements of a run's matching are written for. */
export interface MatchContext {
  readonly migration: Migration;
  readonly run: Sql;
  /**
   * Which part of the work, of how many: what is compared with each other falls into one part, and
   * each part's statements stay far from the Data API's 45 s.
   */
  readonly part: { readonly at: number; readonly of: number };
}

/** Whether a text, by which rows are compared, falls into this part. */
export const textInPart = ({ part: { at, of } }: MatchContext, text: string): Sql =>
  raw(of === 1 ? "true" : `abs(hashtextextended(${text}, 0) % ${of}) = ${at}`);

/** Whether an id falls into this part. */
export const idInPart = ({ part: { at, of } }: MatchContext, id: string): Sql =>
  raw(of === 1 ? "true" : `abs(${id} % ${of}) = ${at}`);

/**
 * A run's rows in the form that is compared, in parentheses: columns that nobody asks for cost
 * nothing. The address is there even where too many rows share it, see {@link contacts}.
 */
export function rowsOf({ migration, run }: MatchContext): Sql {
  const field = (kind: string, suffix = "") => identifier(`${fieldOf(migration, kind)}${suffix}`);
  const phone = field("phone", "_normalized");
  return sql`(
        select id as staged_id, source_table, legacy_id, name_folded, name_key,
               ${raw(field("created_at"))} as created_at, -- A date that nobody believes is none.
               case when findings ? 'birth_date_implausible' then null else ${raw(field("birth_date"))} end as birth_date,
               ${raw(phone)} as phone, ${raw(field("phone", "_alternates"))} as alternates,
               -- Only where the phone did not normalise (D6).
               case when ${raw(phone)} is null then wavegate.raw_phone_key(${raw(field("phone", "_raw"))}) end as raw_phone,
               ${raw(field("email", "_candidate"))} as email
          from ${raw(sourceTable(migration))} where run_id = ${run})`;
}

/** Every validated contact of every row, with its alternates (D3): `(staged_id, rule, contact)`. */
export function contacts(context: MatchContext): Sql {
  const rows = rowsOf(context);
  const nobodys = sql`select phone from wavegate.shared_phones where run_id = ${context.run}`;
  return sql`
    select staged_id, 'same_phone' as rule, phone as contact from ${rows} s
     where phone is not null and ${textInPart(context, "phone")} and phone not in (${nobodys})
    union all
    select s.staged_id, 'same_alternate_phone', a.phone
      from ${rows} s cross join lateral jsonb_array_elements_text(s.alternates) a(phone)
     where s.alternates is not null and ${textInPart(context, "a.phone")} and a.phone not in (${nobodys})
    union all
    select staged_id, 'same_email', email from ${rows} s
     where email is not null and ${textInPart(context, "email")}
       and email not in (select address from wavegate.shared_emails where run_id = ${context.run})`;
}

/** Writes the hints against the platform that `found` gives: `(staged_id, rule, target_table, first_id, hits)`. */
export const insertHints = (level: string, run: Sql, found: Sql): Sql => sql`
  insert into wavegate.duplicate_hints as h (run_id, staged_id, level, rule, target_table, target_id, hits)
  select ${run}, staged_id, ${raw(literal(level))}, rule, target_table, first_id, hits from (${found}) found
  -- Two contacts of a row may lead to the same person in two parts.
  on conflict (run_id, staged_id, rule, target_table, target_id) do update
    set hits = greatest(h.hits, excluded.hits)`;
