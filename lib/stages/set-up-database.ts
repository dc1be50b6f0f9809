import { migrationPrivileges } from "../compile/privileges/migration.ts";
import type { Privilege } from "../compile/privileges/privilege.ts";
import { sharedPrivileges } from "../compile/privileges/shared.ts";
import { standingStaging } from "../compile/privileges/standing-runs.ts";
import { stagedTable } from "../compile/rows.ts";
import { createAuditViews } from "../compile/staging/audit-views.ts";
import { createChoiceTables, createMappings, createStaging } from "../compile/staging/staging.ts";
import { findUntallied, keepTallies } from "../compile/staging/tallies.ts";
import { sharedStatistics, statisticsFunction } from "../compile/statistics.ts";
import { type Database, endsAfter } from "../data/database.ts";
import { identifier, literal, raw, sql } from "../data/sql.ts";
import { executeTogether } from "../data/together.ts";
import { type DatabaseRoles, databaseRoles } from "../define/database-roles.ts";
import type { Migration } from "../define/definition.ts";
import { isServed } from "../define/feature.ts";
import { partsOf, sharedOf, type WholeMigration } from "../define/several.ts";
import { keepAddressesAsSent } from "../review/people/people.ts";
import { Refusal } from "../services/errors.ts";
import { oldestVersion, requireVersion } from "./set-up/database-version.ts";
import { unguarded, unguardedChanges } from "./set-up/guarded-targets.ts";
import {
  isMarked,
  keepStaging,
  markStaging,
  requireReadable,
  standingRuns,
} from "./set-up/kept-staging.ts";
import { requireOwnNames } from "./set-up/own-names.ts";
import {
  grantPlatform,
  othersOf,
  pathOfNewSessions,
  platformFunctions,
  wantedOnPlatform,
} from "./set-up/platform.ts";
import { applyPrivileges, comparePrivileges, type Held } from "./set-up/privileges.ts";
import { holdOwner, makeRoles, type RolePasswords, takeOver } from "./set-up/roles.ts";
import { platformPath, schemaStatements } from "./set-up/schema-statements.ts";
import { untilAlone } from "./wave/table-locks.ts";

export type { RolePasswords } from "./set-up/roles.ts";

/**
 * Makes the staging schema, the tables of each migration, and the roles with exactly the privileges of
 * D19. Safe to run again, and run at every start: all or nothing, one transaction. A schema of an
 * earlier version's roles, or of a database under another name, is taken over.
 *
 * Errors: `DatabaseTooOld`.
 *
 * @param admin may create roles and schemas, and owns or administers the platform's tables
 */
export async function setUpDatabase(
  admin: Database,
  migrations: readonly WholeMigration[],
  passwords: RolePasswords,
  { oldest = oldestVersion }: { readonly oldest?: number } = {},
): Promise<void> {
  for (const migration of migrations) await requireOwnNames(migration);
  await requireVersion(admin, oldest);
  const schema = await schemaStatements();
  // Runs may go on meanwhile: of two who wait for each other the set-up, which is whole or not at all, may be the one to end.
  await untilAlone(() => setUpAtOnce(admin, migrations, passwords, schema));
}

const setUpAtOnce = (
  admin: Database,
  migrations: readonly WholeMigration[],
  passwords: RolePasswords,
  schema: readonly string[],
): Promise<void> =>
  admin.transaction(async (db) => {
    // Runs wait for what it holds: it gives way to who does not.
    await db.execute(raw("set local lock_timeout = '3s'"));
    // Nor for one whose process was ended, as by Ctrl-C: every table of wavegate's would be held for three minutes.
    await db.execute(endsAfter("30s"));
    await db.rows(raw(pathOfNewSessions));
    const roles = await rolesOf(db);
    for (const part of migrations.flatMap(partsOf)) await refuseOutdated(db, part);
    // Two set-ups at once would collide in the catalog: behind this line there is one.
    await holdOwner(db, roles);
    await makeRoles(db, roles, passwords, migrations.some(isServed));
    await takeOver(db, roles);
    // Trigrams for suggestions and low hints; edit distance for names within one edit (D7).
    for (const extension of ["pg_trgm", "fuzzystrmatch"]) {
      await db.execute(raw(`create extension if not exists ${extension}`));
    }
    const touching: string[] = [];
    for (const migration of migrations) touching.push(...(await platformFunctions(db, migration)));
    const { path } = await db.one<{ path: string }>(
      raw("select current_setting('search_path') as path"),
    );
    const owner = identifier(roles.owner);
    await db.execute(raw(`create schema if not exists wavegate authorization ${owner}`));
    await db.execute(raw(`set local role ${owner}`));
    await executeTogether(db, [...schema, ...sharedStatistics.map(statisticsFunction)]);
    await requireKeySecret(db);
    await requireReadable(db);
    await keepAddressesAsSent(db);
    for (const migration of migrations) await executeTogether(db, await stagingOf(db, migration));
    const untallied = await db.rows<{ staging: string }>(raw(findUntallied));
    await executeTogether(
      db,
      untallied.flatMap(({ staging }) => keepTallies(staging)),
    );
    await executeTogether(db, [...touching, platformPath(path)]);
    for (const { name } of migrations) {
      await db.execute(
        sql`insert into wavegate.commit_roles (role, migration) values (${roles.commit(name)}, ${name})
              on conflict (role) do update set migration = excluded.migration`,
      );
    }
    // Whatever is made can be called by everybody, until it is taken from them.
    await db.execute(raw("revoke execute on all functions in schema wavegate from public"));
    const kept: Privilege[] = [];
    for (const { name } of migrations)
      kept.push(...standingStaging(await standingRuns(db, name), roles.commit(name)));
    await applyPrivileges(
      db,
      [...stagingPrivileges(migrations, roles), ...kept],
      spared(roles, migrations),
    );
    await db.execute(raw("reset role"));
    for (const migration of migrations) await grantPlatform(db, migration, roles);
  });

