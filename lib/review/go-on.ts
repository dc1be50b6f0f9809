import type { Run } from "../data/runs.ts";
import type { Services } from "../services/services.ts";
import { atWorkOn, requireMayGoOn, stepInTheWay } from "./acts.ts";
import { keepDecision } from "./keep-decision.ts";
import { startFor } from "./start-execution.ts";

type Needs = Pick<Services, "sign" | "executions" | "workflow" | "stamps" | "clock" | "newId">;

/**
 * Lets a run go on for a person (W9): what waits for that is told, and a run whose execution is over, or waited
 * in vain for an answer and was ended, goes on in a new one from where it stands. Errors: those of
 * `requireMayGoOn`, `keepDecision` and `startFor`.
 *
 * @param once as for {@link startFor}
 */
export async function goOn(
  services: Needs,
  person: string,
  run: Run,
  once?: string,
): Promise<void> {
  const found = await services.workflow.underWay();
  const inTheWay = stepInTheWay(found, run.id);
  requireMayGoOn(run, inTheWay);
  const { ended } = await keepDecision(services, person, { decide: "resume", run: run.id });
  const atWork = atWorkOn(
    found.filter(({ executionArn }) => !ended.includes(executionArn)),
    run.id,
  );
  // Behind a step that was begun alone nothing follows.
  if (inTheWay || (atWork !== undefined && atWork.doing !== "step")) return;
  const asked = {
    machine: "migration",
    about: "resume",
    input: { migration: run.migration, run: run.id, acknowledge: run.acknowledgements },
  } as const;
  await startFor(services, person, asked, once);
}
