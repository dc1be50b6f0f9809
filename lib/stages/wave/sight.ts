import { isSilenced, triggersSilenced } from "../../compile/around/silenced.ts";
import {
  findSurroundings,
  namesSurrounding,
  type Surrounding,
  saysSurrounding,
} from "../../compile/around/surroundings.ts";
import { compilePin, type Pin } from "../../compile/pin/pin.ts";
import {
  type ChancePartitions,
  findChancePartitions,
  saysChance,
} from "../../compile/target/chance-partitions.ts";
import {
  findUnfitTypes,
  saysUnfitType,
  type UnfitType,
} from "../../compile/target/inserted-types.ts";
import { findUnknownKept, saysUnknownKept } from "../../compile/target/unknown-kept.ts";
import {
  type FoundAbove,
  findKeptAbove,
  type KeptAbove,
  keptAbove,
} from "../../compile/undo/kept-above.ts";
import {
  type BlindSpot,
  blindSpots,
  findReferring,
  findUnknownReferences,
  lookAll,
  type Referring,
  type Seen,
} from "../../compile/undo/referrers.ts";
import { ofTables, undoWave } from "../../compile/undo/rollback.ts";
import { type Database, longestStatement } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { literal, raw, render } from "../../data/sql.ts";
import { type DatabaseRoles, databaseRoles, rolesBeside } from "../../define/database-roles.ts";
import { keptColumns } from "../../define/kept-columns.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";
import { several } from "../../services/words.ts";

/** What a look around the tables of a migration found. */
export interface LookedAround {
  /** Everything that acts by itself, with what it would mean. */
  readonly surroundings: readonly (Surrounding & { readonly says: string })[];
  /** What keeps a run from being safe; empty when nothing does. */
  readonly obstacles: readonly string[];
  /** Those of them for which nobody can even tell what would be written: rows that wavegate does not see. */
  readonly hidden: readonly string[];
}

/**
 * Looks at what the platform does by itself around the tables of a migration, whether wavegate's roles
 * see all of it, whether the definition names it, and whether its tables take rows whatever is drawn for them. Works as
 * any role that may read the catalog.
 */
export async function lookAround(db: Database, whole: WholeMigration): Promise<LookedAround> {
  const [pin, migration] = [compilePin(whole), whole.name];
  const found = await rowsWhole<Surrounding>(db, findSurroundings(pin));
  const referring = await rowsWhole<Referring>(db, findReferring(pin));
  const unknown = await unknownReferences(db, pin);
  const { stage, commit, silenced } = await rolesHere(db);
  const blind = [
    ...(await rowsWhole<BlindSpot>(db, blindSpots(pin, [], literal(stage), false))),
    ...(await rowsWhole<BlindSpot>(
      db,
      blindSpots(pin, referring, literal(commit(migration)), true),
    )),
  ];
  const unnamed = found
    .filter(({ named }) => !named)
    .map((each) => `${saysSurrounding(each)} ${namesSurrounding(each)}`);
  const chance = await rowsWhole<ChancePartitions>(db, findChancePartitions(whole));
  const unseen = blind.filter(({ hidden }) => hidden);
  const blindness = [...new Set(blind.map(saysBlind))];
  const unfit: UnfitType[] = [];
  for (const part of partsOf(whole))
    unfit.push(...(await rowsWhole<UnfitType>(db, findUnfitTypes(part))));
  const kept = keptColumns(pin.effects);
  const guarded = pin.guarded.filter(
    (table) => Object.hasOwn(pin.effects, table) || kept.some((each) => each.table === table),
  );
  const unkept =
    kept.length === 0 ? [] : await db.rows<{ column: string }>(findUnknownKept(pin.effects));
  return {
    surroundings: found.map((each) => ({ ...each, says: saysSurrounding(each) })),
    obstacles: [
      ...(silenced ? [triggersSilenced] : []),
      ...unnamed,
      ...unknown.map(
        (each) => `The definition says that ${each} refers, and there are no such columns.`,
      ),
      ...unkept.map(({ column }) => saysUnknownKept(column)),
      ...guarded.map((table) => `The definition's \`effects\` name ${table}, which is guarded.`),
      ...unfit.map(
        (each) =>
          `${saysUnfitType(each)} \`wavegate check ${migration}\` says what else it may be.`,
      ),
      ...blindness,
      ...(blind.length > 0 ? [mends(blind, migration, [stage, commit(migration)])] : []),
      ...chance.map((each) => `${saysChance(each)} Make those that are missing.`),
      ...tooLongToUndo(whole, pin, referring),
    ],
    hidden: [
      ...new Set(unseen.map(saysBlind)),
      ...(unseen.length > 0 ? [mends(unseen, migration, [stage, commit(migration)])] : []),
    ],
  };
}

/** What a statement may get longer by what the platform becomes until it is sent. */
const spare = 5_000;

