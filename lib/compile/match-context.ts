import { raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";

/** What the statements of a run's matching are written for. */
export interface MatchContext {
  readonly migration: Migration;
  readonly run: Sql;
}

/** Every validated contact of every row, with its alternates (D3): `(staged_id, rule, contact)`. */
export function contacts({ run }: MatchContext): Sql {
  return sql`
    select staged_id, 'same_phone' as rule, phone as contact from wavegate.match_rows
     where run_id = ${run} and phone is not null
    union all
    select s.staged_id, 'same_alternate_phone', a.phone
      from wavegate.match_rows s cross join lateral jsonb_array_elements_text(s.alternates) a(phone)
     where s.run_id = ${run} and s.alternates is not null
    union all
    select staged_id, 'same_email', email from wavegate.match_rows
     where run_id = ${run} and email is not null`;
}

export const insertHints = (level: string, run: Sql): Sql => sql`
  insert into wavegate.duplicate_hints (run_id, staged_id, level, rule, target_table, target_id, hits)
  select ${run}, staged_id, ${raw(`'${level}'`)}, rule, target_table, first_id, hits`;
