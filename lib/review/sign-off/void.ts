import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { sql, uuid } from "../../data/sql.ts";
import type { Services } from "../../services/services.ts";

/** Which sign-offs are void, and why. */
interface Voiding {
  readonly run: string;
  /** In words, for whoever looks: “the run was rolled back”. */
  readonly because: string;
  /** Which of them: open questions only, everything but the first gate, or all. */
  readonly which: "open" | "after_first_wave" | "all";
}

/** Voids sign-offs of a run (R17); whoever opens their links reads why. Safe to repeat. */
export const voidSignOffs = (db: Database, { run, because, which }: Voiding): Promise<number> =>
  db
    .one<{ voided: number }>(
      sql`select wavegate.void_sign_offs(${uuid(run)}, ${because}, ${which}) as voided`,
    )
    .then(({ voided }) => voided);

/**
 * Tells the tasks that waited for the answers of voided questions, so that no execution waits for
 * what nobody can answer any more. Told twice, a task is told once.
 */
export async function tellVoided(
  { sign, executions, tokens }: Pick<Services, "sign" | "executions" | "tokens">,
  run: string,
): Promise<void> {
  const waiting = await rowsWhole<{ id: string; token: string }>(
    sign,
    sql`
    select id, token from wavegate.sign_offs
     where run_id = ${uuid(run)} and status = 'voided' and token is not null and notified_at is null
     order by asked_order`,
  );
  for (const { id, token } of waiting) {
    await executions.succeed(tokens.open(token), { decision: "voided", signOff: id });
    await sign.execute(sql`
      update wavegate.sign_offs set notified_at = now(), token = null where id = ${uuid(id)}`);
  }
}
