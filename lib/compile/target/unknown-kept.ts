import { identifier, json, type Sql, sql } from "../../data/sql.ts";
import type { Effect } from "../../define/definition.ts";
import { keptColumns } from "../../define/kept-columns.ts";

/** Columns that a definition says the platform keeps, and that its tables do not have, as `table.column`. */
export const findUnknownKept = (effects: Readonly<Record<string, Effect>>): Sql => sql`
  select c."table" || '.' || c.name as "column"
    from jsonb_to_recordset(${json(
      keptColumns(effects).flatMap(({ table, columns }) =>
        columns.map((name) => ({ table, quoted: identifier(table), name })),
      ),
    )}) c("table" text, quoted text, name text)
   where not exists (
     select from pg_attribute a
      where a.attrelid = to_regclass(c.quoted) and a.attname = c.name and a.attnum > 0 and not a.attisdropped)
   order by 1`;

/** The same in a sentence. */
export const saysUnknownKept = (column: string): string =>
  `The definition says that the platform keeps ${column}, and there is no such column.`;
