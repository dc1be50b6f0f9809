import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";

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
  // Of an execution that a function started for somebody CloudTrail knows the function.
  const [begun] = await db.rows<{ person: string }>(sql`
    select person from wavegate.run_beginnings
     where run_id = ${uuid(run.id)} and execution_arn = ${run.execution_arn}`);
  const starter =
    begun?.person ??
    (await executions.starter(run.execution_arn, new Date(`${run.created_at.replace(" ", "T")}Z`)));
  if (starter === undefined) throw unknown(run.reference);
  const { started_by } = await db.one<{ started_by: string }>(sql`
    select wavegate.note_starter(${uuid(run.id)}, ${starter}) as started_by`);
  return started_by;
}

/**
 * Notes who asked for an execution that may make a run, before there is one: whoever's execution makes it is its
 * starter, by the statement that makes it (`schema/019-beginnings.sql`).
 */
export const noteBeginning = (
  db: Database,
  begun: { readonly run: string; readonly executionArn: string; readonly person: string },
): Promise<number> =>
  db.execute(sql`
    insert into wavegate.run_beginnings (run_id, execution_arn, person)
    select ${uuid(begun.run)}, ${begun.executionArn}, ${begun.person}
     where not exists (
       select from wavegate.legacy_import_runs r where r.id = ${uuid(begun.run)} and r.started_by is not null)
    on conflict do nothing`);

const unknown = (reference: string): Refusal =>
  new Refusal(
    "StarterUnknown",
    `The platform does not say yet who started ${reference}, so nobody can be shown to be somebody else. Nothing was written; try again in a few minutes.`,
  );
