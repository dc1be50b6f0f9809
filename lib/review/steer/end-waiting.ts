import type { Database } from "../../data/database.ts";
import { sql, text, timestamp, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { denied } from "../people/permissions.ts";

/** Executions that wait for an answer which cannot come: of questions withdrawn, or also of ones decided but never told. */
type InVain = "withdrawn" | "withdrawn or decided";

/**
 * ARNs of a run's executions that wait for an answer in vain: the question was voided, or it was decided and the
 * task never told, and no question of the gate is open, a newer one in any case, whose answer the task would hear.
 */
export const waitingInVain = (db: Database, run: string, which: InVain): Promise<string[]> =>
  db
    .rows<{ arn: string }>(sql`
    select distinct s.execution_arn as arn from wavegate.sign_offs s
     where s.run_id = ${uuid(run)} and s.execution_arn is not null
       and s.awaited and s.notified_at is null
       and (s.status = 'voided' or (${which === "withdrawn or decided"} and s.status in ('approved', 'rejected')))
       and not exists (select from wavegate.sign_offs n
                        where n.run_id = s.run_id and n.gate = s.gate and n.status = 'pending')`)
    .then((rows) => rows.map(({ arn }) => arn));

/**
 * Ends them, whoever may ask for it having been looked at before; what is sent again ends nothing twice.
 * Returns their ARNs.
 */
export async function endWaiting(
  { sign, executions, clock }: Pick<Services, "sign" | "executions" | "clock">,
  run: string,
  which: InVain,
): Promise<string[]> {
  const arns = await waitingInVain(sign, run, which);
  for (const arn of arns) {
    await executions.stop(
      arn,
      "It waits for an answer that cannot come; the run goes on in a new execution.",
    );
    // Nobody is to be told any more.
    await sign.execute(sql`
      update wavegate.sign_offs set notified_at = ${timestamp(clock().toISOString())}, token = null
       where run_id = ${uuid(run)} and execution_arn = ${text(arn)}
         and notified_at is null and status <> 'pending'`);
  }
  return arns;
}

/**
 * Withdraws what is still asked about a run, or only what is past its time, each with an entry of the log. Safe to
 * repeat. Whoever answers at the same moment comes first, or is refused.
 */
export async function withdrawOpen(
  { sign, clock }: Pick<Services, "sign" | "clock">,
  run: string,
  because: string,
  which: "all" | "expired" = "all",
): Promise<void> {
  await sign.transaction(async (db) => {
    const open = await db.rows<{ id: string; gate: string; digest: string }>(sql`
      update wavegate.sign_offs set status = 'voided', void_because = ${because}
       where run_id = ${uuid(run)} and status = 'pending'
         and (${which === "all"} or expires_at <= ${timestamp(clock().toISOString())})
      returning id::text as id, gate, digest`);
    for (const { id, gate, digest } of open) {
      const details = { signOff: id, gate, because };
      const event = { actor: "wavegate", action: "sign-off-voided", digest, details };
      await appendAudit(db, run, event, clock());
    }
  });
}

/**
 * Notes that nobody is waited for any more, in the name of somebody who may do what withdraws a question
 * (`schema/009-operators.sql`). Errors: `PermissionDenied`.
 */
export async function noteWithdrawn(db: Database, run: string, person: string): Promise<void> {
  const { refused } = await db.transaction((transaction) =>
    transaction.one<{ refused: string | null }>(
      sql`select wavegate.note_withdrawn(${uuid(run)}, ${person}) as refused`,
    ),
  );
  if (refused === "PermissionDenied") {
    throw denied(["legacy_imports.run", "legacy_imports.validate", "legacy_imports.review"]);
  }
  if (refused !== null)
    throw new Refusal(refused, "There is no such run. Nothing was changed; see `wavegate runs`.");
}
