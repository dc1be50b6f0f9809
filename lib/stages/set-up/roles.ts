import type { Database } from "../../data/database.ts";
import { DatabaseContended } from "../../data/failures.ts";
import { identifier, literal, literals, raw } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";
import { type PasswordKeeping, storedPassword } from "./role-password.ts";
import { settleRoles } from "./role-settings.ts";

/** Passwords of the database roles; `commit` by the migration's name. */
export interface RolePasswords {
  readonly stage: string;
  readonly sign: string;
  readonly operator: string;
  /** Of migrations whose features wavegate itself serves; without it nobody logs in as that role. */
  readonly serve?: string;
  readonly commit: Readonly<Record<string, string>>;
}

/**
 * Makes the owner's role, or holds it until the transaction ends: nobody but an administrator of this role can hold its
 * line of the catalogue, so that no stranger keeps a set-up waiting, as with a lock that is anybody's who is connected. Of two
 * at once the second is told so, the first time ever, too, and begins anew (`DatabaseContended`).
 */
export const holdOwner = (db: Database, { owner }: DatabaseRoles): Promise<void> =>
  makeRole(db, owner, "nologin").catch((error: unknown) => {
    throw error instanceof Error && /SQLState: (?:23505|42710)/.test(error.message)
      ? new DatabaseContended("a set-up", { cause: error })
      : error;
  });

/** The roles of D19 beside the owner's, with the passwords given. */
export async function makeRoles(
  db: Database,
  roles: DatabaseRoles,
  passwords: RolePasswords,
  served: boolean,
): Promise<void> {
  if (served && passwords.serve === undefined) await makeRole(db, roles.serve, "nologin");
  // Who is no superuser gives tables only to roles it is a member of, and becomes only such a one.
  const [member] = await db.rows(
    raw(`select 1 as yes where pg_has_role(current_user, ${literal(roles.owner)}, 'usage')`),
  );
  if (!member) await db.execute(raw(`grant ${identifier(roles.owner)} to current_user`));
  const logins = [
    [roles.stage, passwords.stage],
    [roles.sign, passwords.sign],
    [roles.operator, passwords.operator],
    ...(served && passwords.serve !== undefined ? [[roles.serve, passwords.serve]] : []),
    ...Object.entries(passwords.commit).map(([name, password]) => [roles.commit(name), password]),
  ] as [string, string][];
  const [keeping] = await db.rows<PasswordKeeping>(
    raw(
      "select current_setting('password_encryption') as encryption, current_setting('scram_iterations') as iterations",
    ),
  );
  for (const [role, password] of logins) {
    const stored = storedPassword(role, password, keeping as PasswordKeeping);
    await makeRole(db, role, `login password ${literal(stored)}`);
  }
  await db.execute(
    settleRoles(
      logins.map(([role]) => role),
      roles,
    ),
  );
}

async function makeRole(db: Database, role: string, how: string): Promise<void> {
  const [found] = await db.rows(
    raw(`select 1 as yes from pg_roles where rolname = ${literal(role)}`),
  );
  // Aurora's administrator is no superuser: such a one may not even name these attributes of a role
  // that is there.
  const attributes = found ? "" : "nosuperuser nocreatedb nocreaterole noinherit";
  const verb = found ? "alter" : "create";
  await db.execute(raw(`${verb} role ${identifier(role)} with ${attributes} ${how}`));
}

/** Roles of versions before roles carried the database's name; other databases may still use them. */
const earlierRoles = ["wavegate_stage", "wavegate_commit", "wavegate_operator"];

/**
 * Gives the schema and everything in it to the owner, whoever had it: an earlier version's roles, an
 * administrator, or the owner of the database that this one was a copy of. Rows stay as they are.
 */
export async function takeOver(db: Database, { owner, operator }: DatabaseRoles): Promise<void> {
  const of = raw(`
    select format('schema %I', nspname) as what, 0 as place from pg_namespace
     where nspname = 'wavegate' and nspowner <> ${literal(owner)}::regrole
     union all
    select format('%s %s', case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, c.oid::regclass), 1
      from pg_class c
     where relnamespace = to_regnamespace('wavegate') and relowner <> ${literal(owner)}::regrole
       and relkind in ('r', 'p', 'v', 'S')
       -- The sequence of a column goes with its table.
       and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('i', 'a') and relkind = 'S')
     union all
    select format('function %s', p.oid::regprocedure), 2 from pg_proc p
     where pronamespace = to_regnamespace('wavegate') and proowner <> ${literal(owner)}::regrole
     order by 2, 1`);
  for (const { what } of await db.rows<{ what: string }>(of)) {
    await db.execute(raw(`alter ${what} owner to ${identifier(owner)}`));
  }
  await forgetGrants(db, earlierRoles, "true");
  // Terminals looked at the platform's people once; a definition of that time may have named other tables.
  await forgetGrants(db, [operator], "c.relnamespace <> to_regnamespace('wavegate')");
}

/** Takes from roles what an earlier version gave them on tables of this database, those of the platform too. */
async function forgetGrants(db: Database, roles: readonly string[], where: string): Promise<void> {
  const held = await db.rows<{ what: string; role: string }>(
    raw(`
    select distinct case relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass as what, r.rolname as role
      from pg_class c cross join lateral aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
     where r.rolname in (${literals(roles)}) and coalesce(${where}, true)`),
  );
  for (const { what, role } of held) {
    await db.execute(raw(`revoke all on ${what} from ${identifier(role)}`));
  }
}
