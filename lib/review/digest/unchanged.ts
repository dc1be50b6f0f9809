import type { Database } from "../../data/database.ts";
import { raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { readingOfRows } from "./digest-sql.ts";

/** The digests of what was reviewed, as a wave found it, and the changes that were noted up to then. */
export interface ReviewedState {
  readonly rows: string;
  readonly mappings: string;
  readonly changes: string;
}

/** What {@link changesSoFar} reads, as a column of a statement that reads more: both of one moment. */
const soFar = raw(
  "(select count(*) || ' ' || coalesce(max(c.id), 0) from wavegate.review_changes c)",
);

/**
 * Marks the statements that may have changed something reviewed and that this transaction sees:
 * triggers note each, so an equal mark in a later snapshot means that there was none in between.
 */
export async function changesSoFar(db: Database): Promise<string> {
  const { changes } = await db.one<{ changes: string }>(sql`select ${soFar} as changes`);
  return changes;
}

/** What {@link lastReviewed} tells. */
export interface LastReviewed {
  readonly before: Partial<ReviewedState>;
  readonly now: string;
}

/** What was reviewed as the newest standing wave found it, and the changes up to now, as JSON; null where none stands. */
export const lastReviewed = (run: string): Sql => sql`
  select to_jsonb(w) from (
    select before, ${soFar} as now from wavegate.waves
     where run_id = ${uuid(run)} and status <> 'rolled_back' order by wave desc limit 1) w`;

/**
 * What was reviewed, as the newest standing wave found it, if nothing has been noted since. Whoever
 * changes something past the triggers is found at the next gate, where all of it is read again.
 */
export function unchangedSince(latest: LastReviewed | null): ReviewedState | undefined {
  const { rows, mappings, changes } = latest?.before ?? {};
  if (rows === undefined || mappings === undefined || changes === undefined) return undefined;
  return latest?.now === changes ? { rows, mappings, changes } : undefined;
}

/** The same mark, and how the rows are read: what a dry run keeps beside their digest. */
const shown = (definition: WholeMigration) => sql`${soFar} || ' ' || ${readingOfRows(definition)}`;

/** The mark of what a dry run is about to read: what changes meanwhile is noted after it. */
export async function changesShown(db: Database, definition: WholeMigration): Promise<string> {
  const { changes } = await db.one<{ changes: string }>(
    sql`select ${shown(definition)} as changes`,
  );
  return changes;
}

/**
 * The digest of the rows as a dry run showed them, if nothing has been noted since, and the same of them would be read in
 * the same way: of other columns, or by another wavegate, their digest would be another one.
 */
export async function rowsOfDryRun(
  db: Database,
  run: string,
  definition: WholeMigration,
): Promise<string | undefined> {
  const [newest] = await db.rows<{ rows: string; changes: string | null; now: string }>(sql`
    select parts ->> 'rows' as rows, changes, ${shown(definition)} as now from wavegate.dry_runs
     where run_id = ${uuid(run)} order by created_at desc limit 1`);
  return newest?.now === newest?.changes ? newest?.rows : undefined;
}
