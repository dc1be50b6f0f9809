import { readdir, readFile } from "node:fs/promises";
import { createAuditViews } from "../compile/audit-views.ts";
import { changesCheck, changesGuard, changeWritten } from "../compile/changed-rows.ts";
import { allChoices, createChooseFunction } from "../compile/choices.ts";
import { deletesCheck, deletesGuard, ledgerCheck } from "../compile/created-rows.ts";
import { createDecideFunction } from "../compile/decide-mappings.ts";
import { compilePin } from "../compile/pin.ts";
import { migrationPrivileges } from "../compile/privileges/migration.ts";
import { platformPrivileges, platformTables } from "../compile/privileges/platform.ts";
import type { Privilege } from "../compile/privileges/privilege.ts";
import { sharedPrivileges } from "../compile/privileges/shared.ts";
import { findReferring, type Referring } from "../compile/referrers.ts";
import { stagedTable } from "../compile/rows.ts";
import { createChoiceTables, createMappings, createStaging } from "../compile/staging.ts";
import { standingOnPlatform, standingStaging } from "../compile/standing-runs.ts";
import { sharedStatistics, statisticsFunction } from "../compile/statistics.ts";
import { findUntallied, keepTallies } from "../compile/tallies.ts";
import type { Database } from "../data/database.ts";
import { identifier, literal, literals, raw, sql } from "../data/sql.ts";
import { type DatabaseRoles, databaseRoles } from "../define/database-roles.ts";
import type { Migration } from "../define/definition.ts";
import { isServed, servedColumns } from "../define/feature.ts";
import { partsOf, sharedOf, type WholeMigration } from "../define/several.ts";
import { keepAddressesAsSent } from "../review/people.ts";
import { Refusal } from "../services/errors.ts";
import { oldestVersion, requireVersion } from "./database-version.ts";
import { requireSound } from "./definition-faults.ts";
import {
  changedTargets,
  numbered,
  placeOf,
  schemasOf,
  targetsOf,
  unguarded,
  unguardedChanges,
} from "./guarded-targets.ts";
import { keepStaging, standingRuns } from "./kept-staging.ts";
import { applyPrivileges, comparePrivileges, type Held } from "./privileges.ts";
import { makeRoles, type RolePasswords, takeOver } from "./set-up-roles.ts";

export type { RolePasswords } from "./set-up-roles.ts";

/**
 * Looks for tables where a new session would. Where it comes of settings of the database or the role, this one, which may
 * have begun before they were changed, may have the earlier path.
 */