/**
 * Tables to which so much refers that no statement takes a row of them back: what is written has to be one that can be.
 */
const tooLongToUndo = (
  whole: WholeMigration,
  pin: Pin,
  referring: readonly Referring[],
): readonly string[] =>
  partsOf(whole).flatMap(({ entity }, at) => {
    const tables = [...new Set(Object.values(entity.actions).map(({ into }) => into))];
    const pinned = pin.entities[at];
    if (pinned === undefined || tables.length === 0) return [];
    const undo = undoWave(ofTables(pin, tables), pinned, nobody, 1, referring, []);
    if (render(undo).sql.length + spare <= longestStatement) return [];
    const refer = referring.filter(({ target }) => tables.includes(target)).length;
    return [
      `${several(refer, "reference")} of the platform point at ${tables.join(", ")}, more than one statement of a rollback can look at: what would be written there could not be taken back. Let a table of its own be written, to which fewer refer.`,
    ];
  });

const nobody = "00000000-0000-4000-8000-000000000000";

/** The roles of this database, those that were made together with whoever asks, and whether nothing acts where they write. */
async function rolesHere(db: Database): Promise<DatabaseRoles & { readonly silenced: boolean }> {
  const { role, name, silenced } = await db.one<{ role: string; name: string; silenced: boolean }>(
    raw(
      `select current_user::text as role, current_database()::text as name, ${isSilenced} as silenced`,
    ),
  );
  return { ...(rolesBeside(role) ?? databaseRoles(name)), silenced };
}

const unknownReferences = async (db: Database, pin: Pin): Promise<string[]> =>
  pin.refersTo.length === 0
    ? []
    : (await rowsWhole<{ reference: string }>(db, findUnknownReferences(pin))).map(
        ({ reference }) => reference,
      );

/**
 * What refers to the targets, looked up by a role that sees all of it. Errors: `PolicyDenied` where
 * row-level security hides rows of a table (D42), `PrivilegesMissing` where a privilege is missing, as on
 * a table made after set-up, `ReferenceUnknown` where a declared reference is not there. Nothing was written then.
 */
export async function requireSight(
  transaction: Database,
  pin: Pin,
  migration: string,
): Promise<Referring[]> {
  return requireSeen(transaction, await rowsWhole<Seen>(transaction, lookAll(pin)), migration);
}

/** {@link requireSight} of what was just looked up by {@link lookAll}. */
export async function requireSeen(
  transaction: Database,
  seen: readonly Seen[],
  migration: string,
): Promise<Referring[]> {
  const blind = seen.flatMap((each) => each.blind ?? []);
  if (blind.length > 0) {
    const { stage, commit } = await rolesHere(transaction);
    throw refuseBlind(blind, migration, [stage, commit(migration)]);
  }
  const referring = seen.flatMap((each) => each.referring ?? []);
  const unknown = seen.flatMap((each) => each.unknown ?? []);
  if (unknown.length === 0) return referring;
  throw new Refusal(
    "ReferenceUnknown",
    `The definition says that ${unknown.join(", ")} refers, and the platform has no such columns. Nothing was written; ` +
      "call them as they were called, as what refers cannot be seen otherwise.",
  );
}

/** By which columns without a foreign key rows that waves wrote refer to others of theirs. */
export async function aboveOf(db: Database, pin: Pin): Promise<readonly KeptAbove[]> {
  const look = findKeptAbove(pin);
  return look === undefined ? [] : keptAbove(pin, await db.rows<FoundAbove>(look));
}

/** The refusal of a role that does not see everything. */
function refuseBlind(
  blind: readonly BlindSpot[],
  migration: string,
  roles: readonly string[],
): Refusal {
  return new Refusal(
    blind.some(({ hidden }) => hidden) ? "PolicyDenied" : "PrivilegesMissing",
    `${blind.map(saysBlind).join(" ")} Nothing was written. ${mends(blind, migration, roles)}`,
  );
}

/** A blind spot in a sentence. */
const saysBlind = ({ table, missing, hidden }: BlindSpot): string =>
  hidden
    ? `policy_denied: Row-level security hides rows of ${table} from wavegate, which would take what it does not see for not there.`
    : `wavegate lacks the privilege ${(missing ?? "").toUpperCase()} on ${missing === "usage" ? `the schema of ${table}` : table}.`;

/** What mends it: a policy of the roles that look and write, or the one command. */
const mends = (blind: readonly BlindSpot[], migration: string, roles: readonly string[]): string =>
  blind.some(({ hidden }) => hidden)
    ? `Give wavegate's roles a policy that shows them every row, for each such table \`create policy wavegate on TABLE to ${roles.join(", ")} using (true) with check (true)\`, or lift row-level security for the run; then \`wavegate set-up ${migration}\`.`
    : `\`wavegate set-up ${migration}\` gives it (on AWS: deploy again).`;
