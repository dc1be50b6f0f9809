import {
  anyRemoving,
  beginRemoving,
  lockLoose,
  lockRemoving,
  looseCopies,
  noteRemoved,
  toRemove,
} from "../../compile/wave/file-copies.ts";
import { type Database, localSettings } from "../../data/database.ts";
import { lockRun, type Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import type { CopyToRemove, Services } from "../../services/services.ts";
import { digestOf, eachCopy, inWords } from "./copy-one.ts";

interface Copy {
  readonly id: number;
  readonly key: string;
  readonly version: string | null;
  readonly shared: boolean;
  /** Rows whose copies were to lie there, and the bytes of each; of those of an earlier version nothing is noted. */
  readonly owners: readonly { readonly owner: string; readonly sha256: string | null }[];
}

/** No row's id is less: whatever row comes first, it stands behind this. */
const beforeAll = -1;

/** Whether a run has copies for which no row stands. */
export const hasLooseCopies = async (db: Database, run: string): Promise<boolean> =>
  (await db.one<{ yes: boolean }>(looseCopies(run))).yes;

/**
 * Takes away the copies of a run for which no row stands, and nothing else: of an object that lies there only what says
 * itself that it is of one of the rows whose copies were to lie there, while it holds the bytes that were reviewed and none of
 * those rows rests on it. Cut
 * off, it goes on from what is noted. Answers how many are gone.
 *
 * @param together copies that are taken away while their rows are locked
 * @param overdue whether no more are begun: they are taken away by whoever comes next
 */
export async function takeBackFiles(
  services: Services,
  run: Run,
  { together = 250, overdue = (): boolean => false } = {},
): Promise<number> {
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
  let gone = 0;
  let failed: unknown;
  for (let after = beforeAll; ; ) {
    const step = await db.transaction((transaction) =>
      removeSome(services, transaction, run, { after, most: together }),
    );
    if (step === "none" && failed !== undefined) throw failed;
    if (step === "none") {
      // Another delivery may have taken away those that this one waited for, or left some behind.
      const { yes } = await db.one<{ yes: boolean }>(anyRemoving(run.id));
      if (!yes) return gone;
      after = beforeAll;
      continue;
    }
    // One that the store keeps is in nobody's way; a store that removes nothing is not asked about all.
    failed ??= step.failed;
    if (failed !== undefined && step.gone === 0) throw failed;
    gone += step.gone;
    after = step.after;
    if (overdue()) {
      if (failed !== undefined) throw failed;
      return gone;
    }
  }
}

/** Removes the next ones behind a row. Nobody else looks at these or copies there until the transaction ends. */
async function removeSome(
  services: Services,
  transaction: Database,
  run: Run,
  { after, most }: { readonly after: number; readonly most: number },
): Promise<{ readonly after: number; readonly gone: number; readonly failed?: unknown } | "none"> {
  const locked = await transaction.rows<{ id: number }>(lockRemoving(run.id, after, most));
  const last = locked.at(-1);
  if (last === undefined) return "none";
  const ids = locked.map(({ id }) => id);
  const open = await transaction.rows<Copy>(toRemove(run.id, ids));
  const { done: found, failed } = await eachCopy(
    open.filter(({ shared }) => !shared),
    async (copy) => ({ id: copy.id, is: await ownCopy(services, copy) }),
  );
  const own = found.flatMap(({ id, is }) => (is === undefined ? [] : [{ id, is }]));
  const removed = await services.copies
    .remove(own.map(({ is }) => is))
    .catch((error) => own.map(() => error as Error));
  const stay = new Set(own.flatMap(({ id }, at) => (removed[at] instanceof Error ? [id] : [])));
  const settled = [
    ...open.filter(({ shared }) => shared),
    ...found.filter(({ id }) => !stay.has(id)),
  ].map(({ id }) => id);
  if (settled.length > 0) await transaction.execute(noteRemoved(run.id, settled));
  return {
    after: last.id,
    gone: removed.filter((each) => each === "gone").length,
    failed: failed ?? inWords(removed.find((each) => each instanceof Error)),
  };
}

/** What the run put at a key, as far as it still lies there. */
async function ownCopy(
  { copies }: Services,
  { key, version, owners }: Copy,
): Promise<CopyToRemove | undefined> {
  // The version that the run put is its own, and nothing else goes with it.
  if (version !== null) return { key, version };
  const lies = await copies.look(key);
  const of = owners.find(({ owner }) => owner === lies?.owner);
  if (lies === undefined || of === undefined) return undefined;
  // Somebody may have put other bytes there under what the object says of itself.
  const asPut = of.sha256 === null || (await digestOf(copies, key, lies)) === of.sha256;
  return asPut ? { key, ...lies } : undefined;
}
