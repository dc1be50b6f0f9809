import type { Pin } from "../../compile/pin/pin.ts";
import { findActingTriggers } from "../../compile/target/acting-triggers.ts";
import { findFarParts } from "../../compile/target/partition-check.ts";
import type { Database } from "../../data/database.ts";
import { OfTheMoment } from "../../data/failures.ts";
import { holdersOf, saysHolders } from "../../data/holders.ts";
import type { Run } from "../../data/runs.ts";
import { raw } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { isRefusal } from "../run/refusals.ts";
import { type Ended, findUsedUpOnes, isUsedUp, undrawn } from "./undrawn.ts";

const triggersOn = async (db: Database, { targets }: Pin): Promise<string | null> =>
  (await db.one<{ triggers: string | null }>(findActingTriggers(targets.map(({ table }) => table))))
    .triggers;

const farParts = async (db: Database, { targets }: Pin): Promise<string | null> =>
  (await db.one<{ parts: string | null }>(findFarParts(targets.map(({ table }) => table)))).parts;

/** PostgreSQL's own words of a right that is missing, of an object; what a trigger says so may quote a row, and is passed on to nobody. */
const deniedInWords =
  /^ERROR: permission denied for (?:table|view|materialized view|foreign table|sequence|schema|function|procedure|type|column|language|large object) \S+; SQLState: 42501$/;

/** PostgreSQL's own words of a table or column that is not there. */
const absentInWords =
  /^ERROR: ((?:relation|column|schema) .+ does not exist); SQLState: (?:42P01|42703|3F000)$/;

/** Of a database, or a role, that takes no writes: as while another server of a cluster takes over. */
const takesNoWrites = /SQLState: 25006$/;

/**
 * Of what PostgreSQL cannot do at all, as it takes no statement that writes and answers past a rule, nor any past one that
 * writes into its own table, nor a value for a column that it makes by itself.
 */
const cannot = /SQLState: (0A000|42P17|428C9)$/;

/**
 * What PostgreSQL says of code that cannot run, whatever row it is about: that names what is not there, calls itself without
 * end, or ends the transaction.
 */
const ofCode = /SQLState: (?:42\w{3}|54\w{3}|2D000)$/;

/** Whether an error is what PostgreSQL says where others write or end something, which a trigger may say as well. */
const isOfOthers = (error: unknown): error is Error =>
  error instanceof Error &&
  (error.name === "WaveContended" ||
    error.name === "DatabaseErrorException" ||
    (error instanceof OfTheMoment && /SQLState: /.test(error.message)));

/**
 * Whether what ended a piece of work may be what the platform says of a row, so that trying row by row finds it. Under a
 * code that speaks of others (40001, 55P03, 57014 …) only where a trigger of the platform might say it.
 */
export const mayBeOfRow = async (error: unknown, db: Database, pin: Pin): Promise<boolean> =>
  isRefusal(error) || (isOfOthers(error) && (await triggersOn(db, pin)) !== null);

/**
 * An error that is of no row, with what of the platform may be behind it and what to do: triggers that may say what
 * else others do, or that write where the role may not, or a sequence that gave out its last number. Any other one as it is.
 */
export async function withTriggers(
  error: unknown,
  db: Database,
  pin: Pin,
  ended: Ended,
): Promise<unknown> {
  if (isUsedUp(error)) return undrawn(await findUsedUpOnes(db), ended, error);
  if (!(error instanceof Error)) return error;
  const { run, wave, command } = ended;
  const about: About = {
    ...{ error, db, pin },
    of: `wave ${wave} of ${run.reference}`,
    onward: `\`wavegate ${command} --run ${run.reference}\` goes on.`,
  };
  if (error instanceof Refusal && error.name === "WaveContended") return ofContended(about);
  // A rollback says of itself what the platform refuses it.
  const isWave = command === "resume";
  if (isWave && guardSays.test(error.message)) return ofGuarded(about);
  if (error.name !== "DatabaseErrorException") return error;
  if (isWave && absentInWords.test(error.message)) return ofAbsent(about);
  if (takesNoWrites.test(error.message)) return ofReadOnly(about);
  if (isWave && cannot.test(error.message)) return ofSomethingNew(about);
  if (deniedInWords.test(error.message)) return ofDenied(about);
  return isWave && (ofCode.test(error.message) || isRefusal(error)) ? ofWhole(about) : error;
}

/** An error of some work, and what is said of it: what it was about, and what goes on once that is mended. */
interface About {
  readonly error: Error;
  readonly db: Database;
  readonly pin: Pin;
  readonly of: string;
  readonly onward: string;
}

const refused = ({ error }: About, says: string): Refusal =>
  new Refusal("PlatformRefused", says, { cause: error });

/** What a rollback lacks may be what the platform looks at as rows go: that says so itself. */
function ofAbsent({ error, of, onward }: About): Refusal {
  const [, absent] = absentInWords.exec(error.message) ?? [];
  return new Refusal(
    "TargetGone",
    `The platform lacks what ${of} needs: ${absent}. Nothing was changed; if it was renamed, call it as it was called while the run lasts. ${onward}`,
    { cause: error },
  );
}

const ofReadOnly = (about: About): Refusal =>
  refused(
    about,
    `The database takes no writes at this moment (SQLState 25006), of anybody or of wavegate's role, and so not ${about.of}. Nothing was written; once it takes them again, ${about.onward}`,
  );

