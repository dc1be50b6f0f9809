import { compilePin } from "../../compile/pin/pin.ts";
import { platformPrivileges, platformTables } from "../../compile/privileges/platform.ts";
import type { Privilege } from "../../compile/privileges/privilege.ts";
import { standingOnPlatform } from "../../compile/privileges/standing-runs.ts";
import { createCarryFunction } from "../../compile/references/carry-mappings.ts";
import { allChoices, createChooseFunction } from "../../compile/references/choices.ts";
import { createDecideFunction } from "../../compile/references/decide-mappings.ts";
import { findReferring, type Referring } from "../../compile/undo/referrers.ts";
import { changesCheck, changesGuard, changeWritten } from "../../compile/wave/changed-rows.ts";
import { deletesCheck, deletesGuard, ledgerCheck } from "../../compile/wave/created-rows.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { identifier, json, literal, literals, raw, sql } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";
import { isServed, servedColumns } from "../../define/feature.ts";
import { partsOf, sharedOf, type WholeMigration } from "../../define/several.ts";
import { drawnColumn } from "../../define/target-key.ts";
import { Refusal } from "../../services/errors.ts";
import {
  changedTargets,
  numbered,
  placeOf,
  schemasOf,
  targetsOf,
  unguarded,
  unguardedChanges,
} from "./guarded-targets.ts";
import { standingRuns } from "./kept-staging.ts";
import { applyPrivileges } from "./privileges.ts";

/**
 * Looks for tables where a new session would. Where it comes of settings of the database or the role, this one, which may
 * have begun before they were changed, may have the earlier path.
 */
export const pathOfNewSessions = pathOf(
  "(0, (select oid from pg_roles where rolname = session_user))",
  [...["default", "configuration file", "database", "user", "database user"]],
);

/** Looks for tables where a run will: where sessions do that have no path of their own, whatever that of who asks is. */
export const pathOfAnybody = pathOf("(0)", [
  ...["default", "configuration file", "database", "user", "database user", "client", "session"],
]);

function pathOf(roles: string, sources: readonly string[]): string {
  return `
  select set_config('search_path', coalesce((
           select substr(c.setting, length('search_path=') + 1)
             from pg_db_role_setting s cross join unnest(s.setconfig) c (setting)
            where c.setting like 'search\\_path=%'
              and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
              and s.setrole in ${roles}
            order by s.setrole <> 0 desc, s.setdatabase <> 0 desc limit 1), case when source in ('default', 'configuration file') then reset_val else boot_val end), true) as path
    from pg_settings
   where name = 'search_path' and source in (${literals([...sources])})`;
}

/** Which platform tables of a migration are missing, if any. What waves write is a table: of a view nothing could be guarded. */
export async function missingTables(db: Database, migration: WholeMigration): Promise<string[]> {
  const written = compilePin(migration).targets.map(({ table }) => table);
  const found = await db.rows<{ name: string }>(
    raw(`
    select name
      from unnest(array[${literals([...new Set([...platformTables(migration), ...servedColumns(migration).keys()])])}]) name
      left join pg_class c on c.oid = to_regclass(quote_ident(name))
     where c.oid is null or name = any (array[${literals(written)}]::text[]) and c.relkind not in ('r', 'p') order by 1`),
  );
  return found.map(({ name }) => name);
}

/**
 * Functions of the owner's that touch the platform: they keep people's decisions about mappings, hold the
 * ledger against what was written, and deletions against the ledger.
 */
export async function platformFunctions(
  db: Database,
  migration: WholeMigration,
): Promise<string[]> {
  const schemaOf = await schemasOf(db, migration);
  const targets = await numbered(db, targetsOf(migration, schemaOf));
  const changed = await numbered(db, await changedTargets(db, migration, schemaOf));
  return [
    ...Object.entries(migration.references).flatMap(([name, reference]) => {
      const platform = placeOf(reference.platform.table, schemaOf);
      return [
        createDecideFunction(sharedOf(migration), reference, platform),
        createCarryFunction(name, reference, platform),
      ];
    }),
    ...allChoices(migration).map(createChooseFunction),
    ...ledgerCheck(migration, targets, changed.map(changeWritten)),
    ...targets.map((target) => deletesCheck(migration.name, target)),
    ...changed.map((target) => changesCheck(migration.name, target)),
  ];
}

