import type { z } from "zod";
import type { Run } from "../../data/runs.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { atWorkOn } from "../people/acts.ts";
import { beginOnce, newestAlone, onceBehind } from "./begin-once.ts";
import { movedOn } from "./control.ts";
import { isOver } from "./go-on.ts";
import { executionName, type StartRequest, startFor } from "./start-execution.ts";

type Needs = Pick<Services, "sign" | "executions" | "workflow" | "stamps" | "clock" | "newId">;

/** Who asks for what of a run, and what they saw of it. */
interface Alone {
  readonly person: string;
  readonly run: Run;
  /** The newest entry of its log that the person saw, if that is known. */
  readonly seen: number | undefined;
}

/**
 * Whether what a person asks for was begun already: by the same person, since what they saw, or by whoever asked for it at
 * the same moment. Errors: `RunMovedOn` where somebody else began the same since, unseen.
 *
 * @param about what it is for, as its execution's name says
 */
export async function wasBegun(
  { sign, workflow }: Pick<Services, "sign" | "workflow">,
  { person, run, seen }: Alone,
  about: string,
): Promise<boolean> {
  const { entry, by } = await newestAlone(sign, run.id, about);
  if (seen !== undefined && entry > seen) {
    if (by === person) return true;
    throw movedOn(run);
  }
  const same = executionName(run.id, about, `${entry}-`);
  return (await workflow.underWay()).some(({ name }) => name.startsWith(same));
}

/** Errors: `RunUnderWay` where anything of the run is under way: a page begins nothing beside it. */
export async function requireAlone(
  { workflow }: Pick<Services, "workflow">,
  run: Run,
): Promise<void> {
  if (atWorkOn(await workflow.underWay(), run.id) === undefined) return;
  throw new Refusal(
    "RunUnderWay",
    `Something of run ${run.reference} is under way already, and this was not begun beside it. Look at the run, and send it again when that is over.`,
  );
}

/**
 * Begins a rollback, a wave or a step of a run for a person: one execution, whoever else asks for the same at the same
 * moment. Errors: those of `startFor` and `beginOnce`.
 */
export async function beginAlone(
  services: Needs,
  { person, run }: Pick<Alone, "person" | "run">,
  asked: z.infer<typeof StartRequest>,
): Promise<void> {
  const { machine, about, input } = asked;
  const newest = async () => (await newestAlone(services.sign, run.id, about)).entry;
  const behind = await newest();
  await beginOnce({
    ...{ once: onceBehind(behind, input), behind, newest },
    begin: async (once) => (await startFor(services, person, asked, once)).executionArn !== "",
    isOver: (once) => isOver(services, machine, executionName(run.id, about, once)),
  });
}
