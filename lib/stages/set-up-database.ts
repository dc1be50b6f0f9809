import { readdir, readFile } from "node:fs/promises";
import { compilePin } from "../compile/pin.ts";
import { findReferring, type Referring } from "../compile/referrers.ts";
import { stagedTable } from "../compile/rows.ts";
import { createStaging, grants } from "../compile/staging.ts";
import type { Database } from "../data/database.ts";
import { identifier, literal, literals, raw } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { Refusal } from "../services/errors.ts";

/** Passwords of the database roles. */
export interface RolePasswords {
  readonly stage: string;
  readonly commit: string;
  /** The role of the CLI; left out where nobody uses one. */
  readonly operator?: string;
}

/**
 * Makes the staging schema, the tables of each migration, and the two roles with exactly the
 * privileges of D19. Safe to run again, and run at every start: all or nothing, one transaction.
 *
 * @param admin may create roles and schemas, and owns or administers the platform's tables
 */
export async function setUpDatabase(
  admin: Database,
  migrations: readonly Migration[],
  passwords: RolePasswords,
): Promise<void> {
  const schema = await schemaStatements();
  await admin.transaction(async (db) => {
    // Two set-ups at once would collide in the catalog.
    await db.rows(raw("select pg_advisory_xact_lock(7239001)::text as locked"));
    await createRole(db, "wavegate_stage", passwords.stage);
    await createRole(db, "wavegate_commit", passwords.commit);
    if (passwords.operator) await createRole(db, "wavegate_operator", passwords.operator);
    for (const statement of schema) await db.execute(raw(statement));
    for (const migration of migrations) {
      await refuseOutdated(db, migration);
      for (const statement of createStaging(migration)) await db.execute(raw(statement));
    }
    for (const statement of stagingPrivileges) await db.execute(raw(statement));
    for (const migration of migrations) await grantPlatform(db, migration);
    if (passwords.operator) {
      for (const statement of operatorPrivileges(migrations)) await db.execute(raw(statement));
    }
    await ownStaging(db);
  });
}

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

/** Which platform tables of a migration are missing, if any. */
export async function missingTables(db: Database, migration: Migration): Promise<string[]> {
  const found = await db.rows<{ name: string }>(
    raw(
      `select name from unnest(array[${literals(platformTables(migration))}]) name where to_regclass(quote_ident(name)) is null order by 1`,
    ),
  );
  return found.map(({ name }) => name);
}

/** Every platform table that a migration reads, guards or writes. */
const platformTables = (migration: Migration): string[] => [
  ...new Set([
    ...migration.guarded,
    ...migration.reads,
    ...migration.entity.match.against.map(({ table }) => table),
    ...Object.values(migration.entity.actions).map(({ into }) => into),
    ...Object.values(migration.references).map(({ platform }) => platform.table),
  ]),
];

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

async function createRole(db: Database, role: string, password: string): Promise<void> {
  const [found] = await db.rows(
    raw(`select 1 as yes from pg_roles where rolname = ${literal(role)}`),
  );
  // Aurora's administrator is no superuser: such a one may not even name these attributes of a role
  // that is there, and gives tables only to roles it is a member of.
  const attributes = found ? "" : "nosuperuser nocreatedb nocreaterole noinherit";
  const verb = found ? "alter" : "create";
  await db.execute(
    raw(`${verb} role ${role} with login ${attributes} password ${literal(password)}`),
  );
  const [superuser] = await db.rows(
    raw("select 1 as yes from pg_roles where rolname = current_user and rolsuper"),
  );
  if (!superuser) await db.execute(raw(`grant ${role} to current_user`));
}

