import { setTimeout as sleep } from "node:timers/promises";
import { connectionBroke, OfTheMoment } from "./failures.ts";

/** Errors after which the same statement may be sent again, as nothing was executed. */
const notExecuted = new Set([
  "DatabaseResumingException",
  "DatabaseUnavailableException",
  // The secret of a role could not be read in time: no session was begun.
  "SecretsErrorException",
  "ServiceUnavailableError",
  "ServiceUnavailableException",
  "ThrottlingException",
  "TooManyRequestsException",
]);

/** A cluster that is just being stopped, started or changed. Nowhere is it said that nothing was executed. */
const betweenStates = "InvalidResourceStateException";
/** Of a beginning nothing is written yet: one that was not answered in time is begun anew, as where a cluster wakes. */
const notInTime = "StatementTimeoutException";

/**
 * Waits between attempts, in ms: a little over 60 s in all, as a paused Aurora takes about 15 s to wake
 * and 30 s and more after a day's sleep. What spreads callers is added to them, never taken off.
 */
export const waits = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000] as const;
const spreadMs = 500;
const attemptsAfterBreak = 3;

/**
 * Sends again what the database said it had not executed, for at least 60 s. A lost response is
 * the caller's, unless the statement is `repeatable`: then it is sent again a few times too. What `begins` a transaction
 * is sent again as well where nobody answered in time.
 *
 * @param options.patienceMs waits no longer than that in all, where somebody else waits for an answer
 */
export async function retryTransient<Result>(
  send: () => Promise<Result>,
  options: {
    readonly repeatable: boolean;
    readonly begins?: boolean;
    readonly patienceMs?: number | undefined;
  },
): Promise<Result> {
  let waited = 0;
  for (const [attempt, wait] of waits.entries()) {
    try {
      return await send();
    } catch (error) {
      waited += wait;
      if (waited > (options.patienceMs ?? Number.POSITIVE_INFINITY)) throw error;
      const few = attempt < attemptsAfterBreak;
      const may =
        saysNotExecuted(error, options.repeatable) ||
        (few && options.repeatable && mayRepeat(error, options.begins));
      if (!may) throw error;
      await sleep(wait + Math.random() * Math.min(wait, spreadMs));
    }
  }
  return send();
}

const saysNotExecuted = (error: unknown, repeatable: boolean): boolean =>
  error instanceof Error &&
  (notExecuted.has(error.name) || (repeatable && error.name === betweenStates));

function mayRepeat(error: unknown, begins = false): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  // A statement that took too long would take as long again: its step says what is next.
  if (error.name === notInTime) return begins;
  return connectionBroke.has(code) || error instanceof OfTheMoment;
}

/**
 * Whether a look failed for the moment alone, so that nothing is known of what was looked at: nothing was executed, or
 * the connection went with it. What was ended for its time may be at fault itself.
 */
export const saysNothing = (error: unknown): boolean =>
  error instanceof Error &&
  (notExecuted.has(error.name) ||
    (error instanceof OfTheMoment &&
      error.name !== notInTime &&
      !/\bSQLState: 57014\b/u.test(error.message)));
