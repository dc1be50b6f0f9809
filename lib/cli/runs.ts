import type { Database } from "../data/database.ts";
import { findRun, type Run } from "../data/runs.ts";
import { sql } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";
import { CannotRun } from "./failure.ts";
import { didYouMean } from "./suggest.ts";

/** The run with this reference or id. Errors: {@link CannotRun} with a suggestion for a mistyped one. */
export async function runNamed(db: Database, name: string): Promise<Run> {
  try {
    return await findRun(db, name);
  } catch (error) {
    if (!(error instanceof Refusal) || error.name !== "UnknownRun") throw error;
    const references = await db.rows<{ reference: string }>(sql`
      select reference from wavegate.legacy_import_runs order by created_at desc limit 200`);
    const hint = didYouMean(
      name,
      references.map((run) => run.reference),
    );
    throw new CannotRun(
      "UnknownRun",
      `There is no run “${name}”.${hint} Nothing was written. \`wavegate runs\` lists them.`,
    );
  }
}

/**
 * The named run, or the latest one where a reading command names none. One that was kept from beginning by another run, which
 * goes on, is not meant by who looks how that goes.
 */
export async function runOrLatest(db: Database, name: string | undefined): Promise<Run> {
  if (name !== undefined) return runNamed(db, name);
  const [latest] = await db.rows<{ reference: string }>(sql`
    select reference from wavegate.legacy_import_runs
     order by coalesce(status = 'halted' and halted_because ->> 'error' = 'AnotherRunCommits'
                and (preflight ->> 'passed')::boolean is not true, false), created_at desc, id limit 1`);
  if (latest !== undefined) return findRun(db, latest.reference);
  throw new CannotRun(
    "NoRuns",
    "There is no run yet. Nothing was written. Begin one with `wavegate start MIGRATION` or `wavegate import MIGRATION`.",
  );
}