/** What roles may do on the platform, for tables as they are found; a missing one is refused. */
export async function wantedOnPlatform(
  db: Database,
  migration: WholeMigration,
  roles: DatabaseRoles,
): Promise<readonly Privilege[]> {
  const found = await rowsWhole<Referring>(db, findReferring(compilePin(migration)));
  const referring = await rowsWhole<{ schema: string; name: string }>(
    db,
    sql`
    select n.nspname as schema, c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.oid in (select e::oid from jsonb_array_elements_text(${json(found.map(({ oid }) => oid))}) e)
     order by 1, 2`,
  );
  return [
    ...platformPrivileges(migration, roles, await schemasOf(db, migration), referring),
    ...standingOnPlatform(await standingRuns(db, migration.name), roles, migration.name),
  ];
}

/** Gives roles what they need of the platform's tables, and guards these against the commit role. */
export async function grantPlatform(
  db: Database,
  migration: WholeMigration,
  roles: DatabaseRoles,
): Promise<void> {
  const missing = await missingTables(db, migration);
  if (missing.length > 0) {
    const { views } = await db.one<{ views: readonly string[] }>(
      raw(`select coalesce(jsonb_agg(name order by name), '[]') as views
             from unnest(array[${literals(missing)}]) name where to_regclass(quote_ident(name)) is not null`),
    );
    const none = missing.filter((name) => !views.includes(name));
    throw new Refusal(
      "PlatformTablesMissing",
      [
        ...(none.length === 0
          ? []
          : [
              `The platform's database has no table ${none.join(", ")}. Nothing was set up. ` +
                `Check that this is the platform's database; its schema must exist before “${migration.name}” can run.`,
            ]),
        ...(views.length === 0
          ? []
          : [
              `${views.join(", ")}: a view or foreign table, of which nobody could tell which row a wave wrote, so nothing was set up. Name the table behind it in the definition.`,
            ]),
      ].join(" "),
    );
  }
  const commit = roles.commit(migration.name);
  // One that is there is not made again: that would wait for everybody who writes on the platform.
  for (const target of await unguarded(db, migration, commit))
    await db.execute(raw(deletesGuard(migration.name, target, commit)));
  for (const target of await unguardedChanges(db, migration, commit))
    await db.execute(raw(changesGuard(migration.name, target, commit)));
  const wanted = await wantedOnPlatform(db, migration, roles);
  await applyPrivileges(db, wanted, othersOf(commit, roles, migration));
  const schemas = [...new Set(wanted.map(({ schema }) => identifier(schema)))].join(", ");
  // Terminals look whether tables are there, and see nothing of them.
  const everybody = [...new Set([...wanted.map(({ role }) => role), roles.operator])]
    .map(identifier)
    .join(", ");
  await db.execute(raw(`grant usage on schema ${schemas} to ${everybody}`));
  for (const { into, id } of partsOf(migration).flatMap(({ entity }) =>
    Object.values(entity.actions),
  )) {
    const column = drawnColumn(id);
    if (column === undefined) continue;
    const [sequence] = await db.rows<{ name: string }>(
      raw(
        `select pg_get_serial_sequence(${literal(identifier(into))}, ${literal(column)}) as name`,
      ),
    );
    if (!sequence?.name) continue;
    await db.execute(raw(`grant usage on sequence ${sequence.name} to ${identifier(commit)}`));
    // The ledger's check looks how far it is.
    await db.execute(
      raw(`grant select on sequence ${sequence.name} to ${identifier(roles.owner)}`),
    );
  }
}

/** Whatever else the platform's tables are granted to is none of ours; terminals see nothing of them. */
export const othersOf =
  (commit: string, { operator, serve }: DatabaseRoles, migration: WholeMigration) =>
  (role: string): boolean =>
    role !== commit && role !== operator && !(role === serve && isServed(migration));
