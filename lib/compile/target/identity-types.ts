import { identifier, isOneOf, literal, tablesNamed } from "../../data/sql.ts";
import type { Migration, Value } from "../../define/definition.ts";
import { importedColumns } from "../columns.ts";
import { legacyIdType } from "../keys.ts";
import { typeBelow } from "./type-below.ts";
import { readAs, takesText } from "./type-fit.ts";

/** By target table and column, the type below all domains of each column that tells which legacy row was moved. */
export type IdentityTypes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The {@link IdentityTypes} of some kinds of things as they are at this moment: a select of one JSON value. */
export function identityTypesNow(parts: readonly Migration[]): string {
  const told = parts.flatMap(({ entity }) =>
    Object.values(entity.actions).filter(({ identity }) => identity !== undefined),
  );
  const columns = told.flatMap(({ into, identity = {} }) =>
    Object.keys(identity).map((column) => [into, column] as const),
  );
  return columns.length === 0
    ? "select '{}'::jsonb"
    : `
    select coalesce(jsonb_object_agg(i.name, i.columns), '{}')
      from (select t.name, jsonb_object_agg(a.attname, format_type(b.base, null)) as columns
              from (${tablesNamed(told.map(({ into }) => into))}) t
              join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
              cross join lateral (${typeBelow}) b
             where ${isOneOf("t.name", "a.attname", columns)}
             group by 1) i`;
}

const number = /^(smallint|integer|bigint|numeric|real|double precision)$/;

/** The type in which a staged column of a row is staged. */
const stagedType = (
  migration: Migration,
  { staged }: Extract<Value, { readonly staged: string }>,
  column: string,
): string =>
  staged === "legacy_id"
    ? legacyIdType(migration)
    : (importedColumns(migration).find(({ name }) => name === column)?.type ?? "text");

/**
 * When a staged text names something else than a number of the platform's that reads alike, as `007` and ` 7` do beside 7,
 * as SQL that is never null; undefined where both are numbers, or both are not.
 *
 * @param is the text, and `type`, the one below all domains of the column that tells by it
 */
export function unplainFor(
  migration: Migration,
  value: Extract<Value, { readonly staged: string }>,
  column: string,
  type: string | undefined,
  is: string,
): string | undefined {
  if (type === undefined || !number.test(type)) return undefined;
  if (!takesText.test(stagedType(migration, value, column))) return undefined;
  const read = `(${is})::${type}`;
  return `case when pg_input_is_valid(${is}, ${literal(type)}) then (${type === "numeric" ? `trim_scale(${read})` : read})::text <> ${is} else false end`;
}

/**
 * A staged column of a row `s` as it is compared with a column of that type: as it stands where PostgreSQL compares the two
 * by themselves, so that an index serves; else as the column reads its text, which is null where it is none, or is another
 * text than the number it reads as ({@link unplainFor}).
 */
export function comparedWith(
  migration: Migration,
  value: Extract<Value, { readonly staged: string }>,
  column: string,
  type: string | undefined,
): string {
  const is = `s.${identifier(column)}`;
  const own = stagedType(migration, value, column);
  const same =
    type === undefined ||
    type === own ||
    (takesText.test(own) && takesText.test(type)) ||
    (number.test(own) && number.test(type)) ||
    (/^(date|timestamp)/.test(own) && /^(date|timestamp)/.test(type));
  if (same) return is;
  const unplain = unplainFor(migration, value, column, type, is);
  return unplain === undefined
    ? readAs(is, type)
    : `case when not ${unplain} then ${readAs(is, type)} end`;
}