function ofSomethingNew(about: About): Refusal {
  const [, code] = cannot.exec(about.error.message) ?? [];
  return refused(
    about,
    `PostgreSQL does not take what ${about.of} writes past something that the platform has now, a rule of a table that is written, or a column that it makes by itself (SQLState ${code}). Nothing was written. \`wavegate doctor\` lists rules, triggers and keys: detach what came. ${about.onward}`,
  );
}

async function ofGuarded(about: About): Promise<Error> {
  const { error, db, pin, of, onward } = about;
  const far = await farParts(db, pin);
  if (far !== null)
    return refused(
      about,
      `Rows of ${of} go to a part of a table that lies on another server (${far}), or a trigger changes them: wavegate's guard does not find them here, and what is written there is not taken back with the rest. Nothing was written. Attach a table of this server in its place, or hold those rows. ${onward}`,
    );
  const triggers = await triggersOn(db, pin);
  if (triggers === null) return error;
  return refused(
    about,
    `The platform changes more of the rows of ${of} than it was given, or changes them once more: wavegate's guard refused that, and nothing was written. A trigger does it (${triggers}): mend or detach it. ${onward}`,
  );
}

/** Each row was tried by then: what refuses acts on the statement, whatever rows it has, or cannot run. */
async function ofWhole(about: About): Promise<Error> {
  const { error, db, pin, of, onward } = about;
  const acting = await triggersOn(db, pin);
  if (acting !== null && ofCode.test(error.message))
    return refused(
      about,
      `PostgreSQL does not run what ${of} takes: ${error.message}. Nothing was written. What acts on the rows may be what cannot run (${acting}): mend or detach it. ${onward}`,
    );
  if (!isRefusal(error)) return error;
  return refused(
    about,
    `The platform refused ${of} as a whole, whichever rows it has: ${error.message}. Nothing was written, and no row is held for it. ${
      acting === null
        ? "`wavegate doctor` lists what acts there, triggers, rules and keys"
        : `What acts on the rows does that, or on the statement (${acting})`
    }: mend or detach it. ${onward}`,
  );
}

async function ofContended({ error, db, pin, of, onward }: About): Promise<Error> {
  const [triggers, holders] = await Promise.all([triggersOn(db, pin), holdersOf(db)]);
  if (triggers === null && holders === null) return error;
  const told = `${error.message}${saysHolders(holders)}`;
  const also = ` It may also be the platform itself, with ${of}: a trigger that waits for somebody, or says so (${triggers}). Mend or switch off what does. ${onward}`;
  return new Refusal("WaveContended", triggers === null ? told : `${told}${also}`, {
    cause: error,
  });
}

async function ofDenied(about: About): Promise<Refusal> {
  const { error, db, pin, of, onward } = about;
  const triggers = await triggersOn(db, pin);
  const { role } = await db.one<{ role: string }>(raw("select current_user as role"));
  const lacks =
    triggers === null
      ? `A column's default, a constraint or a policy of the platform does that with the rights of ${role}: grant it to ${role}.`
      : `What acts on the rows does so with the rights of ${role} (${triggers}), which lacks this one: grant it to ${role}, or make the trigger's function \`security definer\`.`;
  return refused(
    about,
    `The platform refused ${of}: ${error.message}. Nothing was written. ${lacks} ${onward}`,
  );
}

/** What wavegate's guards of the commit roles say of a row that was changed past its entry. */
const guardSays =
  /a row may be changed only with the entry of the ledger|a row that this transaction did not (?:create|change so)/;

/** What the platform itself refuses: constraints, rules, triggers that raise something or cannot run, and the guard of its changes. */
const refusedByPlatform = /SQLState: (?:0A|22|23|2D|2F|38|39|42|44|54|HV|P0|WG)/;

/** What wavegate's own guards say of a row whose entry they do not find. */
const unfound = /a row may be (?:deleted|changed) only with the entry of the ledger/;

/** The same in a sentence, with what helps: for an act and for its preview. */
export function inWords(error: unknown, run: Run, wave: number): unknown {
  if (!(error instanceof Error) || error.name !== "DatabaseErrorException") return error;
  if (unfound.test(error.message)) {
    return new Refusal(
      "PlatformRefused",
      `wavegate's guard found rows of wave ${wave} of ${run.reference} other than the ledger says they are, so nothing of it was taken back. ` +
        "A trigger of the platform may change them (`wavegate doctor` lists it): detach it. Or several columns of a key have " +
        `other names since, and the definition was mended: call them as wave ${wave} wrote them, \`wavegate set-up ${run.migration}\` with the definition of then, and roll back again.`,
      { cause: error },
    );
  }
  const published = error.message.endsWith("SQLState: 55000")
    ? "Of a table that is published and has no primary key nobody deletes a row: `alter table TABLE replica identity full` lets it go. "
    : "";
  if (published === "" && !refusedByPlatform.test(error.message)) return error;
  return new Refusal(
    "PlatformRefused",
    `The platform refused to let wave ${wave} of ${run.reference} be taken back: ${error.message}. Nothing of it was. ${published}` +
      "`wavegate doctor` lists triggers, rules and keys; mend or detach what stands in the way, and roll back again.",
    { cause: error },
  );
}
