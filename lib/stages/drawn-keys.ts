import { type DrawnKeys, keyedActions } from "../compile/new-keys.ts";
import type { Database } from "../data/database.ts";
import { identifier, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { Refusal } from "../services/errors.ts";

/**
 * What draws the keys that a definition leaves to the platform: the default of each column, or its identity,
 * as SQL of the platform's own. Asked only where there are such. Errors: `TargetKeyUndrawn`.
 */
export async function drawnKeys(db: Database, migration: Migration): Promise<DrawnKeys> {
  const drawn: Record<string, string> = {};
  for (const [, { into, id }] of keyedActions(migration)) {
    if (typeof id === "string" || !("drawn" in id) || into in drawn) continue;
    const [found] = await db.rows<{ expression: string | null }>(sql`
      select case when a.attidentity <> '' then format('nextval(%L::regclass)', pg_get_serial_sequence(${identifier(into)}, a.attname))
                  else pg_get_expr(d.adbin, d.adrelid) end as expression
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''
       where a.attrelid = to_regclass(${identifier(into)}) and a.attname = ${id.drawn} and not a.attisdropped`);
    if (!found?.expression) {
      throw new Refusal(
        "TargetKeyUndrawn",
        `${into}.${id.drawn} has no default that draws a key, or is not there. Nothing was written. Give it one on the platform, or let the definition keep or derive the key.`,
      );
    }
    drawn[into] = found.expression;
  }
  return drawn;
}
