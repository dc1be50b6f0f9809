import type { Database } from "../data/database.ts";
import { findRun, type Run, requirePeople } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { requirePermission } from "../review/permissions.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";

/** What became of a command to a run. */
export interface Controlled {
  readonly run: string;
  readonly control: Run["control"];
}

/** Pauses a run before its next batch (W9). Errors: `UnknownRun`, `RunCompleted`, `PermissionDenied`. */
export const pause = (db: Database, id: string, person: string): Promise<Controlled> =>
  command(db, id, person, "pause");

/** Ends a run before its next batch and gives its lock back (W9, R17). */
export const stop = (db: Database, id: string, person: string): Promise<Controlled> =>
  command(db, id, person, "stop");

/** Lets a paused, stopped or halted run go on; an execution started after it goes on from what is stored. */
export const resume = (db: Database, id: string, person: string): Promise<Controlled> =>
  command(db, id, person, "resume");

/** The database looks whether the person may, does it, and tells of it: `schema/009-operators.sql`. */
async function command(
  db: Database,
  id: string,
  person: string,
  verb: "pause" | "stop" | "resume",
): Promise<Controlled> {
  const run = await findRun(db, id);
  // In a transaction, as one whose response is lost must not be told of twice.
  const { refused } = await db.transaction((transaction) =>
    transaction.one<{ refused: string | null }>(sql`
      select wavegate.control_run(${uuid(run.id)}, ${verb}, ${person}) as refused`),
  );
  if (refused === "RunCompleted") {
    throw new Refusal("RunCompleted", `Run ${run.reference} is complete. Nothing was changed.`);
  }
  if (refused === "RunErased") requirePeople(await findRun(db, run.id), "Going on");
  if (refused !== null) {
    await requirePermission(db, person, "legacy_imports.run");
    throw new Refusal(
      refused,
      `Run ${run.reference} was not told to ${verb}. Nothing was changed.`,
    );
  }
  return { run: run.id, control: verb === "resume" ? "run" : verb };
}

/**
 * Notes that a run waits for a command: it is paused, or it halted and why. Noted again, or late, it
 * changes nothing about a run that has come to an end since, and the log keeps one entry for one halt.
 */
export async function noteWaiting(
  { stage, clock }: Pick<Services, "stage" | "clock">,
  input: {
    readonly run: string;
    readonly status: "halted" | "paused";
    readonly because?: { readonly error: string; readonly message: string };
  },
): Promise<void> {
  const run = await findRun(stage, input.run);
  await stage.transaction(async (transaction) => {
    const noted = await transaction.execute(sql`
      update wavegate.legacy_import_runs r
         set status = ${input.status}, halted_because = ${json(input.because ?? null)}, updated_at = now()
       where id = ${uuid(run.id)} and status <> 'rolled_back' and erased_at is null
         and (status <> 'completed' or exists (
               select from wavegate.waves w where w.run_id = r.id and w.status = 'rolled_back'))
         and (status, halted_because) is distinct from (${input.status}, nullif(${json(input.because ?? null)}, 'null'))`);
    if (noted === 0) return;
    const details = input.because ? { error: input.because.error } : {};
    await appendAudit(
      transaction,
      run.id,
      { actor: "wavegate", action: input.status, details },
      clock(),
    );
  });
}
