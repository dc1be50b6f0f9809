import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { bigint, type Sql, sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";

/** Of each thing so many are counted at most: to count many millions takes longer than a statement has. */
export const mostCounted = 1_000_000;

/** What an erasure would take: rows and entries that still hold something of the people of a run, {@link mostCounted} of each. */
export interface Erasable {
  /** Staged rows. */
  readonly staged: number;
  /** Entries of the ledger with the row as it was written: what a rollback compares with. */
  readonly ledger: number;
  /** People of the platform whom matching compared with. */
  readonly matched: number;
  /** Shared e-mail addresses and phone numbers. */
  readonly shared: number;
}

/** Rows of one call: far below the 45 s that a statement may take. */
const rowsOfCall = 20_000;

/** Counts what {@link eraseSome}, asked until it is whole, would take of a run. */
export async function erasable(db: Database, run: Run): Promise<Erasable> {
  const { counts } = await db.one<{ counts: Erasable }>(
    sql`select wavegate.erasable(${uuid(run.id)}) as counts`,
  );
  return counts;
}

/** What one call of an erasure did: it goes on behind an id, or it is whole. */
export type Erased = { readonly next: string } | { readonly rows: number };

/**
 * Erases the raw payload and the identity of the staged people of a run that is over, for good (B13): the
 * database looks whether the person may, does it, and tells of it (`schema/011-erasing.sql`). From the first
 * call on the run cannot be taken back; cut off, it is asked again, goes on from where it was, and ends. Errors:
 * `PermissionDenied`, `RunNotOver`, `CopiesStand`.
 *
 * @param behind what the call before answered, `0` at first
 */
export async function eraseSome(
  db: Database,
  run: Run,
  person: string,
  behind: string,
): Promise<Erased> {
  // In a transaction, as one whose response is lost must not be told of twice.
  const answer = await call(
    db,
    sql`wavegate.erase_run(${uuid(run.id)}, ${person}, ${bigint(behind)}, ${rowsOfCall}::int)`,
  );
  if ("refused" in answer) return refuse(db, run, person, answer.refused);
  return answer;
}

async function call(db: Database, erases: Sql): Promise<Erased | { readonly refused: string }> {
  const { answer } = await db.transaction((transaction) =>
    transaction.one<{ answer: { refused?: string; next?: number | string; rows?: number } }>(
      sql`select ${erases} as answer`,
    ),
  );
  const { refused, next, rows = 0 } = answer;
  if (refused !== undefined) return { refused };
  return next === undefined ? { rows } : { next: String(next) };
}

/**
 * Erases the people of every run that is due, one call after the other while there is time: in nobody's name, as
 * it was settled for all runs. One that is found due goes a day later at the earliest, as the clock may be wrong
 * for a while. What is cut off is ended the next time. Returns the runs of which nothing is left.
 */
export async function eraseDue(
  db: Database,
  days: number,
  timeLeft: () => boolean,
): Promise<string[]> {
  const erased: string[] = [];
  for (const { id, reference } of await lookedAt(db, days)) {
    let behind = "0";
    while (timeLeft()) {
      const done = await call(
        db,
        sql`wavegate.erase_due(${uuid(id)}, ${days}::int, ${bigint(behind)}, ${rowsOfCall}::int)`,
      );
      // It is not yet, or something began with the run since it was listed.
      if ("refused" in done) break;
      if ("rows" in done) {
        erased.push(reference);
        break;
      }
      behind = done.next;
    }
  }
  return erased;
}

/** Runs that are due, or will be within a day; and those that once were, for it to be seen that they are not. */
const lookedAt = (db: Database, days: number): Promise<{ id: string; reference: string }[]> =>
  rowsWhole(
    db,
    sql`
    select r.id, r.reference from wavegate.legacy_import_runs r
     where wavegate.ended_at(r.id) <= now() - make_interval(days => ${days - 1}::int)
        or r.due_seen is not null and r.erased_rows is null
     order by r.created_at, r.id`,
  );

/** Calls until nothing is left. Returns how many staged rows are left without anything of a person. */
export async function eraseWhole(some: (behind: string) => Promise<Erased>): Promise<number> {
  for (let done = await some("0"); ; done = await some(done.next)) {
    if ("rows" in done) return done.rows;
  }
}

async function refuse(db: Database, run: Run, person: string, name: string): Promise<never> {
  if (name === "PermissionDenied") await requirePermission(db, person, "legacy_imports.rollback");
  if (name === "RunNotOver") throw notOver(run, ["completed", "rolled_back"].includes(run.status));
  if (name === "CopiesStand") {
    throw new Refusal(
      "CopiesStand",
      `Files that ${run.reference} copied for rows that it did not write lie in the platform's bucket still. Nothing was changed. ` +
        `Take them away with \`wavegate rollback --run ${run.reference}\`, and erase then.`,
    );
  }
  throw new Refusal(name, `The people of ${run.reference} were not erased. Nothing was changed.`);
}

/**
 * The refusal of a run that may still write something.
 *
 * @param atWork it stands as over, and an execution of it has not ended
 */
export const notOver = (run: Run, atWork = false): Refusal =>
  new Refusal(
    "RunNotOver",
    run.status === "completed" && run.control === "stop"
      ? `${run.reference} is being taken back, and its people are erased only when that is at its end. Nothing was changed. ` +
          `Where it was cut off, \`wavegate rollback --run ${run.reference}\` goes on with it.`
      : atWork
        ? `${run.reference} is ${run.status.replace("_", " ")}, and something of it is still at work: its people are erased only when that has ended. Nothing was changed. ` +
          (run.status === "stopped"
            ? `\`wavegate stop --now --run ${run.reference}\` ends it, be it what waits for a sign-off; erase behind it.`
            : `\`wavegate status --run ${run.reference}\` shows it; erase behind it.`)
        : `${run.reference} may still commit (it is ${run.status.replace("_", " ")}), and its people are erased only when it is over. Nothing was changed. ` +
          `Bring it to its end, or take it back with \`wavegate rollback --run ${run.reference}\`.`,
  );

/** Runs that ended so many days ago, by a final verification or a rollback, and still hold their people. */
export const dueRuns = (db: Database, days: number): Promise<{ id: string; reference: string }[]> =>
  rowsWhole(
    db,
    sql`
    select r.id, r.reference from wavegate.legacy_import_runs r
     where wavegate.ended_at(r.id) <= now() - make_interval(days => ${days}::int)
     order by r.created_at, r.id`,
  );
