import type { Run } from "../../data/runs.ts";
import { requireMayGoOn } from "../../review/people/acts.ts";
import { beginOnce, newestBegun } from "../../review/steer/begin-once.ts";
import { areOver } from "../../review/steer/coming-to-end.ts";
import { type Controlled, entriesOf } from "../../review/steer/control.ts";
import { wavesOf } from "../../review/steer/standing.ts";
import { executionName } from "../../review/steer/start-execution.ts";
import type { Machine } from "../../services/services.ts";
import { askToDecide, type Ended } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { startExecution } from "../execution.ts";
import { runNamed } from "../runs.ts";
import { executionOf, executionsUnderWay, isOver, wholeUnderWay, workflowOf } from "../standing.ts";
import { withAws } from "./with-aws.ts";

type Verb = "pause" | "resume" | "stop";

/**
 * `wavegate pause|resume|stop`: says what the run is to do before its next batch (W9).
 *
 * @param seen with a resume: the newest entry of the run's log that was shown; left out, the newest there is
 * @param now with a stop: what is under way ends at once, and not before its next batch
 */
export const control = (
  frame: Frame,
  verb: Verb,
  { run: name, now, seen }: { readonly run: string; readonly now?: true; readonly seen?: number },
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    // Before the run, so that what comes meanwhile counts as not seen.
    const entries = await entriesOf(aws.db, name);
    return tell(aws, verb, await runNamed(aws.db, name), seen ?? entries, now);
  });

/** Tells a run what it is to do; whoever else lets it go on at the same moment, one execution comes of it. Errors: `RunUnderWay`, and those of the decision. */
export async function tell(
  aws: Aws,
  verb: Verb,
  run: Run,
  seen: number,
  now?: true,
): Promise<Answer> {
  const newest = () => newestBegun(aws.db, run.id);
  const behind = verb === "resume" ? await newest() : 0;
  const machines: readonly Machine[] =
    verb === "resume" ? ["migration", "rollback"] : ["migration"];
  const { alive, doing, inTheWay } = await executionOf(aws, run, machines);
  if (verb === "resume") requireMayGoOn(run, inTheWay);
  const done = await askToDecide<Controlled & Ended>(
    aws,
    verb === "stop" && now === true
      ? { decide: "stop", run: run.id, now: await executionsUnderWay(aws, run) }
      : verb === "resume"
        ? { decide: verb, run: run.id, seen }
        : { decide: verb, run: run.id },
  );
  // One that waits for an answer nobody can give any more never comes to its next batch, and was ended; behind a step
  // that was begun alone nothing follows, nor behind one that was told to stop or to pause before.
  const over = async () => {
    if (!alive || doing === "step") return true;
    const left = (await wholeUnderWay(aws, run)).filter((each) => !done.ended.includes(each));
    return left.length === 0 || areOver(workflowOf(aws), run, left);
  };
  const again = verb === "resume" && !inTheWay && (await over());
  // A run whose execution is over goes on in a new one, from where its stages and waves stand.
  const started =
    again &&
    (await beginOnce({
      ...{ once: `${behind}`, behind, newest },
      begin: async (once) => (await goOn(aws, run, once)) !== "",
      isOver: (once) => isOver(aws, "migration", executionName(run.id, "resume", once)),
    }));
  const resumed = again ? "goes on" : inTheWay ? "step" : "told";
  return {
    json: { ...done, run: run.reference, started },
    text: [
      ...(done.already ? [`${run.reference} was told so before; nothing was changed.`] : []),
      verb === "stop"
        ? stopped(run.reference, now, (await wavesOf(aws.db, run)).length > 0)
        : says(verb, run.reference, resumed, alive),
    ],
  };
}

/** What a resume comes to: a new execution, word to a step that is done alone, or word to whatever goes on. */
type Resumed = "goes on" | "step" | "told";

function says(
  verb: "pause" | "resume",
  reference: string,
  resumed: Resumed,
  alive: boolean,
): string {
  const watch = `See \`wavegate watch --run ${reference}\`.`;
  switch (verb) {
    case "pause":
      return alive
        ? `${reference} pauses before its next batch; one that is under way is finished first. ${watch}`
        : `${reference} is not under way; when it is resumed, it pauses before its next batch.`;
    case "resume":
      return {
        "goes on": `${reference} goes on. ${watch}`,
        step: `${reference} may go on. A step of it is done alone now, and nothing follows that by itself: \`wavegate resume --run ${reference}\` once it is over. ${watch}`,
        told: `${reference} may go on; nothing of it waited for this. ${watch}`,
      }[resumed];
  }
}

function stopped(reference: string, now: true | undefined, written: boolean): string {
  const how = now
    ? "and its executions are ended; a wave that was being written is there whole, or not at all."
    : "before its next batch; one that is under way is finished first.";
  const stays = written
    ? `What was committed stays: \`wavegate rollback --run ${reference}\` takes it back.`
    : "Nothing of it is committed so far.";
  return `${reference} is stopped${now ? "," : ""} ${how} ${stays}`;
}

const goOn = (aws: Aws, run: Run, once: string): Promise<string> => {
  const input = { migration: run.migration, run: run.id, acknowledge: run.acknowledgements };
  return startExecution(aws, "migration", run.id, "resume", input, once);
};
