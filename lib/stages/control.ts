import type { Database } from "../data/database.ts";
import { findRun, type Run } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { requirePermission } from "../review/permissions.ts";
import { voidSignOffs } from "../review/void-sign-offs.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { releaseLock } from "./commit-lock.ts";

/** What became of a command to a run. */
export interface Controlled {
  readonly run: string;
  readonly control: Run["control"];
  /** Waiting executions that were told, to go on or to end. */
  readonly told: number;
}

/** Pauses a run before its next batch (W9). Errors: `UnknownRun`, `PermissionDenied`. */
export const pause = (services: Services, id: string, person: string): Promise<Controlled> =>
  command(services, id, person, "pause");

/** Ends a run before its next batch and gives its lock back (W9, R17). */
export const stop = (services: Services, id: string, person: string): Promise<Controlled> =>
  command(services, id, person, "stop");

/** Lets a paused, stopped or halted run go on from where it was (W9). */
export const resume = (services: Services, id: string, person: string): Promise<Controlled> =>
  command(services, id, person, "run");

async function command(
  services: Services,
  id: string,
  person: string,
  control: Run["control"],
): Promise<Controlled> {
  await requirePermission(services.stage, person, "legacy_imports.run");
  const run = await findRun(services.stage, id);
  if (run.status === "completed") {
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
    if (control === "stop") await releaseLock(transaction, run);
    const action = control === "run" ? "resume" : control;
    await appendAudit(
      transaction,
      run.id,
      { actor: person, action, details: {} },
      services.clock(),
    );
  });
  if (control === "stop") {
    await voidSignOffs(services, { run: run.id, because: "the run was stopped", which: "open" });
  }
  const told =
    control === "pause"
      ? 0
      : await tellWaiting(services, run, control === "run" ? "resume" : "stop");
  return { run: run.id, control, told };
}

/** Keeps the token of an execution that waits for a command, halted or paused. */
export async function waitForCommand(
  services: Services,
  input: {
    readonly run: string;
    readonly kind: "halted" | "paused";
    readonly token: string;
    readonly because?: { error: string; message: string };
  },
): Promise<void> {
  const { stage, tokens, newId, clock } = services;
  const run = await findRun(stage, input.run);
  await stage.transaction(async (transaction) => {
    await transaction.execute(sql`
      insert into wavegate.waits (id, run_id, kind, token)
      values (${uuid(newId())}, ${uuid(run.id)}, ${input.kind}, ${tokens.seal(input.token)})`);
    await transaction.execute(sql`
      update wavegate.legacy_import_runs
         set status = ${input.kind}, halted_because = ${json(input.because ?? null)}, updated_at = now()
       where id = ${uuid(run.id)}`);
    const details = input.because ? { error: input.because.error } : {};
    await appendAudit(
      transaction,
      run.id,
      { actor: "wavegate", action: input.kind, details },
      clock(),
    );
  });
  // A `resume` that came between the look and the wait would otherwise be waited for again.
  const now = await findRun(stage, run.id);
  if (input.kind === "paused" && now.control !== "pause") {
    await tellWaiting(services, now, now.control === "stop" ? "stop" : "resume");
  }
}

/** Answers every execution of a run that waits for a command; answered twice, it is told once. */
async function tellWaiting(
  services: Services,
  run: Run,
  answer: "resume" | "stop",
): Promise<number> {
  const waits = await openWaits(services.stage, run.id);
  let told = 0;
  for (const { id, token } of waits) {
    const became = await services.executions.succeed(services.tokens.open(token), { answer });
    if (became === "told") told += 1;
    await services.stage.execute(sql`
      update wavegate.waits set closed_at = now(), answer = ${became === "told" ? answer : "closed"}
       where id = ${uuid(id)} and closed_at is null`);
  }
  return told;
}

const openWaits = (db: Database, run: string): Promise<{ id: string; token: string }[]> =>
  db.rows(sql`
    select id, token from wavegate.waits where run_id = ${uuid(run)} and closed_at is null order by opened_at`);
