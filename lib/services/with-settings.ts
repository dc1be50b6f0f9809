import type { Database } from "../data/database.ts";
import { DatabaseContended, OfTheMoment } from "../data/failures.ts";
import { holdersOf, saysHolders } from "../data/holders.ts";
import { settledOtherwise } from "../data/session-settings.ts";
import { inPlainWords } from "./database-words.ts";
import { Refusal } from "./errors.ts";

/** What PostgreSQL says of a statement that it took for another one, of which nothing more is known. */
const isBare = (error: unknown): error is Error =>
  error instanceof Error && error.name === "DatabaseErrorException";

/** Of one that it ended for its time. */
const isEnded = (error: unknown): error is Error =>
  error instanceof OfTheMoment && /SQLState: (?:57014|57P05|25P0[34])/.test(error.message);

/** Of one that waited for a lock as long as it may. */
const isLockedOut = (error: unknown): error is Error =>
  error instanceof DatabaseContended && /SQLState: 55P03/.test(error.message);

/** The same with whoever holds it just now; it keeps its name, under which it is sent again. */
async function withHolders(error: Error, asking: Asking): Promise<Error> {
  const db = "stage" in asking ? asking.stage : asking;
  const holders = await holdersOf(db).catch(() => null);
  return Object.assign(error, { message: `${error.message}${saysHolders(holders)}` });
}

/** What PostgreSQL said, with what that means and what to do; a code alone tells nobody anything (W13). */
const saidPlainly = (error: Error): Error =>
  Object.assign(error, { message: `${error.message}${inPlainWords(error.message)}` });

/** The databases of who asks, as roles of wavegate's; services have those of their function's. */
export type Asking = { readonly stage: Database; readonly sign: Database } | Database;

/**
 * What ended a step, a decision, a page or a command, with what sessions of wavegate's roles begin with otherwise than they should: statements are read and
 * looked up otherwise then, and PostgreSQL says no more than what came of that. Error: `SessionsUnsettled`; an error that
 * may be sent again keeps its name.
 */
export async function withSettings(error: unknown, asking: Asking): Promise<unknown> {
  const refused = error instanceof Refusal && isBare(error.cause) ? error.cause : error;
  if (isLockedOut(error)) return withHolders(error, asking);
  if (!isBare(refused) && !isEnded(refused)) return error;
  const absent = /does not exist/.test(refused.message);
  const roles = "stage" in asking ? [asking.stage, asking.sign] : [asking];
  // A connection may have gone with what failed, and the next is another; what cannot be told is not.
  let otherwise: readonly string[] | undefined;
  for (const db of [...roles, ...roles])
    otherwise ??= await settledOtherwise(db, absent).catch(() => undefined);
  if (otherwise === undefined || otherwise.length === 0)
    return isBare(error) ? saidPlainly(error) : error;
  const says = `Sessions do not begin as the set-up settled it: ${otherwise.join("; ")}. Whoever set that has the role's password or administers the database, and it may be why: \`wavegate doctor\` says what mends it.`;
  const { message } = error as Error;
  if (isBare(error))
    return new Refusal(
      "SessionsUnsettled",
      `The database refused a statement (${message}). ${says} What was done before stands; send it again then.`,
      { cause: error },
    );
  return Object.assign(error as Error, { message: `${message} ${says}` });
}
