import type { Database } from "../../lib/data/database.ts";
import type { Services } from "../../lib/services/services.ts";

/** What a process dies of in these tests. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/**
 * Services of a process that dies at its nth step, a statement, the end of a transaction, an answer to a
 * task or an object: that step is done, but everything from then on fails, and a transaction that was open
 * is rolled back. To die before a step is to die after the one before it.
 */
export function killedAt(
  services: Services,
  death: number,
): Services & { alive: () => boolean; steps: () => number } {
  let steps = 0;
  let dead = false;
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (dead) throw new Killed("The process is dead.");
    // Steps may be under way at once: each has a number of its own.
    const nth = ++steps;
    const result = await work();
    if (nth === death) dead = true;
    if (dead) throw new Killed("The process died after this.");
    return result;
  };
  const mortal = (db: Database): Database => ({
    rows: (statement) => step(() => db.rows(statement)),
    one: (statement) => step(() => db.one(statement)),
    execute: (statement) => step(() => db.execute(statement)),
    transaction: (work, mode) =>
      step(() => Promise.resolve()).then(async () => {
        const result = await db.transaction((transaction) => work(mortal(transaction)), mode);
        return step(async () => result);
      }),
  });
  return {
    ...services,
    stage: mortal(services.stage),
    sign: mortal(services.sign),
    commitOf: (migration) => mortal(services.commitOf(migration)),
    executions: {
      ...services.executions,
      succeed: (token, output) => step(() => services.executions.succeed(token, output)),
    },
    evidence: {
      ...services.evidence,
      put: (key, body, options) => step(() => services.evidence.put(key, body, options)),
    },
    alive: () => !dead,
    steps: () => steps,
  };
}

/** Does work in a process that dies one step later each time, and stands by `check` after each death. */
export async function dyingEverywhere(
  services: Services,
  work: (mortal: Services) => Promise<unknown>,
  check: (death: number) => Promise<void>,
  { from = 1, upTo = Number.POSITIVE_INFINITY, every = 1 } = {},
): Promise<number> {
  for (let death = from; death <= upTo; death += every) {
    const mortal = killedAt(services, death);
    const ended = await work(mortal).then(
      () => "done",
      (error: Error) => error,
    );
    if (ended !== "done" && !(ended instanceof Error && !mortal.alive())) throw ended;
    await check(death);
    if (mortal.alive()) return death - 1;
  }
  return upTo;
}
