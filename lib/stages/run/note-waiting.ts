import { findRun } from "../../data/runs.ts";
import { json, sql, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { sayable } from "../../evidence/contacts.ts";
import type { Services } from "../../services/services.ts";

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
  const because = input.because && sayable(input.because);
  const run = await findRun(stage, input.run);
  await stage.transaction(async (transaction) => {
    const noted = await transaction.execute(sql`
      update wavegate.legacy_import_runs r
         set status = ${input.status}, halted_because = ${json(because ?? null)}, updated_at = now()
       where id = ${uuid(run.id)} and status <> 'rolled_back' and erased_at is null
         -- What was stopped meanwhile is not paused.
         and not (status = 'stopped' and ${input.status} = 'paused')
         -- Of a run that is complete nothing waits, unless somebody began to take it back.
         and (status <> 'completed' or (${input.status} = 'halted' and control = 'stop') or exists (
               select from wavegate.waves w where w.run_id = r.id and w.status = 'rolled_back'))
         and (status, halted_because) is distinct from (${input.status}, nullif(${json(because ?? null)}, 'null'))`);
    if (noted === 0) return;
    const details = because ? { error: because.error } : {};
    await appendAudit(
      transaction,
      run.id,
      { actor: "wavegate", action: input.status, details },
      clock(),
    );
  });
}
