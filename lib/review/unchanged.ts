import type { Database } from "../data/database.ts";
import { sql, uuid } from "../data/sql.ts";

/** The digest of the reviewed rows as a wave found them, and the changes that were noted up to then. */
export interface ReviewedRows {
  readonly rows: string;
  readonly changes: string;
}

/**
 * Marks the statements that may have changed something reviewed and that this transaction sees:
 * triggers note each, so an equal mark in a later snapshot means that there was none in between.
 */
export async function changesSoFar(db: Database): Promise<string> {
  const { changes } = await db.one<{ changes: string }>(sql`
    select count(*) || ' ' || coalesce(max(id), 0) as changes from wavegate.review_changes`);
  return changes;
}

/**
 * The reviewed rows as the newest standing wave found them, if nothing has been noted since. Whoever
 * changes rows past the triggers is found at the next gate, where every row is read again.
 */
export async function unchangedRows(db: Database, run: string): Promise<ReviewedRows | undefined> {
  const [latest] = await db.rows<{ before: Partial<ReviewedRows> }>(sql`
    select before from wavegate.waves
     where run_id = ${uuid(run)} and status <> 'rolled_back' order by wave desc limit 1`);
  const { rows, changes } = latest?.before ?? {};
  if (rows === undefined || changes === undefined) return undefined;
  return (await changesSoFar(db)) === changes ? { rows, changes } : undefined;
}

/** The digest of the rows as a dry run showed them, if nothing has been noted since. */
export async function rowsOfDryRun(db: Database, run: string): Promise<string | undefined> {
  const [newest] = await db.rows<{ rows: string; changes: string | null }>(sql`
    select parts ->> 'rows' as rows, changes from wavegate.dry_runs
     where run_id = ${uuid(run)} order by created_at desc limit 1`);
  return newest && (await changesSoFar(db)) === newest.changes ? newest.rows : undefined;
}