/** The staging of a migration; a kind of things that is new to the database gets the next place in the order of ids. */
async function stagingOf(db: Database, migration: WholeMigration): Promise<readonly string[]> {
  const statements: string[] = [];
  await keepStaging(db, migration);
  for (const part of partsOf(migration)) {
    const staging = part.entity.staging.table;
    await db.execute(sql`
      insert into wavegate.staged_entities (staging, migration, ordinal)
      select ${staging}, ${migration.name}, coalesce(max(ordinal) + 1, 0) from wavegate.staged_entities
       where migration = ${migration.name} having not exists (select from wavegate.staged_entities where staging = ${staging})`);
    const { ordinal } = await db.one<{ ordinal: number }>(
      sql`select ordinal from wavegate.staged_entities where staging = ${staging}`,
    );
    statements.push(...createStaging(part, ordinal));
  }
  return [
    ...createMappings(sharedOf(migration)),
    ...createChoiceTables(migration),
    ...statements,
    ...createAuditViews(migration),
    markStaging(migration),
  ];
}

/** The roles of the database that one is connected to. */
export async function rolesOf(db: Database): Promise<DatabaseRoles> {
  const { name } = await db.one<{ name: string }>(raw("select current_database()::text as name"));
  return databaseRoles(name);
}

/** What everybody may do in the schema `wavegate`, as far as these migrations go. */
export const stagingPrivileges = (
  migrations: readonly WholeMigration[],
  roles: DatabaseRoles,
): readonly Privilege[] => [
  ...sharedPrivileges(roles),
  ...migrations.flatMap((migration) => migrationPrivileges(migration, roles)),
];

/** Commit roles of this database's other migrations, and whoever serves those, keep what they have of the shared tables. */
export function spared(
  roles: DatabaseRoles,
  migrations: readonly WholeMigration[],
): (role: string) => boolean {
  const own = migrations.map(({ name }) => roles.commit(name));
  const any = roles.commit("");
  const beginning = any.slice(0, any.indexOf("_commit_") + "_commit_".length);
  const serves = migrations.some(isServed);
  return (role) =>
    (role.startsWith(beginning) && !own.includes(role)) || (role === roles.serve && !serves);
}

/** What roles lack of what they need for a migration, and what somebody has beyond it, in words; none: all is right. */
export async function wrongPrivileges(
  db: Database,
  migration: WholeMigration,
  roles: DatabaseRoles,
): Promise<string[]> {
  const commit = roles.commit(migration.name);
  const found = [
    await comparePrivileges(
      db,
      [
        ...stagingPrivileges([migration], roles),
        ...standingStaging(await standingRuns(db, migration.name), commit),
      ],
      spared(roles, [migration]),
    ),
    await comparePrivileges(
      db,
      await wantedOnPlatform(db, migration, roles),
      othersOf(commit, roles, migration),
    ),
  ];
  const on = ({ may, name, column }: Held) =>
    `${may} ${column === null ? "on" : `of ${column} on`} ${name}`;
  return [
    ...found.flatMap(({ missing, beyond }) => [
      ...missing.map((held) => `${held.role} lacks ${on(held)}`),
      ...beyond.map((held) => `${held.role} has ${on(held)} and must not`),
    ]),
    ...(await unguarded(db, migration, commit)).map(
      ({ table }) => `${table} lacks the trigger ${commit}, so this role may delete any row of it`,
    ),
    ...(await unguardedChanges(db, migration, commit)).map(
      ({ table }) =>
        `${table} lacks the trigger that guards changes, so ${commit} may change any row of it`,
    ),
  ];
}

/** Without the secret that keys were staged under no row of an earlier run is known: another one would write them twice. */
async function requireKeySecret(db: Database): Promise<void> {
  const found = await db.rows(raw("select 1 as yes from wavegate.key_secret"));
  if (found.length > 0) return;
  throw new Refusal(
    "KeySecretGone",
    "The table wavegate.key_secret is empty: without it no run knows what an earlier one moved under keys that are not shown. " +
      "Nothing was changed. Put its row back from a backup of this database, and set up again.",
  );
}

/** Rows of an earlier layout are not moved by themselves: evidence of what was signed lies in them. */
async function refuseOutdated(db: Database, migration: Migration): Promise<void> {
  const [outdated] = await db.rows(
    raw(
      `select 1 as yes from pg_class c where relkind = 'r' and oid = to_regclass(${literal(stagedTable(migration))}) and not ${isMarked}`,
    ),
  );
  if (!outdated) return;
  throw new Refusal(
    "StagingOutdated",
    `The schema “wavegate” of this database is of an earlier version: ${stagedTable(migration).replaceAll('"', "")} is a table there. ` +
      "Nothing was changed. Pull the evidence of its runs, drop the schema, and set up again.",
  );
}

/** Whether a migration was set up in this database before. */
export async function isSetUp(db: Database, migration: WholeMigration): Promise<boolean> {
  const { here } = await db.one<{ here: boolean }>(
    sql`select to_regclass(${stagedTable(sharedOf(migration))}::text) is not null as here`,
  );
  return here;
}
