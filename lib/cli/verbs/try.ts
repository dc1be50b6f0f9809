import { randomUUID } from "node:crypto";
import { findRun, type Run } from "../../data/runs.ts";
import { sql } from "../../data/sql.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { type Forgotten, forgetWhole } from "../../review/steer/forget-trial.ts";
import { Refusal } from "../../services/errors.ts";
import { several } from "../../services/words.ts";
import { askToDecide } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import type { Output } from "../commands/shared.ts";
import { follow, startExecution, succeeded } from "../execution.ts";
import { CannotRun } from "../failure.ts";
import { migrationNamed } from "../migrations.ts";
import { runNamed } from "../runs.ts";
import { executionOf } from "../standing.ts";
import { prepareLocally } from "./set-up.ts";
import { dryRun } from "./stages.ts";
import { withAws } from "./with-aws.ts";

interface Options extends Output {
  readonly rows?: number;
  readonly connection?: string;
  readonly forget?: true;
  readonly run?: string;
}

/** `wavegate try`: a definition tried on a slice of the source up to its dry run (B12), or its trials taken away. */
export async function tryOut(frame: Frame, name: string, options: Options): Promise<Answer> {
  const migration = migrationNamed(name);
  if (options.forget) return withAws(frame, (aws) => forget(aws, name, options.run));
  if (options.run !== undefined) {
    throw new CannotRun(
      "Usage",
      "try takes --run only together with --forget. Nothing was written; `wavegate try --help` shows both.",
    );
  }
  await prepareLocally(frame, migration);
  return withAws(frame, async (aws) => {
    const id = randomUUID();
    const { connection, rows = 500 } = options;
    const executionArn = await startExecution(aws, "migration", id, "trial", {
      migration: migration.name,
      run: id,
      trial: { rows },
      ...(connection === undefined ? {} : { connection }),
    });
    succeeded(await follow(aws, frame, executionArn, id));
    const run = await runNamed(aws.db, id);
    const { json, text } = await dryRun(aws, run);
    return {
      json: { ...(json as object), trial: run.trial },
      text: [...text, "", trialSays(migration)],
    };
  });
}

/** What is said of a trial behind its dry run: many of its rows name others that stand in no slice. */
export function trialSays(migration: WholeMigration): string {
  const names = partsOf(migration).some(({ entity }) => Object.keys(entity.refs ?? {}).length > 0);
  return `This was a trial of a part of the source: nobody signs it and nothing of it is written.${names ? " A row that names one outside of that part is held here, as if there was none." : ""} \`wavegate try ${migration.name} --forget\` takes it away.`;
}

/** Takes the trials of a migration away, or one of them. */
async function forget(aws: Aws, migration: string, name: string | undefined): Promise<Answer> {
  const trials =
    name === undefined ? await trialsOf(aws, migration) : [await runNamed(aws.db, name)];
  const gone: { run: string; rows: number }[] = [];
  for (const run of trials) {
    await refuseUnderWay(aws, run);
    const rows = await forgetWhole(() =>
      askToDecide<Forgotten>(aws, { decide: "forget", run: run.id }),
    );
    gone.push({ run: run.reference, rows });
  }
  return {
    json: { forgotten: gone },
    text:
      gone.length === 0
        ? [`There is no trial of ${migration}. Nothing was changed.`]
        : gone.map(({ run, rows }) => `${run} is forgotten, with ${several(rows, "staged row")}.`),
  };
}

async function trialsOf({ db }: Aws, migration: string): Promise<Run[]> {
  const found = await db.rows<{ id: string }>(sql`
    select id from wavegate.legacy_import_runs
     where migration = ${migration} and trial is not null order by created_at, id`);
  return Promise.all(found.map(({ id }) => findRun(db, id)));
}

async function refuseUnderWay(aws: Aws, run: Run): Promise<void> {
  const { alive } = await executionOf(aws, run);
  if (!alive) return;
  throw new Refusal(
    "RunUnderWay",
    `${run.reference} is under way. Nothing was changed; \`wavegate watch --run ${run.reference}\` waits for its end.`,
  );
}
