import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";

/**
 * Who started a run, as the platform vouches (W5, W8): asked once, then kept with the run. Errors:
 * `StarterUnknown`, to be tried again, as CloudTrail tells of a start up to 15 minutes later.
 */
export async function starterOf(
  db: Database,
  { executions }: Pick<Services, "executions">,
  run: Pick<Run, "id" | "reference" | "started_by" | "execution_arn" | "created_at">,
): Promise<string> {
  if (run.started_by !== null) return run.started_by;
  if (run.execution_arn === null) throw unknown(run.reference);
  const starter = await executions.starter(
    run.execution_arn,
    new Date(`${run.created_at.replace(" ", "T")}Z`),
  );
  if (starter === undefined) throw unknown(run.reference);
  return noteStarter(db, run.id, starter);
}

/** Keeps who started a run and answers it; whoever was recorded first stays. */
export async function noteStarter(db: Database, run: string, starter: string): Promise<string> {
  const { started_by } = await db.one<{ started_by: string }>(sql`
    select wavegate.note_starter(${uuid(run)}, ${starter}) as started_by`);
  return started_by;
}

const unknown = (reference: string): Refusal =>
  new Refusal(
    "StarterUnknown",
    `The platform does not say yet who started ${reference}, so nobody can be shown to be somebody else. Nothing was written; try again in a few minutes.`,
  );
