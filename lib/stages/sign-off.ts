import { sql, uuid } from "../data/sql.ts";
import { type Asked, ask } from "../review/sign-off/ask.ts";
import type { Services } from "../services/services.ts";
import { nextWave } from "./next-wave.ts";
import { openAfter } from "./run/opened-run.ts";

/** Which execution waits, and with which token. */
interface SignOffTask {
  readonly run: string;
  readonly executionArn: string;
  readonly token: string;
}

/**
 * Asks people about the gate that comes next. Where none is open any more (a person decided while
 * the task was on its way) the task goes on at once, and what comes next is looked at again.
 */
export async function askNextGate(
  services: Services,
  task: SignOffTask,
): Promise<Asked | { kind: "no_gate" }> {
  const { run } = await openAfter(services, task.run, "export-review");
  const step = await nextWave(services, run.id);
  if (step.next !== "ask") {
    await services.executions.succeed(task.token, { decision: "approved" });
    return { kind: "no_gate" };
  }
  const asked = await ask(services, { ...task, run: run.id, gate: step.gate });
  if (asked.kind === "asked") {
    // Somebody may have answered meanwhile, or stopped the run.
    await services.stage.execute(sql`
      update wavegate.legacy_import_runs set status = 'waiting', updated_at = now()
       where id = ${uuid(run.id)} and status <> 'stopped'
         and exists (select from wavegate.sign_offs where id = ${uuid(asked.signOff)} and status = 'pending')`);
  }
  return asked;
}
