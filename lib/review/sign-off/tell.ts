import { localSettings } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { sql, timestamp, uuid } from "../../data/sql.ts";
import type { Services } from "../../services/services.ts";
import { type SignOff, signOffColumns } from "../sign-off-store.ts";

/** What a waiting task gets as its output: ids and digests only (W14). */
export interface TaskOutput {
  readonly decision: "approved" | "rejected";
  readonly signOff: string;
  readonly digest: string;
}

/**
 * What became of telling the executions: `told`; `closed`, as none waits any longer;
 * `nobody_waits`; `later`, as one could not be reached, and {@link tellDecided} tries again when the run's page is opened.
 */
export type Told = "told" | "closed" | "nobody_waits" | "later";

type Needs = Pick<Services, "sign" | "executions" | "tokens" | "clock">;

/**
 * Tells every task that waits for a stored decision: the one it was asked for, and those of older
 * questions of the same gate that it replaced, or of all that there are by now. Safe to repeat: a task is told
 * once. Nothing happens for a sign-off that is not decided.
 */
export async function tell(
  services: Needs,
  signOff: SignOff,
  which: "replaced" | "all" = "replaced",
): Promise<Told> {
  const { status } = signOff;
  if (status !== "approved" && status !== "rejected") return "nobody_waits";
  const older = sql`asked_order < (select s.asked_order from wavegate.sign_offs s where s.id = ${uuid(signOff.id)})`;
  const waiting = await rowsWhole<{ id: string; token: string }>(
    services.sign,
    sql`
    select id::text as id, token from wavegate.sign_offs
     where run_id = ${uuid(signOff.run_id)} and gate = ${signOff.gate}
       and token is not null and notified_at is null
       and (id = ${uuid(signOff.id)} or (status <> 'pending' and ${which === "all" ? sql`true` : older}))
     order by asked_order`,
  );
  const output: TaskOutput = { decision: status, signOff: signOff.id, digest: signOff.digest };
  const outcomes = new Set<Told>();
  for (const { id, token } of waiting) outcomes.add(await tellOne(services, id, token, output));
  const order: readonly Told[] = ["later", "told", "closed"];
  return order.find((outcome) => outcomes.has(outcome)) ?? "nobody_waits";
}

/** What who decided is told of {@link tell}: a task that another press of the button told before is told. */
export async function tellNow(services: Needs, signOff: SignOff): Promise<Told> {
  const told = await tell(services, signOff);
  if (told !== "nobody_waits") return told;
  const [already] = await services.sign.rows(sql`
    select 1 as yes from wavegate.sign_offs where id = ${uuid(signOff.id)} and notified_at is not null`);
  return already ? "told" : told;
}

async function tellOne(
  services: Needs,
  id: string,
  sealed: string,
  output: TaskOutput,
): Promise<Told> {
  try {
    return await services.sign.transaction(async (transaction) => {
      await transaction.rows(localSettings);
      // Of two who tell it at once the second waits, and does not take what the first one ended for an end of its own.
      const [open] = await transaction.rows(sql`
        select 1 as yes from wavegate.sign_offs where id = ${uuid(id)} and notified_at is null for update`);
      if (!open) return "told";
      const told = await services.executions.succeed(services.tokens.open(sealed), output);
      // The token has done its work: nothing keeps it any longer.
      await transaction.execute(sql`
        update wavegate.sign_offs set notified_at = ${timestamp(services.clock().toISOString())}, token = null
         where id = ${uuid(id)}`);
      return told;
    });
  } catch {
    // The decision is stored and stays: telling is repeated by whoever comes by next.
    return "later";
  }
}

/** Tells every execution of a run whose decision was stored, but whose task was not told (W3). */
export async function tellDecided(
  services: Needs,
  run: string,
): Promise<readonly { readonly signOff: string; readonly told: Told }[]> {
  // A run may have as many gates as waves, and of nearly all of them nobody waits.
  const decided = await rowsWhole<SignOff>(
    services.sign,
    sql`
    select distinct on (gate) ${signOffColumns(services.clock())} from wavegate.sign_offs
     where run_id = ${uuid(run)} and status in ('approved', 'rejected')
       and gate in (select w.gate from wavegate.sign_offs w
                     where w.run_id = ${uuid(run)} and w.token is not null and w.notified_at is null and w.status <> 'pending')
     order by gate, decided_order desc`,
  );
  const told: { signOff: string; told: Told }[] = [];
  for (const signOff of decided) {
    const outcome = await tell(services, signOff);
    if (outcome !== "nobody_waits") told.push({ signOff: signOff.id, told: outcome });
  }
  return told;
}
