import { literal, raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";

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

/** Every validated contact of every row, with its alternates (D3): `(staged_id, rule, contact)`. */
export function contacts(context: MatchContext): Sql {
  const { run } = context;
  return sql`
    select staged_id, 'same_phone' as rule, phone as contact from wavegate.match_rows
     where run_id = ${run} and phone is not null and ${textInPart(context, "phone")}
    union all
    select s.staged_id, 'same_alternate_phone', a.phone
      from wavegate.match_rows s cross join lateral jsonb_array_elements_text(s.alternates) a(phone)
     where s.run_id = ${run} and s.alternates is not null and ${textInPart(context, "a.phone")}
    union all
    select staged_id, 'same_email', email from wavegate.match_rows
     where run_id = ${run} and email is not null and ${textInPart(context, "email")}`;
}

/** Writes the hints against the platform that `found` gives: `(staged_id, rule, target_table, first_id, hits)`. */
export const insertHints = (level: string, run: Sql, found: Sql): Sql => sql`
  insert into wavegate.duplicate_hints as h (run_id, staged_id, level, rule, target_table, target_id, hits)
  select ${run}, staged_id, ${raw(literal(level))}, rule, target_table, first_id, hits from (${found}) found
  -- Two contacts of a row may lead to the same person in two parts.
  on conflict (run_id, staged_id, rule, target_table, target_id) do update
    set hits = greatest(h.hits, excluded.hits)`;
