import type { Privilege } from "../../compile/privileges/privilege.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { identifier, literal, literals, raw } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";
import type { Effect } from "../../define/definition.ts";
import { keptColumns } from "../../define/kept-columns.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";

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
  const found = await effectTables(db, { effects, guarded });
  const kept = keptColumns(effects).map(({ table }) => table);
  return found.flatMap((table) =>
    mayOf(effects, table, kept).map((may) => ({
      ...{ role: roles.commit(migration), kind: "table" as const, ...table, may },
    })),
  );
}

/**
 * What triggers of the tables that waves write do, by their functions' own text, in a table that the definition's `effects`
 * name, and what the commit role, with whose rights they do it, may not: the first row for which one does takes its wave back.
 */
export async function lackedForEffects(
  db: Database,
  migration: WholeMigration,
  roles: DatabaseRoles,
): Promise<readonly string[]> {
  const role = roles.commit(migration.name);
  const found = await effectTables(db, migration);
  if (found.length === 0) return [];
  const targets = partsOf(migration).flatMap(({ entity }) =>
    Object.values(entity.actions).map(({ into }) => into),
  );
  const acting = await rowsWhole<{ on: string; name: string; does: string }>(
    db,
    raw(`
    select t.tgrelid::regclass::text as "on", t.tgname::text as name, p.prosrc as does
      from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where not t.tgisinternal and t.tgenabled in ('O', 'A') and not p.prosecdef
       and p.pronamespace is distinct from to_regnamespace('wavegate')
       and t.tgrelid in (${[...new Set(targets)].map((table) => `to_regclass(${literal(identifier(table))})`).join(", ")})
     order by 1, 2`),
  );
  const lacking = await db.rows<{ schema: string; name: string; may: string }>(
    raw(`
    select n.nspname as schema, c.relname as name, m.may
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      cross join pg_roles r cross join (values ('insert'), ('update'), ('delete')) m (may)
     where r.rolname = ${literal(role)} and n.nspname || '.' || c.relname in (${literals(found.map(({ schema, name }) => `${schema}.${name}`))})
       and not case m.may when 'delete' then has_table_privilege(r.oid, c.oid, m.may) else has_any_column_privilege(r.oid, c.oid, m.may) end
     order by 1, 2, 3`),
  );
  return acting.flatMap((trigger) =>
    lacking
      .filter((each) => writes(trigger.does, each))
      .map(
        ({ schema, name, may }) =>
          `The trigger ${trigger.name} of ${trigger.on} would ${may} in ${schema}.${name} with the rights of ${role}, which may not, and the first wave it acts on is taken back: \`grant ${may} on ${identifier(schema)}.${identifier(name)} to ${identifier(role)}\`, or make its function \`security definer\`.`,
      ),
  );
}

const verbs: Readonly<Record<string, string>> = {
  insert: "insert\\s+into",
  update: "update",
  delete: "delete\\s+from",
};

/** Whether a function's text says that it does this to a table by its name. What it makes up as it goes nobody reads there. */
function writes(
  text: string,
  { schema, name, may }: { readonly schema: string; readonly name: string; readonly may: string },
): boolean {
  const said = text.replaceAll(/--[^\n]*|\/\*.*?\*\//gsu, " ");
  const of = (word: string) => `"?${word.replaceAll(/[\\^$.*+?()[\]{}|]/gu, "\\$&")}"?`;
  return new RegExp(
    `\\b${verbs[may]}\\s+(?:only\\s+)?(?:${of(schema)}\\s*\\.\\s*)?${of(name)}(?![\\w$"])`,
    "iu",
  ).test(said);
}

/** The tables that a definition's `effects` name, but for guarded ones. */
async function effectTables(
  db: Database,
  { effects = {}, guarded }: Pick<WholeMigration, "effects" | "guarded">,
): Promise<readonly { readonly schema: string; readonly name: string }[]> {
  const kept = keptColumns(effects).map(({ table }) => table);
  const named = [...Object.keys(effects), ...kept];
  if (named.length === 0) return [];
  return db.rows<{ schema: string; name: string }>(
    raw(`
    select n.nspname as schema, c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relname not in (${literals(["", ...guarded])})
       and (n.nspname || '.' || c.relname in (${literals(named)})
            or pg_table_is_visible(c.oid) and c.relname in (${literals(named)}))`),
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
