import { isOneOf, raw, type Sql, sql, tablesNamed, uuid } from "../../data/sql.ts";
import { besidesNow } from "../around/replaced.ts";
import type { Pin } from "../pin/pin.ts";
import { typeBelow } from "../target/type-below.ts";
import { drawnKey } from "./written-rows.ts";

/** A column that waves write, as `table.column`, whose type was another one when its values were reviewed. */
export interface Retyped {
  readonly column: string;
  /** Below all domains, as `format_type` writes it. */
  readonly was: string;
  readonly is: string;
}

/** The columns that a definition gives values, `a` of the tables `t`, each with its `type` below all domains. */
function written({ targets }: Pin): string {
  const columns = targets.flatMap((target) =>
    target.written
      .filter((column) => !drawnKey(target).includes(column))
      .map((column) => [target.table, column] as const),
  );
  return `(${tablesNamed(targets.map(({ table }) => table))}) t
      join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
                         and ${isOneOf("t.name", "a.attname", columns)}
     cross join lateral (select format_type(b.base, b.mod) as type from (${typeBelow}) b) y`;
}

/** The types of those columns at this moment, by table and column, and what triggers do, as a select of one JSON value. */
export const typesWritten = (pin: Pin): Sql => sql`
    select coalesce(jsonb_object_agg(w.name, w.types), '{}') || (${besidesNow(pin)})
      from (select t.name, jsonb_object_agg(a.attname, y.type) as types from ${raw(written(pin))} group by 1) w`;

/** Those of which the newest dry run saw another type, as a select of one JSON list of {@link Retyped}. */
export const retypedSince = (pin: Pin, run: string): Sql => sql`
    select coalesce(jsonb_agg(jsonb_build_object('column', t.name || '.' || a.attname, 'was', d.types -> t.name ->> a.attname, 'is', y.type)), '[]')
      from ${raw(written(pin))}
      join (select types from wavegate.dry_runs where run_id = ${uuid(run)} order by created_at desc limit 1) d
        on d.types -> t.name ->> a.attname <> y.type`;

const whole = ["smallint", "integer", "bigint"];
const text = /^(?:text|character varying(?:\(\d+\))?)$/u;
/** Digits behind the point that a number keeps. */
const digits = (type: string): number | undefined => {
  if (whole.includes(type)) return 0;
  if (type === "numeric") return Infinity;
  const [, kept] = /^numeric\(\d+,(-?\d+)\)$/u.exec(type) ?? [];
  return kept === undefined ? undefined : Number(kept);
};

/**
 * Whether a column may make something else of a value without a word, which it took as it is before: it rounds, cuts off, or
 * reads it in another zone. What is too long or too large for it the platform refuses.
 */
export function takesOtherwise({ was, is }: Retyped): boolean {
  if (text.test(was) && text.test(is)) return false;
  const [before, now] = [digits(was), digits(is)];
  return before === undefined || now === undefined || now < before;
}
