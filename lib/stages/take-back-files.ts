import {
  anyRemoving,
  beginRemoving,
  lockLoose,
  lockRemoving,
  looseCopies,
  noteRemoved,
  toRemove,
} from "../compile/file-copies.ts";
import { type Database, localSettings } from "../data/database.ts";
import { lockRun, type Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Services } from "../services/services.ts";
import { eachCopy } from "./copy-one.ts";

interface Copy {
  readonly id: number;
  readonly key: string;
  readonly version: string | null;
  readonly shared: boolean;
  readonly owners: readonly string[];
}

/** Copies that are taken away while their rows are locked. */
const together = 250;

/** Whether a run has copies for which no row stands. */
export const hasLooseCopies = async (db: Database, run: string): Promise<boolean> =>
  (await db.one<{ yes: boolean }>(looseCopies(run))).yes;

/**
 * Takes away the copies of a run for which no row stands, and nothing else: of an object that lies there only what says
 * itself that it is of one of the rows whose copies were to lie there, and only while none of those rests on it. Cut
 * off, it goes on from what is noted. Answers how many are gone.
 */
export async function takeBackFiles(services: Services, run: Run): Promise<number> {
  // Asked of what was done, and not of the definition: it may be of another version by now (B8).
  if (!(await hasLooseCopies(services.stage, run.id))) return 0;
  const db = services.commitOf(run.migration);
  await db.transaction(async (transaction) => {
    await transaction.rows(localSettings);
    // A wave that rests on a copy is waited for, or fails: it holds the run's row until it ends.
    await lockRun(transaction, run.id);
    await transaction.execute(
      sql`update wavegate.legacy_import_runs set updated_at = now() where id = ${uuid(run.id)}`,
    );
    // Whoever is just making one is waited for as well.
    await transaction.rows(lockLoose(run.id));
    await transaction.execute(beginRemoving(run.id));
  });
  for (let gone = 0; ; ) {
    const step = await db.transaction((transaction) => removeSome(services, transaction, run));
    if (step === undefined) return gone;
    if (step.failed !== undefined) throw step.failed;
    gone += step.gone;
  }
}

/** Undefined once nothing is left. Nobody else looks at these or copies there until the transaction ends. */
async function removeSome(
  services: Services,
  transaction: Database,
  run: Run,
): Promise<{ readonly gone: number; readonly failed?: unknown } | undefined> {
  const locked = await transaction.rows<{ id: number }>(lockRemoving(run.id, together));
  if (locked.length === 0) {
    // Another delivery may have taken away those that this one waited for.
    const { yes } = await transaction.one<{ yes: boolean }>(anyRemoving(run.id));
    return yes ? { gone: 0 } : undefined;
  }
  const ids = locked.map(({ id }) => id);
  const open = await transaction.rows<Copy>(toRemove(run.id, ids));
  const { done, failed } = await eachCopy(open, async ({ id, key, version, shared, owners }) => {
    if (shared) return { id, ours: false };
    // The version that the run put is its own, and nothing else goes with it.
    if (version !== null) {
      await services.copies.remove(key, version);
      return { id, ours: true };
    }
    const lies = await services.copies.look(key);
    const ours = lies?.owner !== undefined && owners.includes(lies.owner);
    if (ours) await services.copies.remove(key, lies.version);
    return { id, ours };
  });
  if (done.length > 0)
    await transaction.execute(
      noteRemoved(
        run.id,
        done.map(({ id }) => id),
      ),
    );
  return { gone: done.filter(({ ours }) => ours).length, failed };
}
