import type { Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";

/**
 * Who started a run, as the platform vouches (W5, W8): asked once, then kept with the run. Errors:
 * `StarterUnknown`, to be tried again, as CloudTrail tells of a start up to 15 minutes later.
 */
export async function starterOf(
  services: Pick<Services, "stage" | "executions">,
  run: Pick<Run, "id" | "reference" | "started_by" | "execution_arn" | "created_at">,
): Promise<string> {
  if (run.started_by !== null) return run.started_by;
  if (run.execution_arn === null) throw unknown(run.reference);
  const starter = await services.executions.starter(
    run.execution_arn,
    new Date(`${run.created_at.replace(" ", "T")}Z`),
  );
  if (starter === undefined) throw unknown(run.reference);
  await services.stage.execute(sql`
    update wavegate.legacy_import_runs set started_by = ${starter}
     where id = ${uuid(run.id)} and started_by is null`);
  // Whoever was recorded first stays: two stages may have asked at once.
  const { started_by } = await services.stage.one<{ started_by: string }>(sql`
    select started_by from wavegate.legacy_import_runs where id = ${uuid(run.id)}`);
  return started_by;
}

const unknown = (reference: string): Refusal =>
  new Refusal(
    "StarterUnknown",
    `The platform does not say yet who started ${reference}, so nobody can be shown to be somebody else. Nothing was written; try again in a few minutes.`,
  );
