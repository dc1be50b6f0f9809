import { sql, uuid } from "../data/sql.ts";
import type { Services } from "../services/services.ts";

/** Which sign-offs are void, and why. */
export interface Voiding {
  readonly run: string;
  /** In words, for whoever looks: “the run was rolled back”. */
  readonly because: string;
  /** Which of them: open questions only, everything but the first gate, or all. */
  readonly which: "open" | "after_first_wave" | "all";
}

type Needs = Pick<Services, "stage" | "executions" | "tokens">;

/**
 * Voids sign-offs of a run (R17), and tells the tasks that waited for their answers, so that no
 * execution waits for a question nobody can answer any more. Safe to repeat.
 */
export async function voidSignOffs(
  services: Needs,
  { run, because, which }: Voiding,
): Promise<void> {
  const { stage, executions, tokens } = services;
  await stage.execute(sql`
    update wavegate.sign_offs set status = 'voided', void_because = ${because}
     where run_id = ${uuid(run)} and status in ('approved', 'pending')
       and (${which} = 'all' or status = 'pending' or (${which} = 'after_first_wave' and gate <> 'first_wave'))`);
  const waiting = await stage.rows<{ id: string; token: string }>(sql`
    select id, token from wavegate.sign_offs
     where run_id = ${uuid(run)} and status = 'voided' and token is not null and notified_at is null`);
  for (const { id, token } of waiting) {
    await executions.succeed(tokens.open(token), { decision: "voided", signOff: id });
    await stage.execute(sql`
      update wavegate.sign_offs set notified_at = now(), token = null where id = ${uuid(id)}`);
  }
}
