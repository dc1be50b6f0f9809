import type { WholeMigration } from "../../define/several.ts";
import { homeAt } from "../../embedded/runtime/home.ts";
import { versionOf } from "../../stages/set-up/database-version.ts";
import { missingTables } from "../../stages/set-up/platform.ts";
import { setUpDatabase } from "../../stages/set-up-database.ts";
import { lookAround } from "../../stages/wave/sight.ts";
import { openAdmin } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { placeOf } from "../find-place.ts";
import { migrationNamed } from "../migrations.ts";
import { isLocal } from "../place.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate set-up`: staging tables, roles and privileges of one migration; safe to repeat. */
export async function setUp(frame: Frame, name: string, check: boolean): Promise<Answer> {
  const migration = migrationNamed(name);
  if (!isLocal(frame.io)) {
    throw new CannotRun(
      "NotHere",
      "On AWS the deployment sets the database up. Nothing was written.",
    );
  }
  if (check) {
    return withAws(frame, async (aws) => {
      const missing = await missingTables(aws.db, migration);
      const hidden = missing.length === 0 ? (await lookAround(aws.db, migration)).hidden : [];
      return {
        exit: missing.length + hidden.length === 0 ? 0 : 1,
        json: { migration: name, missing, hidden },
        text: [
          missing.length === 0
            ? `The platform has every table that ${name} needs.`
            : `The platform lacks ${missing.join(", ")}. Load its schema, then run \`wavegate set-up ${name}\`.`,
          ...hidden,
        ],
      };
    });
  }
  const { untested, hidden } = await prepared(frame, migration);
  return {
    json: { migration: name, done: true, hidden },
    text: [
      `Staging tables, database roles and privileges of ${name} are in place.`,
      ...untested,
      ...hidden,
    ],
  };
}

/**
 * On one machine: sets the database up for a migration before it is used. On AWS the deployment did. Answers what is to
 * be said of the database's version, in lines. Errors: `OtherFolder`.
 */
export const prepareLocally = async (
  frame: Frame,
  migration: WholeMigration,
): Promise<readonly string[]> =>
  isLocal(frame.io) ? (await prepared(frame, migration)).untested : [];

/** What is to be said of the database's version, and of rows that its roles do not see, though they are set up. */
interface Prepared {
  readonly untested: readonly string[];
  readonly hidden: readonly string[];
}

async function prepared(frame: Frame, migration: WholeMigration): Promise<Prepared> {
  const { rolePasswords } = await import("../local/passwords.ts");
  const { requireOwnRoles } = await import("../local/own-roles.ts");
  await requireOwnRoles(homeAt(frame.io.env, frame.io.cwd));
  const admin = openAdmin(await placeOf(frame.io));
  try {
    const passwords = await rolePasswords(frame.io, admin.db, [migration]);
    await setUpDatabase(admin.db, [migration], passwords);
    const { says } = await versionOf(admin.db);
    const { hidden } = await lookAround(admin.db, migration);
    return { untested: says === undefined ? [] : [`${says}.`], hidden };
  } finally {
    admin.close();
  }
}
