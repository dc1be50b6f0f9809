import type { Database } from "../../data/database.ts";
import { appendSecurity } from "../../evidence/security-log.ts";
import type { Permission, Person } from "../../review/people/people.ts";
import {
  addPerson,
  listPeople,
  permissions,
  refuseLookAlike,
  removePerson,
} from "../../review/people/people.ts";
import { Refusal } from "../../services/errors.ts";
import { openAdmin } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { isLocal, type Place } from "../place.ts";
import { didYouMean } from "../suggest.ts";
import { table } from "../table.ts";
import { withAws } from "./with-aws.ts";

const short = (permission: string): string => permission.replace(/^legacy_imports\./u, "");

/** `wavegate people list`. */
export const list = (frame: Frame): Promise<Answer> =>
  withAws(frame, async ({ db }) => {
    const people = await listPeople(db);
    return {
      json: {
        people: people.map(({ name, email, permissions }) => ({ name, email, permissions })),
      },
      text: table(
        ["name", "e-mail", "can"],
        people.map((person) => [
          person.name,
          person.email,
          person.permissions.map(short).join(", "),
        ]),
      ),
    };
  });

/**
 * `wavegate people add`: permissions, and on one machine a log-in whose password is shown once.
 * Somebody who is there gets the new address and permissions and keeps their password.
 */
export const add = (
  frame: Frame,
  name: string,
  options: { email: string; can: readonly string[] },
): Promise<Answer> => {
  const granted = permissionsFrom(options.can);
  return withAws(frame, async ({ place }) => {
    const wanted: Person = { name, email: options.email, permissions: granted };
    // Before there is a log-in of this name.
    await asAdministrator(place, (db) => refuseLookAlike(db, name.normalize("NFC").trim()));
    const made = isLocal(frame.io) ? await logIn(frame, wanted) : undefined;
    const person = await asAdministrator(place, (db) =>
      addPerson(db, { ...wanted, name: made?.name ?? name }, place.person),
    );
    return {
      json: { ...person, ...(made?.password === undefined ? {} : { password: made.password }) },
      text: [
        `${person.name} <${person.email}> can ${person.permissions.map(short).join(", ") || "nothing"}.`,
        ...(made?.password === undefined
          ? isLocal(frame.io)
            ? ["The password is the one they have."]
            : ["On AWS people sign in with the directory's account of this very name."]
          : [`Password: ${made.password}`, "It is shown this once; give it to them in person."]),
      ],
    };
  });
};

/** Permissions are given by whoever administers the database, never by the role of the CLI (W8). */
async function asAdministrator<Result>(
  place: Place,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const admin = openAdmin(place);
  try {
    return await work(admin.db);
  } finally {
    admin.close();
  }
}

async function logIn(
  frame: Frame,
  wanted: Person,
): Promise<{ name: string; password?: string | undefined }> {
  const { addLogIn } = await import("../local/log-ins.ts");
  return addLogIn(frame.io, wanted);
}

/** `wavegate people remove`. */
export const remove = (frame: Frame, name: string): Promise<Answer> =>
  withAws(frame, async ({ place }) => {
    const person = await asAdministrator(place, (db) => removePerson(db, name, place.person));
    if (isLocal(frame.io)) {
      const { removeLogIn } = await import("../local/log-ins.ts");
      await removeLogIn(frame.io, person.name);
    }
    return { json: { removed: person.name }, text: [`${person.name} can do nothing any more.`] };
  });

/**
 * `wavegate people password`: a new password, shown once; every sign-in of the person ends. Without a name
 * it is whoever sits here.
 */
export const password = (frame: Frame, wanted: string | undefined): Promise<Answer> =>
  withAws(frame, async ({ place }) => {
    if (!isLocal(frame.io)) {
      throw new Refusal(
        "NotOnThisMachine",
        "Passwords of a deployment are kept by Cognito or by your directory. Nothing was changed; people change theirs on the sign-in page.",
      );
    }
    const { newPassword } = await import("../local/log-ins.ts");
    const name = wanted ?? place.person ?? "";
    const made = await newPassword(frame.io, name);
    await asAdministrator(place, (db) =>
      appendSecurity(
        db,
        {
          actor: place.person ?? "administrator",
          action: "password-changed",
          details: { person: made.name, source: "terminal" },
        },
        new Date(),
      ),
    );
    return {
      json: { name: made.name, password: made.password },
      text: [
        `Password of ${made.name}: ${made.password}`,
        "It is shown this once; every sign-in with the old one has ended.",
      ],
    };
  });

function permissionsFrom(can: readonly string[]): readonly Permission[] {
  if (can.includes("all")) return permissions;
  return can.map((word) => {
    const found = permissions.find(
      (permission) => word === permission || word === short(permission),
    );
    if (found !== undefined) return found;
    const names = [...permissions.map(short), "all"];
    throw new CannotRun(
      "UnknownPermission",
      `“${word}” is no permission.${didYouMean(word, names)} Nothing was written. There are: ${names.join(", ")}.`,
    );
  });
}
