import {
  copiesFiles,
  copiesNow,
  forgetCopies,
  holdUncopied,
  intendCopies,
  lockCopies,
  noteCopies,
  oneOf,
  type RowToCopy,
  removersOf,
  toCopy,
  uncopied,
  uncopiedPage,
} from "../../compile/wave/file-copies.ts";
import type { WaveOrder } from "../../compile/wave/rows.ts";
import type { Database } from "../../data/database.ts";
import { lockRun, type Run } from "../../data/runs.ts";
import type { Migration } from "../../define/definition.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { requireReached, requireRunning } from "../run/opened-run.ts";
import { copyOne, eachCopy } from "./copy-one.ts";
import { filesOf } from "./row-files.ts";

/** Why a row is held whose file is not copied, by what became of the copy. */
const heldFor: Readonly<Record<string, string>> = {
  changed: "blob_changed_since_review",
  occupied: "file_there_differs",
};

/** A wave that is signed wants copies first: nothing of it is written until they are there. */
export class CopiesNeeded extends Error {
  readonly rows: readonly RowToCopy[];

  constructor(rows: readonly RowToCopy[]) {
    super("Files are copied first.");
    this.rows = rows;
  }
}

/**
 * Holds the next rows of a wave whose files are no longer what was reviewed; answers how many. Errors:
 * {@link CopiesNeeded} where some are not copied, `CopiesBeingRemoved`.
 */
export async function requireCopies(
  transaction: Database,
  migration: Migration,
  order: WaveOrder,
): Promise<number> {
  if (!copiesFiles(migration)) return 0;
  let held = 0;
  for (;;) {
    const open = await allUncopied(transaction, migration, order);
    const settled = open.filter(({ state }) => state !== null && state in heldFor);
    for (const [state, reason] of Object.entries(heldFor)) {
      const ids = settled.filter((row) => row.state === state).map(({ id }) => id);
      if (ids.length === 0) continue;
      await transaction.execute(holdUncopied(migration, order.run, ids, reason));
      await transaction.execute(forgetCopies(order.run, ids));
    }
    held += settled.length;
    const needed = open.filter((row) => !settled.includes(row));
    const removing = needed.filter(({ state }) => state === "removing");
    if (removing.length > 0) throw await beingRemoved(transaction, order.run, removing);
    if (needed.length > 0) throw new CopiesNeeded(needed);
    if (settled.length === 0) return held;
  }
}

/** All of them at once: a wave that finds more to copy begins anew each time. */
async function allUncopied(
  transaction: Database,
  migration: Migration,
  order: WaveOrder,
): Promise<RowToCopy[]> {
  const all: RowToCopy[] = [];
  for (let after = 0; ; ) {
    // Which rows come next is found once, and not for each page of them.
    const open = await transaction.rows<{ id: number }>(uncopied(migration, order, after));
    const ids = open.map(({ id }) => id);
    for (let at = 0; at < ids.length; at += uncopiedPage.rows)
      all.push(
        ...(await transaction.rows<RowToCopy>(
          toCopy(migration, order.run, ids.slice(at, at + uncopiedPage.rows)),
        )),
      );
    if (ids.length < uncopiedPage.ids) return all;
    after = ids.at(-1) ?? after;
  }
}

/** The refusal of a wave whose copies somebody takes away, with the command that ends that if nobody does any more. */
async function beingRemoved(
  db: Database,
  run: Run["id"],
  rows: readonly Pick<RowToCopy, "id">[],
): Promise<Refusal> {
  const removers = await db.rows<{ reference: string; control: string }>(
    removersOf(
      run,
      rows.slice(0, together.files).map(({ id }) => id),
    ),
  );
  const commands = removers.map(
    ({ reference, control }) =>
      `\`wavegate ${control === "stop" ? "rollback" : "resume"} --run ${reference}\``,
  );
  return new Refusal(
    "CopiesBeingRemoved",
    "Copies of files that this wave names are being taken away, and what does it has not ended. Nothing was written; " +
      (commands.length === 0
        ? "send the wave again."
        : `wait for it, or, if it was cut off, send it again: ${commands.join(", ")}.`),
  );
}

/** Writes a wave once the copies that it wants are there. */
export async function withCopies<Result>(
  services: Services,
  run: Run,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CopiesNeeded)) throw error;
      await copyAll(services, run, error.rows);
    }
  }
}

/** Files and bytes that are copied while their rows are locked: far less than a transaction may last. */
const together = { files: 250, bytes: 64 * 1024 * 1024 };

function* batches(rows: readonly RowToCopy[]): Generator<readonly RowToCopy[]> {
  let batch: RowToCopy[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (
      batch.length > 0 &&
      (batch.length === together.files || bytes + row.size > together.bytes)
    ) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += row.size;
  }
  yield batch;
}

async function copyAll(services: Services, run: Run, rows: readonly RowToCopy[]): Promise<void> {
  const db = services.commitOf(run.migration);
  const files = filesOf(services, run);
  for (const batch of batches(rows)) {
    // First it is noted, for everybody to see, and then looked whether anybody takes one of them away.
    await db.transaction(async (transaction) => {
      // Behind a stop, a rollback or an erasure nothing is copied any more.
      await lockRun(transaction, run.id, "share");
      requireRunning(await requireReached(transaction, run.id, "export-review", "A wave"));
      await transaction.execute(intendCopies(run.id, batch));
    });
    const failed = await db.transaction(async (transaction) => {
      const ids = batch.map(({ id }) => id);
      await transaction.rows(lockCopies(run.id, oneOf(ids)));
      const now = await transaction.rows<{ id: number; state: string; removing: boolean }>(
        copiesNow(run.id, ids),
      );
      if (now.some(({ state, removing }) => removing || state === "removed"))
        throw await beingRemoved(transaction, run.id, batch);
      // Another delivery of this wave made some of them meanwhile.
      const open = new Set(now.filter(({ state }) => state === "intended").map(({ id }) => id));
      const { done, failed } = await eachCopy(
        batch.filter(({ id }) => open.has(id)),
        (row) => copyOne(services.copies, files, run.id, row),
      );
      if (done.length > 0) await transaction.execute(noteCopies(run.id, done));
      return failed;
    });
    if (failed !== undefined) throw failed;
  }
}
