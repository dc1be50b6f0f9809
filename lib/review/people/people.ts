import { createHash } from "node:crypto";
import { domainToASCII } from "node:url";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { json, raw, type Sql, sql } from "../../data/sql.ts";
import { type Permission, permissions } from "../../define/permissions.ts";
import { STEERING } from "../../evidence/csv.ts";
import { foldPerson } from "../../evidence/same-person.ts";
import { appendSecurity } from "../../evidence/security-log.ts";
import { Refusal } from "../../services/errors.ts";

export { type Permission, permissions };

/** Somebody who may do something; the name is the one they sign in with. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly permissions: readonly Permission[];
  /** Other names and addresses that they were ever known by, folded; missing where there are none. */
  readonly known?: readonly string[];
}

const longestName = 200;
const longestEmail = 254;
const emailShape =
  /^[^\s@<>(),;:\\"[\]\p{Cc}\p{Cf}]+@[^\s@<>(),;:\\"[\]\p{Cc}\p{Cf}.]+(?:\.[^\s@<>(),;:\\"[\]\p{Cc}\p{Cf}.]+)*$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const controlCharacter = /[\u0000-\u001f\u007f]/;
/** Marks that steer a terminal, turn the order of what is read, or end a line. */
const steering = new RegExp(`[${STEERING}\\u2028\\u2029]`, "u");

/** People of one answer. */
const atOnce = 500;

/** Everybody, by name. */
export async function listPeople(db: Database): Promise<Person[]> {
  const all: Person[] = [];
  for (;;) {
    const some = await readPeople(db, sql`p.name > ${all.at(-1)?.name ?? ""}`);
    all.push(...some);
    if (some.length < atOnce) return all;
  }
}

/** The person who signs in with this name; case and Unicode form do not make somebody else. */
export async function findPerson(db: Database, name: string): Promise<Person | undefined> {
  const wanted = foldPerson(name);
  // Whoever else is there is held against nobody, nor read: each page asks this.
  const called = await readPeople(
    db,
    sql`lower(btrim(normalize(p.name, NFKC)) collate "und-x-icu") = ${wanted}`,
  );
  const person = called.find((each) => foldPerson(each.name) === wanted);
  if (person !== undefined) return person;
  // Of a letter that the database folds otherwise than whoever signs in.
  const names = await rowsWhole<{ name: string }>(
    db,
    sql`select name from wavegate.people order by name`,
  );
  const found = names.find((each) => foldPerson(each.name) === wanted);
  return found && (await readPeople(db, sql`p.name = ${found.name}`))[0];
}

/** The first of those for whom a condition on `p` holds, by name. */
const readPeople = async (db: Database, which: Sql): Promise<Person[]> =>
  (
    await rowsWhole<Required<Person>>(
      db,
      sql`
    select p.name, p.email, p.permissions, wavegate.known_as(p.name) as known
      from wavegate.people p where ${which} order by p.name limit ${atOnce}`,
    )
  ).map(withOthers);

function withOthers({ known, ...person }: Required<Person>): Person {
  const own = [person.name, person.email].map(foldPerson);
  const others = known.filter((each) => !own.includes(each));
  return others.length === 0 ? person : { ...person, known: others };
}

/** In whose name permissions are given where nobody says it: whoever knows the administrator's password. */
const administrator = "administrator";

/**
 * Refuses a name that looks like the name of somebody else: by case, accents, blanks, what cannot be seen, or letters
 * of another script (`schema/014-people.sql`, which refuses it whoever asks). Errors: `PersonLooksAlike`.
 */
export async function refuseLookAlike(db: Database, name: string): Promise<void> {
  if ((await findPerson(db, name)) !== undefined) return;
  const { like, empty } = await db.one<{ like: string | null; empty: boolean }>(sql`
    select wavegate.looks_like(${name}) as like, wavegate.name_looks(${name}) = '' as empty`);
  if (like === null && !empty) return;
  throw new Refusal(
    "PersonLooksAlike",
    like === null
      ? "Nobody would see that name. Nothing was written; give a name that can be read."
      : `That name looks like “${like}”, and nobody could tell the two apart where they decide. Nothing was written; add the person under another name.`,
  );
}

/**
 * Adds somebody, or changes the address and permissions of somebody who is there, and notes who gave or
 * took what in the security log. Errors: `InvalidPerson`, `UnknownPermission`, `PersonLooksAlike`; nothing is written then.
 */
export async function addPerson(
  db: Database,
  wanted: Person,
  by: string = administrator,
): Promise<Person> {
  const name = wanted.name.normalize("NFC").trim();
  const email = addressOf(wanted.email);
  if (name === "" || name.length > longestName || controlCharacter.test(name)) {
    throw new Refusal(
      "InvalidPerson",
      `A name has 1 to ${longestName} characters and no line breaks. Nothing was written.`,
    );
  }
  if (email.length > longestEmail || !emailShape.test(email)) {
    throw new Refusal("InvalidPerson", "That is not an e-mail address. Nothing was written.");
  }
  const unknown = wanted.permissions.find((each) => !permissions.includes(each));
  if (unknown !== undefined) {
    throw new Refusal(
      "UnknownPermission",
      `“${unknown}” is no permission. Nothing was written; the permissions are ${permissions.join(", ")}.`,
    );
  }
  await refuseLookAlike(db, name);
  if (steering.test(name)) {
    throw new Refusal(
      "InvalidPerson",
      "That name holds marks that nobody sees and that change how it is shown. Nothing was written; give it without them.",
    );
  }
  const known = await findPerson(db, name);
  const granted = permissions.filter((each) => wanted.permissions.includes(each));
  const person = { name: known?.name ?? name, email, permissions: granted };
  await db.transaction(async (transaction) => {
    await transaction.execute(sql`
      insert into wavegate.people (name, email, permissions)
      values (${person.name}, ${email}, ${json(granted)})
      on conflict (name) do update set email = excluded.email, permissions = excluded.permissions`);
    const before = known?.permissions ?? [];
    const gained = granted.filter((each) => !before.includes(each));
    const lost = before.filter((each) => !granted.includes(each));
    const changed = { person: person.name, holds: granted };
    await noteIf(transaction, gained, by, "permissions-given", changed);
    await noteIf(transaction, lost, by, "permissions-taken", changed);
  });
  return person;
}

/** An address as mail is sent to it: one mailbox has one, whether its domain is written in letters of its own or not. */
function addressOf(wanted: string): string {
  const email = wanted.normalize("NFC").trim();
  const at = email.lastIndexOf("@") + 1;
  const domain = email.slice(at).replace(/\.$/u, "");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: letters of ASCII are what it looks for.
  return email.slice(0, at) + (/^[\u0000-\u007f]*$/u.test(domain) ? domain : domainToASCII(domain));
}

/**
 * Writes addresses that were kept with a domain in letters of its own as mail is sent to them, and knows whoever ever
 * had one by both (W8). As the schema's owner, at a set-up.
 */
export async function keepAddressesAsSent(db: Database): Promise<void> {
  const kept = await db.rows<{ name: string; email: string }>(
    raw(
      `select name, email from wavegate.people_known where substring(email from '[^@]*$') ~ '[^\\x01-\\x7f]'`,
    ),
  );
  for (const { name, email } of kept) {
    const sent = addressOf(email);
    // No domain at all: mail was never sent there.
    if (sent.endsWith("@")) continue;
    await db.execute(sql`
      insert into wavegate.people_known (name, email) values (${name}, ${sent}) on conflict do nothing`);
    await db.execute(
      sql`update wavegate.people set email = ${sent} where name = ${name} and email = ${email}`,
    );
  }
}

async function noteIf(
  db: Database,
  permissions: readonly Permission[],
  actor: string,
  action: "permissions-given" | "permissions-taken",
  details: { readonly person: string; readonly holds: readonly Permission[] },
): Promise<void> {
  if (permissions.length === 0) return;
  await appendSecurity(db, { actor, action, details: { ...details, permissions } }, new Date());
}

/** A sign-in as the log tells of it: its id is in every token of it, and opens nothing. */
export const signInDigest = (id: string): string => createHash("sha256").update(id).digest("hex");

/** Seconds by which two clocks may be apart. */
const apart = 300;

/**
 * Why somebody's sign-in of this moment is over: they ended it, their permissions or address changed since, or the
 * database's clock was set back, so that nobody can tell; undefined while it stands. Seconds since 1970, as a token says
 * it: within the same second it stands.
 *
 * @param id which of their sign-ins it is, where the token says so
 */
export async function signInOver(
  db: Database,
  name: string,
  signedIn: number,
  id?: string,
): Promise<"ended" | "changed" | "clock" | undefined> {
  const person = await findPerson(db, name);
  if (!person) return undefined;
  const ended = id === undefined ? null : signInDigest(id);
  const { changed, now, over } = await db.one<{ changed: number; now: number; over: boolean }>(sql`
    select floor(extract(epoch from changed_at))::bigint as changed, floor(extract(epoch from now()))::bigint as now,
           exists (select from wavegate.security_log
                    where action = 'signed-out' and details ->> 'sign_in' = ${ended}) as over
      from wavegate.people where name = ${person.name}`);
  if (over) return "ended";
  if (Math.max(changed, signedIn) > now + apart) return "clock";
  return changed > Math.floor(signedIn) ? "changed" : undefined;
}

/** Takes every permission from somebody, and notes it in the security log. Errors: `UnknownPerson`. */
export async function removePerson(
  db: Database,
  name: string,
  by: string = administrator,
): Promise<Person> {
  const person = await findPerson(db, name);
  if (!person) {
    throw new Refusal(
      "UnknownPerson",
      `There is nobody named “${name}”. Nothing was written; \`wavegate people\` lists them.`,
    );
  }
  await db.transaction(async (transaction) => {
    await transaction.execute(sql`delete from wavegate.people where name = ${person.name}`);
    const lost = { person: person.name, holds: [] };
    await noteIf(transaction, person.permissions, by, "permissions-taken", lost);
  });
  return person;
}
