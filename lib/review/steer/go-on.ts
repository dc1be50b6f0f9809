import type { Run } from "../../data/runs.ts";
import type { Machine, Services } from "../../services/services.ts";
import { doingOf, inTheWayOf, requireMayGoOn } from "../people/acts.ts";
import { beginOnce, newestBegun } from "./begin-once.ts";
import { areOver, isOverNow } from "./coming-to-end.ts";
import { keepDecision } from "./keep-decision.ts";
import { executionName, startFor } from "./start-execution.ts";

type Needs = Pick<Services, "sign" | "executions" | "workflow" | "stamps" | "clock" | "newId">;

/**
 * Lets a run go on for a person (W9): what waits for that is told, and a run whose execution is over, or waited
 * in vain for an answer and was ended, goes on in a new one from where it stands, in one whoever else asks for it at
 * the same moment. Errors: those of `requireMayGoOn`, `keepDecision`, `areOver`, `startFor` and `beginOnce`.
 *
 * @param seen as for `resume`
 */
export async function goOn(
  services: Needs,
  person: string,
  run: Run,
  seen: number | undefined,
): Promise<void> {
  const newest = () => newestBegun(services.sign, run.id);
  const behind = await newest();
  const found = await services.workflow.underWay();
  const inTheWay = inTheWayOf(found, run.id);
  requireMayGoOn(run, inTheWay);
  const { ended } = await keepDecision(services, person, { decide: "resume", run: run.id, seen });
  const atWork = found.filter(
    (each) =>
      each.name.startsWith(run.id) &&
      !ended.includes(each.executionArn) &&
      doingOf(each, run.id) !== "step",
  );
  // Behind a step that was begun alone nothing follows, nor behind what was told to stop or to pause.
  if (inTheWay) return;
  const arns = atWork.map(({ executionArn }) => executionArn);
  if (arns.length > 0 && !(await areOver(services.workflow, run, arns))) return;
  const asked = {
    machine: "migration",
    about: "resume",
    input: { migration: run.migration, run: run.id, acknowledge: run.acknowledgements },
  } as const;
  await beginOnce({
    ...{ once: `${behind}`, behind, newest },
    begin: async (once) => (await startFor(services, person, asked, once)).executionArn !== "",
    isOver: (once) => isOver(services, asked.machine, executionName(run.id, asked.about, once)),
  });
}

/** One that was begun just now may not be known yet. */
export const isOver = (
  { workflow }: Pick<Services, "workflow">,
  machine: Machine,
  name: string,
): Promise<boolean> => isOverNow(workflow, workflow.arnOf({ machine, name }));
