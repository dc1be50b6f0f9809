import { literalsWithoutColons } from "../../compile/target/catalogue-text.ts";
import {
  type DefaultOf,
  type Drawn,
  defaultedColumns,
  keyedActions,
} from "../../compile/target/new-keys.ts";
import { typeBelow } from "../../compile/target/type-below.ts";
import type { Database } from "../../data/database.ts";
import { identifier, json, raw, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { Refusal } from "../../services/errors.ts";

/**
 * What a definition leaves to the platform, as SQL of the platform's own: what draws keys, and what stands where a value
 * is missing. Asked only where there is such. Errors: `TargetKeyUndrawn`.
 */
export const drawnOf = async (db: Database, migration: Migration): Promise<Drawn> => ({
  keys: await drawnKeys(db, migration),
  missing: await missingDefaults(db, migration),
});

/** By target table the default of each key's column, or its identity. */
async function drawnKeys(db: Database, migration: Migration): Promise<Record<string, string>> {
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

/**
 * By target table and column the defaults that stand where a value is missing. Of a column that has none, or one that no
 * statement takes, there is none: a row without a value is then the platform's to refuse.
 */
async function missingDefaults(
  db: Database,
  migration: Migration,
): Promise<Record<string, Record<string, DefaultOf>>> {
  const wanted = Object.values(migration.entity.actions).flatMap((action) =>
    defaultedColumns(action).map((name) => ({
      into: action.into,
      place: identifier(action.into),
      name,
    })),
  );
  if (wanted.length === 0) return {};
  const found = await db.rows<DefaultOf & { into: string; name: string }>(sql`
    with found as (
      select w."into", w.name, format_type(b.base, -1) as type,
             case when a.attidentity <> '' then format('nextval(%L::regclass)', pg_get_serial_sequence(w.place, a.attname))
                  else coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(t.typdefaultbin, 0)) end as expression
        from jsonb_to_recordset(${json(wanted)}) w("into" text, place text, name text)
        join pg_attribute a on a.attrelid = to_regclass(w.place) and a.attname = w.name and not a.attisdropped and a.attgenerated = ''
        join pg_type t on t.oid = a.atttypid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       -- As a domain may take no null, values are made of what lies below it: the insert makes them its own.
       cross join lateral (${raw(typeBelow)}) b)
    select "into", name, type, expression from found where expression is not null`);
  const missing: Record<string, Record<string, DefaultOf>> = {};
  for (const { into, name, type, expression } of found) {
    const own = literalsWithoutColons(expression);
    if (own.replaceAll("::", "").includes(":")) continue;
    missing[into] = { ...missing[into], [name]: { type, expression: own } };
  }
  return missing;
}