const pathOfNewSessions = `
  select set_config('search_path', coalesce((
           select substr(c.setting, length('search_path=') + 1)
             from pg_db_role_setting s cross join unnest(s.setconfig) c (setting)
            where c.setting like 'search\\_path=%'
              and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
              and s.setrole in (0, (select oid from pg_roles where rolname = session_user))
            order by s.setrole <> 0 desc, s.setdatabase <> 0 desc limit 1), case when source in ('default', 'configuration file') then reset_val else boot_val end), true) as path
    from pg_settings
   where name = 'search_path' and source in ('default', 'configuration file', 'database', 'user', 'database user')`;

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
  for (const migration of migrations) requireSound(migration);
  await requireVersion(admin, oldest);
  const schema = await schemaStatements();
  await admin.transaction(async (db) => {
    // Two set-ups at once would collide in the catalog.
    await db.rows(raw("select pg_advisory_xact_lock(7239001)::text as locked"));
    await db.rows(raw(pathOfNewSessions));
    const roles = await rolesOf(db);
    for (const part of migrations.flatMap(partsOf)) await refuseOutdated(db, part);
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
    for (const statement of [...schema, ...sharedStatistics.map(statisticsFunction)])
      await db.execute(raw(statement));
    await keepAddressesAsSent(db);
    for (const migration of migrations) {
      for (const statement of await stagingOf(db, migration)) await db.execute(raw(statement));
    }
    for (const { staging } of await db.rows<{ staging: string }>(raw(findUntallied))) {
      for (const statement of keepTallies(staging)) await db.execute(raw(statement));
    }
    for (const statement of [...touching, platformPath(path)]) await db.execute(raw(statement));
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
}

/** Where the platform's tables are found, for roles that look for nothing else there. */
const platformPath = (path: string): string =>
  `create or replace function wavegate.platform_path() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$ select ${literal(path)} $$`;

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

/** Whatever else the platform's tables are granted to is none of ours; terminals see nothing of them. */
const othersOf =
  (commit: string, { operator, serve }: DatabaseRoles, migration: WholeMigration) =>
  (role: string): boolean =>
    role !== commit && role !== operator && !(role === serve && isServed(migration));

/** Rows of an earlier layout are not moved by themselves: evidence of what was signed lies in them. */
async function refuseOutdated(db: Database, migration: Migration): Promise<void> {
  const [outdated] = await db.rows(
    raw(
      `select 1 as yes from pg_class where relkind = 'r' and oid = to_regclass(${literal(stagedTable(migration))})`,
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

/** Which platform tables of a migration are missing, if any. */
export async function missingTables(db: Database, migration: WholeMigration): Promise<string[]> {
  const found = await db.rows<{ name: string }>(
    raw(
      `select name from unnest(array[${literals([...new Set([...platformTables(migration), ...servedColumns(migration).keys()])])}]) name where to_regclass(quote_ident(name)) is null order by 1`,
    ),
  );
  return found.map(({ name }) => name);
}

const schemaFolder = new URL("../data/schema/", import.meta.url);

async function schemaStatements(): Promise<string[]> {
  const files = (await readdir(schemaFolder)).filter((file) => file.endsWith(".sql")).sort();
  const texts = await Promise.all(
    files.map((file) => readFile(new URL(file, schemaFolder), "utf8")),
  );
  return texts.flatMap(splitStatements);
}

/** Statements end with a semicolon at the end of a line, outside a `$$` body and not in a comment. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let current = "";
  let inBody = false;
  for (const line of text.split("\n")) {
    if (!inBody && /^\s*--/.test(line)) continue;
    if ((line.split("$$").length - 1) % 2 === 1) inBody = !inBody;
    current += `${line}\n`;
    if (!inBody && /;\s*(--.*)?$/.test(line)) {
      statements.push(current.replace(/;\s*(--.*)?\s*$/, "").trim());
      current = "";
    }
  }
  return current.trim() === "" ? statements : [...statements, current.trim()];
}

/**
 * Functions of the owner's that touch the platform: they keep people's decisions about mappings, hold the
 * ledger against what was written, and deletions against the ledger.
 */
async function platformFunctions(db: Database, migration: WholeMigration): Promise<string[]> {
  const schemaOf = await schemasOf(db, migration);
  const targets = await numbered(db, targetsOf(migration, schemaOf));
  const changed = await numbered(db, await changedTargets(db, migration, schemaOf));
  return [
    ...Object.values(migration.references).map((reference) =>
      createDecideFunction(
        sharedOf(migration),
        reference,
        placeOf(reference.platform.table, schemaOf),
      ),
    ),
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
  const found = await db.rows<Referring>(findReferring(compilePin(migration)));
  const referring = await db.rows<{ schema: string; name: string }>(
    raw(`
    select n.nspname as schema, c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.oid in (${found.map(({ oid }) => oid).join(", ") || "0"})`),
  );
  return [
    ...platformPrivileges(migration, roles, await schemasOf(db, migration), referring),
    ...standingOnPlatform(await standingRuns(db, migration.name), roles, migration.name),
  ];
}

async function grantPlatform(
  db: Database,
  migration: WholeMigration,
  roles: DatabaseRoles,
): Promise<void> {
  const missing = await missingTables(db, migration);
  if (missing.length > 0) {
    throw new Refusal(
      "PlatformTablesMissing",
      `The platform's database has no table ${missing.join(", ")}. Nothing was set up. ` +
        `Check that this is the platform's database; its schema must exist before “${migration.name}” can run.`,
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
    if (typeof id !== "string" && !("drawn" in id)) continue;
    const column = typeof id === "string" ? id : id.drawn;
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
