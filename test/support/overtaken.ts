import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../../lib/data/database.ts";
import type { Services } from "../../lib/services/services.ts";
import type { TestServices } from "./services.ts";

/**
 * The same services, with every step noticed just before it is made: a statement, or the beginning of a
 * transaction, or what is done with a copy; with `inside`, each statement within one as well.
 */
function noticing(
  services: Services,
  inside: boolean,
  before: () => Promise<unknown>,
): Services & { readonly slow: (db: Database) => Database } {
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await before();
    return work();
  };
  const slow = (db: Database): Database => ({
    rows: (statement) => step(() => db.rows(statement)),
    one: (statement) => step(() => db.one(statement)),
    execute: (statement) => step(() => db.execute(statement)),
    transaction: (work, mode) =>
      step(() => db.transaction((inner) => work(inside ? slow(inner) : inner), mode)),
  });
  return {
    ...services,
    slow,
    stage: slow(services.stage),
    sign: slow(services.sign),
    commitOf: (migration) => slow(services.commitOf(migration)),
    copies: {
      put: (...given) => step(() => services.copies.put(...given)),
      look: (...given) => step(() => services.copies.look(...given)),
      get: (...given) => step(() => services.copies.get(...given)),
      remove: (...given) => step(() => services.copies.remove(...given)),
    },
  };
}

/**
 * Services of a delivery that something else overtakes: just before its nth step outside a transaction, a
 * statement or the beginning of one, `other` happens from its beginning to its end.
 */
export function overtakenAt(
  services: Services,
  nth: number,
  other: () => Promise<unknown>,
): Services & { overtaken: () => boolean; steps: () => number } {
  let steps = 0;
  const late = noticing(services, false, async () => {
    steps++;
    if (steps === nth) await other();
  });
  return { ...late, overtaken: () => steps >= nth, steps: () => steps };
}

/** An act that something else met in the middle, and how both ended: undefined, or the error. */
interface Met {
  /** Whether the act came as far as that step. */
  readonly met: boolean;
  readonly act: unknown;
  readonly other: unknown;
}

/**
 * Does an act, and just before its nth step, within transactions too, lets something else happen: to its end, or
 * until it waits for what the act holds; then both go on.
 */
export async function meetingAt(
  test: TestServices,
  nth: number,
  act: (test: TestServices) => Promise<unknown>,
  other: (test: TestServices) => Promise<unknown>,
): Promise<Met> {
  let steps = 0;
  let under: Promise<unknown> | undefined;
  const ended = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );
  const late = noticing(test.services, true, async () => {
    steps++;
    if (steps !== nth) return;
    under = ended(other(test));
    let done = false;
    void under.then(() => {
      done = true;
    });
    while (!done && !(await somebodyWaits(test))) await sleep(2);
  });
  // What an administrator does, as a set-up, has its steps as well.
  const outcome = await ended(act({ ...test, services: late, admin: late.slow(test.admin) }));
  return { met: steps >= nth, act: outcome, other: await under };
}

/** How many wait for a lock in the test's database. */
async function waiters(test: TestServices): Promise<number> {
  const waiting = await test.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return waiting.length;
}

/** Whether anybody waits for a lock in the test's database. */
export const somebodyWaits = async (test: TestServices): Promise<boolean> =>
  (await waiters(test)) > 0;

/** Until somebody waits for a lock, or so many do. */
export async function untilSomebodyWaits(test: TestServices, many = 1): Promise<void> {
  while ((await waiters(test)) < many) await sleep(2);
}
