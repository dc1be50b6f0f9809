import type { Database } from "../data/database.ts";
import { findRun, type Run } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { requirePermission } from "../review/permissions.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { releaseLock } from "./commit-lock.ts";

/** What became of a command to a run. */
export interface Controlled {
  readonly run: string;
  readonly control: Run["control"];
}

type Needs = Pick<Services, "stage" | "clock">;

/** Pauses a run before its next batch (W9). Errors: `UnknownRun`, `RunCompleted`, `PermissionDenied`. */
export const pause = (services: Needs, id: string, person: string): Promise<Controlled> =>
  command(services, id, person, "pause");

/** Ends a run before its next batch and gives its lock back (W9, R17). */
export const stop = (services: Needs, id: string, person: string): Promise<Controlled> =>
  command(services, id, person, "stop");

/** Lets a paused, stopped or halted run go on; an execution started after it goes on from what is stored. */
export const resume = (services: Needs, id: string, person: string): Promise<Controlled> =>
  command(services, id, person, "run");

async function command(
  services: Needs,
  id: string,
  person: string,
  control: Run["control"],
): Promise<Controlled> {
  await requirePermission(services.stage, person, "legacy_imports.run");
  const run = await findRun(services.stage, id);
  if (run.status === "completed" && !(await takenBack(services.stage, run.id))) {
    throw new Refusal("RunCompleted", `Run ${run.reference} is complete. Nothing was changed.`);
  }
  await services.stage.transaction(async (transaction) => {
    await transaction.execute(sql`
      update wavegate.legacy_import_runs
         set control = ${control}, updated_at = now(),
             status = case when ${control} = 'stop' then 'stopped'
                           when ${control} = 'run' then 'running' else status end,
             halted_because = case when ${control} = 'run' then null else halted_because end
       where id = ${uuid(run.id)}`);
    if (control === "stop") {
      await releaseLock(transaction, run);
    }
    const action = control === "run" ? "resume" : control;
    await appendAudit(
      transaction,
      run.id,
      { actor: person, action, details: {} },
      services.clock(),
    );
  });
  return { run: run.id, control };
}

/** Whether a wave of a run was taken back since it was complete: then there is something to do again. */
async function takenBack(db: Database, run: string): Promise<boolean> {
  const { yes } = await db.one<{ yes: boolean }>(sql`
    select exists (select from wavegate.waves where run_id = ${uuid(run)} and status = 'rolled_back') as yes`);
  return yes;
}

/** Notes that a run waits for a command: it is paused, or it halted and why. */
export async function noteWaiting(
  { stage, clock }: Needs,
  input: {
    readonly run: string;
    readonly status: "halted" | "paused";
    readonly because?: { readonly error: string; readonly message: string };
  },
): Promise<void> {
  const run = await findRun(stage, input.run);
  await stage.transaction(async (transaction) => {
    await transaction.execute(sql`
      update wavegate.legacy_import_runs
         set status = ${input.status}, halted_because = ${json(input.because ?? null)}, updated_at = now()
       where id = ${uuid(run.id)}`);
    const details = input.because ? { error: input.because.error } : {};
    await appendAudit(
      transaction,
      run.id,
      { actor: "wavegate", action: input.status, details },
      clock(),
    );
  });
}
