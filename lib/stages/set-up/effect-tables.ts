import type { Privilege } from "../../compile/privileges/privilege.ts";
import type { Database } from "../../data/database.ts";
import { literals, raw } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";
import type { Effect } from "../../define/definition.ts";
import { keptColumns } from "../../define/kept-columns.ts";
import type { WholeMigration } from "../../define/several.ts";

/**
 * What the commit role may be granted beside what a set-up grants it: to write tables that triggers write with its
 * rights. A definition names them in `effects`, which is signed; a guarded one is never excused (R12). Only who has the
 * platform grants it, and nobody but triggers uses it: waves write what the definition's actions name.
 */
export async function grantedForEffects(
  db: Database,
  { name: migration, effects = {}, guarded }: WholeMigration,
  roles: DatabaseRoles,
): Promise<readonly Privilege[]> {
  const kept = keptColumns(effects).map(({ table }) => table);
  const named = [...Object.keys(effects), ...kept];
  if (named.length === 0) return [];
  const found = await db.rows<{ schema: string; name: string }>(
    raw(`
    select n.nspname as schema, c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relname not in (${literals(["", ...guarded])})
       and (n.nspname || '.' || c.relname in (${literals(named)})
            or pg_table_is_visible(c.oid) and c.relname in (${literals(named)}))`),
  );
  return found.flatMap((table) =>
    mayOf(effects, table, kept).map((may) => ({
      ...{ role: roles.commit(migration), kind: "table" as const, ...table, may },
    })),
  );
}

/** What triggers may do with a table: rows of which they keep columns alone they change, and make and delete none. */
const mayOf = (
  effects: Readonly<Record<string, Effect>>,
  { schema, name }: { readonly schema: string; readonly name: string },
  kept: readonly string[],
) =>
  kept.includes(name) &&
  !Object.hasOwn(effects, name) &&
  !Object.hasOwn(effects, `${schema}.${name}`)
    ? (["update"] as const)
    : (["insert", "update", "delete"] as const);