/** What both roles may do in staging: `wavegate_stage` owns it; a commit reads, marks and logs. */
const stagingPrivileges = [
  "grant usage, create on schema wavegate to wavegate_stage",
  "grant usage on schema wavegate, public to wavegate_stage, wavegate_commit",
  "grant all on all tables in schema wavegate to wavegate_stage",
  "grant all on all sequences in schema wavegate to wavegate_stage",
  "revoke update, delete, truncate on wavegate.audit_log, wavegate.security_log from wavegate_stage",
  "grant select on all tables in schema wavegate to wavegate_commit",
  "grant insert on wavegate.legacy_import_commit_logs, wavegate.waves, wavegate.commit_locks, wavegate.audit_log to wavegate_commit",
  "grant update (rolled_back_at, conflict) on wavegate.legacy_import_commit_logs to wavegate_commit",
  "grant update on wavegate.waves to wavegate_commit",
  // Locks of a row need the right to update one of its columns.
  "grant update (taken_at) on wavegate.commit_locks to wavegate_commit",
  "grant update (updated_at) on wavegate.legacy_import_runs to wavegate_commit",
  "grant usage on all sequences in schema wavegate to wavegate_commit",
];

/**
 * What an operator's CLI may do: look at everything, say what a run is to do before its next batch,
 * decide about mappings, and log it. It may write neither sign-offs nor permissions nor staged rows,
 * so whoever starts a run cannot approve it by going to the database (W8).
 */
const operatorPrivileges = (migrations: readonly Migration[]): string[] => [
  "grant usage on schema wavegate, public to wavegate_operator",
  "grant select on all tables in schema wavegate to wavegate_operator",
  "grant update (control, status, stage, halted_because, started_by, updated_at) on wavegate.legacy_import_runs to wavegate_operator",
  "grant delete on wavegate.commit_locks to wavegate_operator",
  "grant insert on wavegate.audit_log to wavegate_operator",
  ...migrations.flatMap((migration) => [
    ...platformTables(migration).map(
      (table) => `grant select on ${identifier(table)} to wavegate_operator`,
    ),
    ...Object.values(migration.references).map(
      ({ staging }) =>
        `grant update (${identifier(staging.target)}, status, decided_by, decided_at) on wavegate.${identifier(staging.table)} to wavegate_operator`,
    ),
  ]),
];

async function grantPlatform(db: Database, migration: Migration): Promise<void> {
  const missing = await missingTables(db, migration);
  if (missing.length > 0) {
    throw new Refusal(
      "PlatformTablesMissing",
      `The platform's database has no table ${missing.join(", ")}. Nothing was set up. ` +
        `Check that this is the platform's database; its schema must exist before “${migration.name}” can run.`,
    );
  }
  for (const statement of grants(migration)) await db.execute(raw(statement));
  for (const { into, id } of Object.values(migration.entity.actions)) {
    const [sequence] = await db.rows<{ name: string }>(
      raw(`select pg_get_serial_sequence(${literal(identifier(into))}, ${literal(id)}) as name`),
    );
    if (sequence?.name)
      await db.execute(raw(`grant usage on sequence ${sequence.name} to wavegate_commit`));
  }
  // A rollback looks whether something refers to a created row before it deletes it (D16).
  for (const key of await db.rows<Referring>(findReferring(compilePin(migration)))) {
    await db.execute(raw(`grant usage on schema ${key.schema} to wavegate_commit`));
    await db.execute(raw(`grant select on ${key.table} to wavegate_commit`));
  }
}

/** Staging belongs to `wavegate_stage`; the audit log does not, so that it cannot lift its own guard. */
async function ownStaging(db: Database): Promise<void> {
  const found = await db.rows<{ kind: string; name: string }>(
    raw(`select 'table' as kind, tablename as name from pg_tables
          where schemaname = 'wavegate' and tablename not in ('audit_log', 'security_log') and tableowner <> 'wavegate_stage'
         union all select 'view', viewname from pg_views
          where schemaname = 'wavegate' and viewowner <> 'wavegate_stage'`),
  );
  for (const { kind, name } of found) {
    await db.execute(raw(`alter ${kind} wavegate.${identifier(name)} owner to wavegate_stage`));
  }
}
