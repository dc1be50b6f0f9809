import { beginRemoving, noteRemoved, removing } from "../compile/file-copies.ts";
import { lockRun, type Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Services } from "../services/services.ts";
import { inWords, ownerOf } from "./copy-files.ts";

interface Copy {
  readonly id: number;
  readonly key: string;
  readonly version: string | null;
  readonly own: boolean;
  readonly shared: boolean;
}

/**
 * Takes away the copies of a run for which no row stands, and nothing else: of an object that lies there only what says
 * itself that it is of this run and row. Cut off, it goes on from what is noted. Answers how many are gone.
 */
export async function takeBackFiles(services: Services, run: Run): Promise<number> {
  // Asked of what was done, and not of the definition: it may be of another version by now (B8).
  const [any] = await services.stage.rows(
    sql`select 1 as yes from wavegate.file_copies where run_id = ${uuid(run.id)} limit 1`,
  );
  if (any === undefined) return 0;
  const db = services.commitOf(run.migration);
  await db.transaction(async (transaction) => {
    // A wave that rests on a copy is waited for, or fails: it holds the run's row until it ends.
    await lockRun(transaction, run.id);
    await transaction.execute(
      sql`update wavegate.legacy_import_runs set updated_at = now() where id = ${uuid(run.id)}`,
    );
    await transaction.execute(beginRemoving(run.id));
  });
  let gone = 0;
  for (;;) {
    const open = await db.rows<Copy>(removing(run.id));
    if (open.length === 0) return gone;
    for (const { id, key, shared } of open) {
      try {
        const lies = shared ? undefined : await services.copies.look(key);
        if (lies?.owner === ownerOf(run.id, id)) {
          await services.copies.remove(key, lies.version);
          gone++;
        }
      } catch (error) {
        throw inWords(error);
      }
      await db.execute(noteRemoved(run.id, id));
    }
  }
}
