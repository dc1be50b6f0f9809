import { raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";

/** What the statements of a run's matching are written for. */
export interface MatchContext {
  readonly migration: Migration;
  readonly names: MatchNames;
  /** The staged rows' table. */
  readonly rows: string;
  readonly run: Sql;
}

/** The staged columns that are compared, quoted. */
export interface MatchNames {
  readonly phone: string;
  readonly alternates: string;
  readonly rawPhone: string;
  readonly email: string;
  readonly birthDate: string;
  readonly createdAt: string;
}

/** Every validated contact of every row, with its alternates (D3): `(id, rule, contact)`. */
export function contacts({ names, rows, run }: MatchContext): Sql {
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

/**
 * Blocks for similar names of one birth date (D7), as `block`: the first letters of all words, as who
 * mistypes a name rarely mistypes those, and each long word, for names whose other words were put
 * together or taken apart. The first four words are enough.
 */
export function nameBlocks(key: string): Sql {
  const word = (at: number) => `split_part(${key}, ' ', ${at})`;
  const initials = [1, 2, 3, 4].map((at) => `left(${word(at)}, 1)`).join(" || ");
  return raw(`(select block
                 from (values (${word(1)}), (${word(2)}), (${word(3)}), (${word(4)}), ('        ' || ${initials})) blocks(block)
                where length(block) >= 8)`);
}
