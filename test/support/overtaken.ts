import type { Database } from "../../lib/data/database.ts";
import type { Services } from "../../lib/services/services.ts";

/**
 * Services of a delivery that something else overtakes: just before its nth step outside a transaction, a
 * statement or the beginning of one, `other` happens from its beginning to its end.
 */
export function overtakenAt(
  services: Services,
  nth: number,
  other: () => Promise<unknown>,
): Services & { overtaken: () => boolean } {
  let steps = 0;
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    steps++;
    if (steps === nth) await other();
    return work();
  };
  const slow = (db: Database): Database => ({
    rows: (statement) => step(() => db.rows(statement)),
    one: (statement) => step(() => db.one(statement)),
    execute: (statement) => step(() => db.execute(statement)),
    transaction: (work) => step(() => db.transaction(work)),
  });
  return {
    ...services,
    stage: slow(services.stage),
    sign: slow(services.sign),
    commitOf: (migration) => slow(services.commitOf(migration)),
    overtaken: () => steps >= nth,
  };
}
