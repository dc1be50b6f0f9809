import { identifier, json, raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration, Value } from "../../define/definition.ts";
import { importedColumns, stagedColumns, valueColumn } from "../columns.ts";
import { typeBelow } from "./type-below.ts";

/**
 * The type, without its length, of what an insert writes of a value; undefined where nothing can be said, or where the
 * column's own type reads it as a text: words, lists, ranges and lengths of time, as waves write them.
 */
export function insertedType(migration: Migration, value: Value): string | undefined {
  if ("run" in value) return value.run === "id" ? "uuid" : "timestamptz";
  if ("label" in value) return "text";
  if ("object" in value) return "jsonb";
  if ("uuid" in value) return "uuid";
  if (!("staged" in value)) return undefined;
  const { decide, fields } = migration.entity;
  const kind = fields[value.staged]?.kind;
  if (kind === "duration") return "interval";
  if (Object.hasOwn(decide, value.staged) || ["choice", "list", "range"].includes(kind ?? ""))
    return undefined;
  const column = valueColumn(migration, value.staged);
  const own = importedColumns(migration).find(({ name }) => name === column);
  if (own) return own.type.replace(/\([^)]*\)/u, "");
  if (column === "raw_payload") return "jsonb";
  if (column === "id" || column === "legacy_id") return undefined;
  return stagedColumns(migration).some(([name]) => name === column) ? "text" : undefined;
}

/** A value as a sentence names it. */
export const namedValue = (value: Value): string =>
  "staged" in value
    ? `“${value.staged}”`
    : "label" in value
      ? `the label of “${value.label}”`
      : "of" in value
        ? `what “${value.of}” is on the platform`
        : "uuid" in value
          ? "a UUID that is made"
          : "the run";

/**
 * Whether a column takes a value of another type without a word, as an insert does it; both as oids of types below all
 * domains, in SQL.
 */
export const takesType = (from: string, to: string): string => `(${from} = ${to}
      or exists (select from pg_catalog.pg_cast c
                  where c.castsource = ${from} and c.casttarget = ${to} and c.castcontext in ('a', 'i'))
      -- What any type is written as goes into a text.
      or exists (select from pg_catalog.pg_type y where y.oid = ${to} and y.typcategory = 'S'))`;

/** A value that a column of the platform does not take, as its type is another one. */
export interface UnfitType {
  readonly action: string;
  /** As `table.column`. */
  readonly column: string;
  readonly type: string;
  readonly value: string;
  readonly from: string;
}

/** What an entity's actions write into columns that do not take it, whatever it is: PostgreSQL refuses such a wave as a whole. */
export const findUnfitTypes = (migration: Migration): Sql => sql`
  select w.action, w."table" || '.' || w."column" as "column", format_type(a.atttypid, a.atttypmod) as type, w.value, w."from"
    from jsonb_to_recordset(${json(writtenTypes(migration))})
           w(action text, "table" text, quoted text, "column" text, value text, "from" text)
    join pg_catalog.pg_attribute a
      on a.attrelid = to_regclass(w.quoted) and a.attname = w."column" and a.attnum > 0 and not a.attisdropped
    cross join lateral (${raw(typeBelow)}) d
    cross join lateral (select w."from"::regtype::oid as oid) f
   where not ${raw(takesType("f.oid", "d.base"))}
   order by 1, 2`;

const writtenTypes = (migration: Migration) =>
  Object.entries(migration.entity.actions).flatMap(([action, { into, values }]) =>
    Object.entries(values).flatMap(([column, value]) => {
      const from = insertedType(migration, value);
      return from === undefined
        ? []
        : [
            {
              action,
              table: into,
              quoted: identifier(into),
              column,
              value: namedValue(value),
              from,
            },
          ];
    }),
  );

/** The same in a sentence. */
export const saysUnfitType = ({ action, column, type, value, from }: UnfitType): string =>
  `“${action}” writes ${column} (${type}) from ${value}, which is ${from}: PostgreSQL does not take the one for the other.`;
