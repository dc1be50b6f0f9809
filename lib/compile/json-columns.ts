import { identifier, literal, raw, type Sql, tablesNamed, textObject } from "../data/sql.ts";
import { typeBelow } from "./type-below.ts";

/** A column of json, or of a list of it, which keeps what was written to the letter; and the type that reads it as jsonb. */
export interface JsonColumn {
  readonly name: string;
  readonly reads: "jsonb" | "jsonb[]";
}

/** Such columns by table; tables without one are left out. */
export type JsonColumns = Readonly<Record<string, readonly JsonColumn[]>>;

/** The {@link JsonColumns} of some tables as they are at this moment: a select of one JSON value. */
export const jsonColumnsNow = (tables: readonly string[]): string => `
    select coalesce(jsonb_object_agg(j.name, j.columns), '{}')
      from (select t.name, jsonb_agg(jsonb_build_object('name', a.attname, 'reads', case b.base when 'json'::regtype then 'jsonb' else 'jsonb[]' end) order by a.attnum) as columns
              from (${tablesNamed(tables)}) t
              join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
              cross join lateral (${typeBelow}) b
             where b.base in ('json'::regtype, 'json[]'::regtype)
             group by 1) j`;

/** The same as a statement. */
export const findJsonColumns = (tables: readonly string[]): Sql =>
  raw(`select (${jsonColumnsNow(tables)}) as columns`);

/**
 * A new row `i` as the ledger keeps it. As jsonb forgets what order, repeated keys and spaces json was written with, such
 * columns are kept as texts besides, under the one name that no column has.
 */
export function imageOfNew(columns: readonly JsonColumn[] = []): string {
  if (columns.length === 0) return "to_jsonb(i.*)";
  const texts = columns.map(({ name }) => [name, `i.${identifier(name)}::text`] as const);
  return `to_jsonb(i.*) || jsonb_build_object('', ${textObject(texts)})`;
}

/**
 * What of the row `t` is held against the texts that an entry has, as {@link imageOfNew} keeps them; of one that has none
 * nothing is. As further conditions: that all are the same, and that a column's name is that of one which is not.
 */
export function heldToTheLetter(
  columns: readonly { readonly written: string; readonly now: string }[],
  entry: string,
): { readonly same: string; readonly rewritten: (name: string) => string } {
  const texts = `(${entry}.after_image -> '')`;
  const other = columns.map(({ written, now }) => ({
    now,
    is: `coalesce(${texts} ? ${literal(written)} and t.${identifier(now)}::text is distinct from ${texts} ->> ${literal(written)}, false)`,
  }));
  return {
    same: other.map(({ is }) => ` and not ${is}`).join(""),
    rewritten: (name) =>
      other.map(({ now, is }) => ` or ${name} = ${literal(now)} and ${is}`).join(""),
  };
}

/** Of a new row `i` the name of the first column that jsonb does not take; null for none. */
export const unkeptIn = (columns: readonly JsonColumn[]): string =>
  `case ${columns
    .map(
      ({ name, reads }) =>
        `when not pg_input_is_valid(i.${identifier(name)}::text, ${literal(reads)}) then ${literal(name)}`,
    )
    .join(" ")} end`;
