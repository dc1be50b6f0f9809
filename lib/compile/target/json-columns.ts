import { identifier, literal, tablesNamed, textObject } from "../../data/sql.ts";
import { typeBelow } from "./type-below.ts";

/**
 * A column of which an image as jsonb forgets something: of json, or of a list of it, how it was written; of jsonb whether
 * there is nothing, or JSON's own null.
 */
interface JsonColumn {
  readonly name: string;
  readonly base: "json" | "json[]" | "jsonb" | "jsonb[]";
}

/** Such columns by table; tables without one are left out. */
export type JsonColumns = Readonly<Record<string, readonly JsonColumn[]>>;

/** The {@link JsonColumns} of some tables as they are at this moment: a select of one JSON value. */
export const jsonColumnsNow = (tables: readonly string[]): string => `
    select coalesce(jsonb_object_agg(j.name, j.columns), '{}')
      from (select t.name, jsonb_agg(jsonb_build_object('name', a.attname, 'base', format_type(b.base, null)) order by a.attnum) as columns
              from (${tablesNamed(tables)}) t
              join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
              cross join lateral (${typeBelow}) b
             where b.base in ('json'::regtype, 'json[]'::regtype, 'jsonb'::regtype, 'jsonb[]'::regtype)
             group by 1) j`;

/**
 * A new row `i` as the ledger keeps it, and under the one name that no column has, what that forgets of columns of JSON:
 * the text that stands there; of jsonb, which has one text for one value, only where that is its own null.
 */
export function imageOfNew(columns: readonly JsonColumn[] = []): string {
  if (columns.length === 0) return "to_jsonb(i.*)";
  const texts = columns.map(({ name, base }) => {
    const text = `i.${identifier(name)}::text`;
    return [name, base === "jsonb" ? `case ${text} when 'null' then 'null' end` : text] as const;
  });
  return `to_jsonb(i.*) || jsonb_build_object('', ${textObject(texts)})`;
}

/** A column of JSON as it was called when it was written, and as it is called now. */
export interface WrittenJson {
  readonly written: string;
  readonly now: string;
  readonly base: JsonColumn["base"];
}

/**
 * What of the row `t` is held against what an entry has besides, as {@link imageOfNew} keeps it; where it has nothing of a
 * column nothing is. As further conditions: that all are the same, and that a column's name is that of one which is not.
 */
export function heldToTheLetter(
  columns: readonly WrittenJson[],
  entry: string,
): { readonly same: string; readonly rewritten: (name: string) => string } {
  const texts = `(${entry}.after_image -> '')`;
  const other = columns.map(({ written, now, base }) => {
    const [is, was] = [`t.${identifier(now)}::text`, `${texts} ->> ${literal(written)}`];
    // Where it was of json then, it is read as the platform's change of the column's type read it.
    const read = base.startsWith("jsonb") ? `(${was})::${base}::text` : was;
    return {
      now,
      is: `coalesce(jsonb_exists(${texts}, ${literal(written)}) and case when ${was} is not null then ${is} is distinct from ${read}
             else ${is} is not null and ${entry}.after_image -> ${literal(written)} = 'null' end, false)`,
    };
  });
  return {
    same: other.map(({ is }) => ` and not ${is}`).join(""),
    rewritten: (name) =>
      other.map(({ now, is }) => ` or ${name} = ${literal(now)} and ${is}`).join(""),
  };
}

/** Of a new row `i` the name of the first column that jsonb does not take; null for none. They are of json, or of a list of it. */
export const unkeptIn = (columns: readonly JsonColumn[]): string =>
  `case ${columns
    .map(
      ({ name, base }) =>
        `when not pg_input_is_valid(i.${identifier(name)}::text, ${literal(base.replace("json", "jsonb"))}) then ${literal(name)}`,
    )
    .join(" ")} end`;
