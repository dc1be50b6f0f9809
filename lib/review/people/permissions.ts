import type { Database } from "../../data/database.ts";
import { sql } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { findPerson, type Permission, type Person } from "./people.ts";

export { type Permission, permissions } from "./people.ts";

/** What each permission lets a person do, as a message says it. */
const lets: Readonly<Record<Permission, string>> = {
  "legacy_imports.view": "look at imports",
  "legacy_imports.run": "start or steer imports",
  "legacy_imports.validate": "validate imports",
  "legacy_imports.review": "review imported rows",
  "legacy_imports.commit": "decide about commits",
  "legacy_imports.rollback": "roll imports back",
};

/** What a person may do; nothing for somebody unknown. */
export async function permissionsOf(
  db: Database,
  person: string,
): Promise<ReadonlySet<Permission>> {
  return new Set((await findPerson(db, person))?.permissions ?? []);
}

/** The person, who holds this permission. Errors: `PermissionDenied` (M14). */
export async function requirePermission(
  db: Database,
  person: string,
  permission: Permission,
): Promise<Person> {
  return requireAny(db, person, [permission]);
}

/** The person, who holds one of these permissions. Errors: `PermissionDenied` (M14). */
export async function requireAny(
  db: Database,
  person: string,
  any: readonly [Permission, ...Permission[]],
): Promise<Person> {
  const found = await findPerson(db, person);
  if (found !== undefined && any.some((each) => found.permissions.includes(each))) return found;
  throw denied(any);
}

/**
 * The first thing of a transaction that decides in somebody's name: until it ends nobody takes a permission from them, so
 * that what they may, looked at behind this, they still may when it is decided.
 */
export const keepPerson = (transaction: Database, { name }: Person): Promise<unknown> =>
  transaction.one(sql`select wavegate.keep_person(${name}) as kept`);

/** The refusal of somebody who holds none of these permissions. */
export const denied = (takes: readonly [Permission, ...Permission[]]): Refusal =>
  new Refusal(
    "PermissionDenied",
    `You may not ${lets[takes[0]]}: that takes the permission ${takes.join(" or ")}. Nothing was changed; ask an administrator for it.`,
  );
