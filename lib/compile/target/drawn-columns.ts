import { identifier, json, literal, raw, type Sql, sql } from "../../data/sql.ts";
import type { Value } from "../../define/definition.ts";
import type { WholeMigration } from "../../define/several.ts";
import { partsOf } from "../../define/several.ts";
import { drawnColumn } from "../../define/target-key.ts";
import { hasDefault } from "../../define/value.ts";
import { blankRow, keyColumnsOf } from "../target-key.ts";
import { typeBelow } from "./type-below.ts";

/** A column of a target that waves leave to a sequence of the platform's, by its default or as an identity. */
export interface DrawnColumn {
  readonly table: string;
  readonly column: string;
  /** What draws a value, as SQL of the platform's own. */
  readonly expression: string;
  /** The sequence, as SQL names it, and how far apart its numbers are. */
  readonly sequence: string;
  readonly step: string;
  /** Whether it is of whole numbers of which no two rows may have one. */
  readonly numbers: boolean;
  /** Whether no two rows may have one value of it. */
  readonly unique: boolean;
}

/** The {@link DrawnColumn}s of a migration's targets whose sequence the role may draw from. */
export const findDrawnColumns = (migration: WholeMigration): Sql => sql`
  with columns as (
    select t.name as "table", a.attrelid, a.attnum, a.attname as "column", a.attidentity <> '' as identity, d.oid as default_of,
           pg_get_expr(d.adbin, d.adrelid) as expression, b.base in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) as whole,
           exists (select from pg_index i where i.indrelid = a.attrelid and i.indisunique and i.indnkeyatts = 1
                                            and i.indkey[0] = a.attnum and i.indpred is null) as "unique"
      from jsonb_to_recordset(${json(leftTo(migration))}) t(name text, but jsonb)
      join pg_attribute a on a.attrelid = to_regclass(quote_ident(t.name)) and a.attnum > 0 and not a.attisdropped and not jsonb_exists(t.but, a.attname::text)
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''
     cross join lateral (${raw(typeBelow)}) b)
  select c."table", c."column", q.seqrelid::regclass::text as sequence, q.seqincrement::text as step,
         case when c.identity then format('nextval(%L::regclass)', q.seqrelid::regclass) else c.expression end as expression,
         c."unique" and c.whole as numbers, c."unique"
    from columns c
    join pg_depend p on case when c.identity then p.classid = 'pg_class'::regclass and p.deptype = 'i'
                                              and p.refclassid = 'pg_class'::regclass and p.refobjid = c.attrelid and p.refobjsubid = c.attnum
                             else p.classid = 'pg_attrdef'::regclass and p.objid = c.default_of and p.refclassid = 'pg_class'::regclass end
    join pg_sequence q on q.seqrelid = case when c.identity then p.objid else p.refobjid end
   where has_sequence_privilege(q.seqrelid, 'usage')
   order by 1, 2`;

/** The targets, each with the columns that every action into it writes itself. */
export function leftTo(migration: WholeMigration): { name: string; but: string[] }[] {
  const actions = partsOf(migration).flatMap(({ entity }) => Object.values(entity.actions));
  return [...new Set(actions.map(({ into }) => into))].map((name) => {
    const given = actions
      .filter(({ into }) => into === name)
      .map(({ id, values }) => [
        // What may be left to its default is.
        ...Object.keys(values).filter((column) => !hasDefault(values[column] as Value)),
        ...keyColumnsOf(id).filter((column) => column !== drawnColumn(id)),
      ]);
    return {
      name,
      but: (given[0] ?? []).filter((each) => given.every((one) => one.includes(each))),
    };
  });
}

/**
 * Draws a value as the column takes it, and looks whether a row has it already, or one of those behind it; as `taken`. It
 * fails as an insert would where the sequence has no more, or the column does not take what it has.
 *
 * @param ahead how many values are looked for
 */
export function drawOne(drawn: DrawnColumn, ahead: number): Sql {
  const [table, column] = [identifier(drawn.table), identifier(drawn.column)];
  const record = `jsonb_populate_record(${blankRow(table)}, jsonb_build_object(${literal(drawn.column)}, ${drawn.expression}))`;
  const end = `least(greatest(d.value::numeric + ${ahead}::numeric * ${drawn.step}, -9223372036854775808), 9223372036854775807)::bigint`;
  const isOne = drawn.numbers
    ? `t.${column} between least(d.value, ${end}) and greatest(d.value, ${end})`
    : `t.${column} = d.value`;
  const taken = drawn.unique ? `exists (select from ${table} t where ${isOne})` : "false";
  return raw(
    `with d as materialized (select (${record}).${column} as value) select ${taken} as taken from d`,
  );
}

/** Sequences that have given out their last number, of those that the role sees: one text that is null for none. */
export const findUsedUp: Sql = raw(`
  select string_agg(format('%I.%I', schemaname, sequencename), ', ' order by 1) as sequences from pg_sequences
   where not cycle and last_value is not null
     and last_value::numeric + increment_by not between min_value and max_value`);
