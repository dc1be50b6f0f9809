import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import type { Run } from "../../data/runs.ts";
import { sql, text } from "../../data/sql.ts";
import type { Controlled } from "../../review/control.ts";
import { askToDecide } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { startExecution } from "../execution.ts";
import { runNamed } from "../runs.ts";
import { executionOf } from "../standing.ts";
import { withAws } from "./with-aws.ts";

type Verb = "pause" | "resume" | "stop";

/** `wavegate pause|resume|stop`: says what the run is to do before its next batch (W9). */
export const control = (frame: Frame, verb: Verb, runName: string): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, runName);
    const { arn, alive } = await executionOf(aws, run);
    const done = await askToDecide<Controlled>(aws, { decide: verb, run: run.id });
    // One that waits for an answer nobody can give any more never comes to its next batch.
    const over = !alive || (await endIfUnanswerable(aws, arn));
    const again = verb === "resume" && over;
    // A run whose execution is over goes on in a new one, from where its stages and waves stand.
    if (again) await goOn(aws, run);
    return {
      json: { ...done, run: run.reference, started: again },
      text: [says(verb, run.reference, again, alive)],
    };
  });

function says(verb: Verb, reference: string, goesOn: boolean, alive: boolean): string {
  const watch = `See \`wavegate watch --run ${reference}\`.`;
  switch (verb) {
    case "pause":
      return alive
        ? `${reference} pauses before its next batch; one that is under way is finished first. ${watch}`
        : `${reference} is not under way; when it is resumed, it pauses before its next batch.`;
    case "stop":
      return `${reference} is stopped before its next batch; one that is under way is finished first. What was committed stays: \`wavegate rollback --run ${reference}\` takes it back.`;
    case "resume":
      return goesOn
        ? `${reference} goes on. ${watch}`
        : `${reference} may go on; nothing of it waited for this. ${watch}`;
  }
}

/**
 * Ends an execution that waits for an answer which cannot come any more: its question was voided (a
 * rollback does that), or it was decided and the task was never told. Returns whether it did.
 */
export async function endIfUnanswerable({ db, states }: Aws, arn: string | null): Promise<boolean> {
  const [latest] = await db.rows<{ unanswerable: boolean }>(sql`
    select status in ('voided', 'expired')
           or (status in ('approved', 'rejected') and token is not null and notified_at is null) as unanswerable
      from wavegate.sign_offs where execution_arn = ${text(arn)}
     order by asked_at desc limit 1`);
  if (arn === null || latest?.unanswerable !== true) return false;
  const cause = "It waits for an answer that cannot come; the run goes on in a new execution.";
  await states.send(new StopExecutionCommand({ executionArn: arn, error: "Superseded", cause }));
  return true;
}

const goOn = (aws: Aws, run: Run): Promise<string> =>
  startExecution(aws, "migration", run.id, "resume", {
    migration: run.migration,
    run: run.id,
    acknowledge: run.acknowledgements,
  });
