import { migrations } from "../../../migrations/index.ts";
import { openIdentities, PersonProblem } from "../../embedded/identity/identities.ts";
import type { Home } from "../../embedded/runtime/home.ts";
import { addPerson, listPeople, permissions } from "../../review/people/people.ts";
import { missingTables } from "../../stages/set-up/platform.ts";
import { isSetUp, setUpDatabase } from "../../stages/set-up-database.ts";
import { openAdmin } from "../aws.ts";
import type { Io } from "../io.ts";
import { rolePasswords } from "./passwords.ts";
import { localPlace, operatorName } from "./place.ts";

/** What `local up` did beyond starting. */
export interface Prepared {
  /** The first person, when it was just made: the password is never to be had again. */
  readonly operator?: { readonly name: string; readonly password: string };
  /** Platform tables that a migration needs and the database lacks, by migration. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
  /** Those of them that were never set up here: they may be meant for another platform. */
  readonly elsewhere: readonly string[];
}

/**
 * Makes the first person (whoever sits here, with every permission), staging, and the roles and
 * privileges of every migration whose platform tables are there. Safe to repeat.
 */
export async function prepareMachine(io: Io, home: Home): Promise<Prepared> {
  const operator = await firstPerson(io, home);
  const place = await localPlace(
    operator === undefined ? io : { ...io, env: { ...io.env, WAVEGATE_PERSON: operator.name } },
  );
  const missing: Record<string, string[]> = {};
  const elsewhere: string[] = [];
  const admin = openAdmin(place);
  try {
    const ready = [];
    for (const [name, migration] of Object.entries(migrations)) {
      const lacks = await missingTables(admin.db, migration);
      if (lacks.length === 0) ready.push(migration);
      else {
        missing[name] = lacks;
        if (!(await isSetUp(admin.db, migration))) elsewhere.push(name);
      }
    }
    await setUpDatabase(admin.db, ready, await rolePasswords(io, admin.db, ready));
    if ((await listPeople(admin.db)).length === 0) {
      const name = operator?.name ?? place.person ?? operatorName(io);
      await addPerson(admin.db, { name, email: `${mailbox(name)}@localhost`, permissions });
    }
  } finally {
    admin.close();
  }
  return { ...(operator === undefined ? {} : { operator }), missing, elsewhere };
}

async function firstPerson(io: Io, home: Home): Promise<Prepared["operator"]> {
  const identities = await openIdentities(home.folder);
  if ((await identities.list()).length > 0) return undefined;
  const name = operatorName(io);
  try {
    const added = await identities.add({ name, email: `${mailbox(name)}@localhost` });
    return { name: added.name, password: added.password ?? "" };
  } catch (error) {
    // Somebody else's `local up` was faster: the password was shown there.
    if (error instanceof PersonProblem && (await identities.list()).length > 0) return undefined;
    throw error;
  }
}

/** A mailbox name out of an OS user name. */
const mailbox = (name: string): string =>
  name.toLowerCase().replaceAll(/[^a-z0-9._-]/gu, "-") || "operator";
