import { raw, type Sql, sql } from "../../data/sql.ts";
import type { Numbered } from "../../define/made.ts";

type ExpressionOf = (column: string) => string;

/** Where a row stands among others, from 1, as a text; `nth` tells apart rows of one place. */
export const placeOf = ({ within, by }: Numbered, of: ExpressionOf, nth: string): string =>
  `(row_number() over (partition by ${within.map(of).join(", ")} order by ${orderOf(by, of, nth)}))::text`;

function orderOf(by: readonly string[], of: ExpressionOf, nth: string): string {
  const order = by.flatMap((column) => {
    const text = of(column);
    return [
      `case when ${text} ~ '^-?[0-9]{1,30}$' then (${text})::numeric end nulls last`,
      `${text} collate "C" nulls last`,
    ];
  });
  return [...order, nth].join(", ");
}

/** What is told of each row besides where numbers that rows have are kept, for {@link withKept}. */
export function keptColumns({ within, by, keep }: Numbered, of: ExpressionOf, nth: string): string {
  if (keep === undefined) return "";
  const [groups, order, text] = [within.map(of).join(", "), orderOf(by, of, nth), of(keep)];
  const number = `case when ${text} ~ '^[0-9]{1,9}$' then nullif((${text})::int, 0) end`;
  return `,
                 to_jsonb(array[${groups}]::text[]) as within, ${number} as own,
                 row_number() over (partition by ${groups} order by ${order}) as turn,
                 row_number() over (partition by ${groups}, ${number} order by ${order}) as claim`;
}

/**
 * Rows with their places where numbers are kept: the first that has a number keeps it, and the others take, in their
 * turn, the lowest that are free. Of kept numbers in their order the nth has as many free ones before it as it is
 * greater than n, so that each of the others stands behind those with fewer before them than its turn.
 *
 * @param index where the place is in the values of a row
 */
export const withKept = (rows: Sql, index: number): Sql => sql`
  (select k.key, k.noted, k.id, k.nth,
          jsonb_set(k.source_values, ${raw(`'{${index}}'`)}, to_jsonb((case when k.keeps then k.own else k.n + count(*) filter (where k.keeps) over (
            partition by k.within order by k.before, k.keeps rows between unbounded preceding and current row) end)::text)) as source_values
     from (select t.*, case when t.keeps then t.own - t.n else t.n end as before
             from (select r.*, r.own is not null and r.claim = 1 as keeps,
                          row_number() over (partition by r.within, r.own is not null and r.claim = 1
                            order by case when r.claim = 1 then r.own end nulls last, r.turn) as n
                     from ${rows} r) t) k)`;
